"""A work and its files as an RO-Crate 1.1 in a zip; the same input gives the same bytes.

The `rocrate` library stamps the day it runs into what it writes; a crate that never changes is
written here.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from warranted.citing.works import Work

METADATA = "ro-crate-metadata.json"
LEVEL = 3
"""Of the zip: on PDF and Turtle, level 5 takes half as long again and saves seven bytes in a hundred."""
_CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {"sha256": "http://schema.org/sha256"},  # younger than that context
]
_SPARQL = "https://www.w3.org/TR/sparql11-query/"


Files = Mapping[str, tuple[str, bytes]]
"""Path in the crate → media type and content."""
Remote = Mapping[str, tuple[str, str]]
"""Address of what is part of the crate and not in it → media type and SHA-256."""


About = Mapping[str, str]
"""Path in the crate → what the file is, in a sentence."""
Languages = Mapping[str, str]
"""Path in the crate → the language tag of the file."""


def crate(
    work: Work,
    files: Files,
    remote: Remote = MappingProxyType({}),
    *,
    about: About = MappingProxyType({}),
    languages: Languages = MappingProxyType({}),
) -> bytes:
    """The crate of a work, as a zip whose files bear the work's day."""
    told = metadata(work, files, remote, about=about, languages=languages)
    content = {METADATA: json.dumps(told, indent=1, ensure_ascii=False).encode()}
    content |= {name: data for name, (_, data) in files.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            info = zipfile.ZipInfo(name, (*work.issued.timetuple()[:3], 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, compresslevel=LEVEL)
    return out.getvalue()


def metadata(
    work: Work,
    files: Files,
    remote: Remote = MappingProxyType({}),
    *,
    about: About = MappingProxyType({}),
    languages: Languages = MappingProxyType({}),
) -> dict[str, Any]:
    """The crate's JSON-LD."""
    publisher = {"@id": "#publisher"}
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": work.title,
        "description": work.abstract or f"{work.title}, version {work.version}",
        "datePublished": work.issued.isoformat(),
        "version": work.version,
        "identifier": work.iri,
        "url": work.url,
        "publisher": publisher,
        "license": {"@id": "#rights"},
        "hasPart": [{"@id": name} for name in [*sorted(files), *sorted(remote)]],
    }
    graph: list[dict[str, Any]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": "#publisher", "@type": "Organization", "name": work.publisher},
        {
            "@id": "#rights",
            "@type": "CreativeWork",
            "name": "Rights",
            "description": work.rights or "The source states no licence.",
        },
    ]
    if work.authors:
        authors = [{"@id": f"#author-{n}"} for n in range(1, len(work.authors) + 1)]
        root["author"] = authors if authors[1:] else authors[0]
        graph += [
            {"@id": f"#author-{n}", "@type": "Organization", "name": name}
            for n, name in enumerate(work.authors, 1)
        ]
    if work.part_of_iri:
        root["isBasedOn"] = {"@id": work.part_of_iri}
        graph.append(
            {
                "@id": work.part_of_iri,
                "@type": "CreativeWork",  # a Dataset would have to be a part of the crate
                "name": work.part_of,
                "version": work.version,
                "identifier": f"sha256:{work.digest}",
            }
        )
    graph += [
        _file(name, media, data, about.get(name, ""), languages.get(name, ""))
        for name, (media, data) in sorted(files.items())
    ]
    graph += [
        {
            "@id": url,
            "@type": "File",
            "name": url.rpartition("/")[2],
            "encodingFormat": media,
            "sha256": digest,
        }
        for url, (media, digest) in sorted(remote.items())
    ]
    if work.query:
        root["mentions"] = {"@id": "#run"}
        results = [{"@id": name} for name in sorted(files) if name.startswith("result.")]
        graph += [
            {
                "@id": "#run",
                "@type": "CreateAction",
                "name": "The query, run on the release",
                "endTime": work.issued.isoformat(),
                "instrument": {"@id": "query.rq"},
                "object": {"@id": work.part_of_iri},
                "result": results or {"@id": "./"},
            },
            {"@id": "#sparql", "@type": "ComputerLanguage", "name": "SPARQL", "url": _SPARQL},
        ]
    return {"@context": _CONTEXT, "@graph": graph}


def _file(name: str, media: str, data: bytes, about: str, language: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": media,
        "contentSize": str(len(data)),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if about:
        made["description"] = about
    if language:
        made["inLanguage"] = language
    if name == "query.rq":
        made |= {
            "@type": ["File", "SoftwareSourceCode"],
            "programmingLanguage": {"@id": "#sparql"},
        }
    return made
