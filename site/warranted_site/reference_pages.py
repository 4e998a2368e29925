"""The pages of the ontology, the schemes and the shapes, and the files beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from markupsafe import Markup, escape

from warranted import context, json_schema, rdfio, reference, resources, vocabulary
from warranted.namespaces import NIC, RECORD_CLASSES, SCHEME
from warranted_site.filling import Filler, Page
from warranted_site.links import relative

Fill = Callable[..., Any]
"""(path, template, title, **values) → page."""


def kept(
    filler: Filler,
    switch: Callable[[str], str],
    cache: Path,
    *,
    release: str,
    counts: Mapping[str, Any],
) -> Iterator[Page]:
    """Every page of the reference; what they show of themselves is kept in the file `cache`.

    Only the foot of a page tells of the release: it is put in place of that of a page of none.

    Args:
        cache: named after what these pages come from. switch: path of a page → its language switch.
    """

    def fill(path: str, template: str, title: str, **values: Any) -> Page:
        return filler.fill(
            path, template, title, switch=switch(path), release="", counts={}, **values
        )

    try:
        found: dict[str, str] = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        found = {page.path: page.html for page in pages(fill)}
        cache.parent.mkdir(parents=True, exist_ok=True)
        fresh = cache.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(found), encoding="utf-8")
        fresh.replace(cache)  # at once, so that nobody reads half of it
    for path, html in found.items():
        begins, foot = filler.foot(path), filler.foot(path, release=release, counts=counts)
        assert begins in html
        yield Page(path, html.replace(begins, foot, 1))


def pages(fill: Fill) -> Iterator[Any]:
    """Every page of the reference."""
    schemes = list(vocabulary.shipped().values())
    yield fill(
        "ns/index.html",
        "ontology",
        "The ontology",
        terms=reference.terms(),
        versions=reference.versions(),
        named=_named,
    )
    yield fill("scheme/index.html", "schemes", "Schemes", schemes=schemes)
    for scheme in schemes:
        yield fill(f"scheme/{scheme.key}/index.html", "scheme", scheme.label, s=scheme)
    yield fill(
        "shapes/index.html",
        "fields",
        "The fields of each record",
        tables=reference.tables(),
        shared=reference.shared_rows(),
        curie=reference.short,
    )


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
        reference.ordered(_triples(found["ns/index.ttl"])), rdfio.Format.NTRIPLES
    )
    for file in sorted((ontology / "schemes").glob("*.ttl")):
        _add(found, f"scheme/{file.stem}/index", [file.read_bytes()])
    shapes = [f.read_bytes() for f in sorted(resources.shapes().glob("*.ttl"))]
    _add(found, "shapes/index", shapes)
    for type_ in RECORD_CLASSES:
        found[f"schema/{type_}.json"] = _json(json_schema.schema(type_))
    return found


def _add(found: dict[str, bytes], path: str, turtle: list[bytes]) -> None:
    found[f"{path}.ttl"] = b"\n".join(turtle)
    triples = [t for text in turtle for t in _triples(text)]
    found[f"{path}.jsonld"] = reference.as_jsonld(triples)


def _triples(turtle: bytes) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _named(iri: str) -> Markup:
    """A term by its short name; one of ours as a link."""
    if iri.startswith(NIC):
        key = iri.removeprefix(NIC)
        return Markup('<a href="#{0}">{0}</a>').format(key)
    if iri.startswith(SCHEME):
        path = relative(f"scheme/{iri.removeprefix(SCHEME)}/index.html", 1)
        return Markup('<a href="{}">{}</a>').format(path, context.curie(iri))
    return Markup("<code>{}</code>").format(reference.short(iri))
