"""The pages of the ontology, the schemes and the shapes in each language, and the files beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from markupsafe import escape

from warranted import context, json_schema, rdfio, reference, resources, vocabulary
from warranted.language import Language
from warranted.namespaces import RECORD_CLASSES
from warranted_site import field_pages, term_pages
from warranted_site.filling import Fill
from warranted_site.reference_texts import Texts, shape_files, triples


def pages(fill: Fill, language: Language) -> Iterator[Any]:
    """Every page of the reference in a language."""
    say, texts = language.gettext, Texts(language)
    terms = term_pages.Terms(texts)
    yield from term_pages.pages(fill, language, texts, terms)
    schemes = texts.in_order(vocabulary.shipped().values(), lambda s: (s.is_facet, s.iri))
    yield fill("scheme/index.html", "schemes", say("Schemes"), schemes=schemes, texts=texts)
    for scheme in schemes:
        title = texts.label(scheme.iri)
        yield fill(f"scheme/{scheme.key}/index.html", "scheme", title, s=scheme, texts=texts)
    yield from field_pages.pages(fill, language, texts, terms)


def redirects() -> dict[str, str]:
    """Path → HTML that leads on: a concept's own address leads to its place on its scheme's page."""
    found = {}
    for scheme in vocabulary.shipped().values():
        for concept in scheme.concepts:
            target = escape(f"../index.html#{concept.key}")
            found[f"scheme/{scheme.key}/{concept.key}/index.html"] = (
                '<!doctype html><html lang="en"><meta charset="utf-8">'
                '<link rel="icon" href="data:,">'
                f"<title>{escape(concept.label)}</title>"
                f'<meta http-equiv="refresh" content="0; url={target}">'
                f'<p><a href="{target}">{escape(concept.label)}</a></p></html>\n'
            )
    return found


def files() -> dict[str, bytes]:
    """Path → content of the files beside the pages."""
    found: dict[str, bytes] = {"context.jsonld": _json(context.context())}
    ontology = resources.ontology()
    _add(found, "ns/index", [(ontology / "warranted.ttl").read_bytes()])
    found["ns/index.nt"] = rdfio.serialise(
        reference.ordered(triples(found["ns/index.ttl"])), rdfio.Format.NTRIPLES
    )
    for file in sorted((ontology / "schemes").glob("*.ttl")):
        _add(found, f"scheme/{file.stem}/index", [file.read_bytes()])
    _add(found, "shapes/index", [file.read_bytes() for file in shape_files()])
    for type_ in RECORD_CLASSES:
        found[f"schema/{type_}.json"] = _json(json_schema.schema(type_))
    return found


def _add(found: dict[str, bytes], path: str, turtle: list[bytes]) -> None:
    found[f"{path}.ttl"] = b"\n".join(turtle)
    said = [t for text in turtle for t in triples(text)]
    found[f"{path}.jsonld"] = reference.as_jsonld(said)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"
