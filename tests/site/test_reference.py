"""The reference as pages: where the address of a term or a shape lands, and the full entry it leads to."""

from __future__ import annotations

import gzip
import posixpath
import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from warranted import reference, resources, shape_model
from warranted.language import get
from warranted.language.terms import SH
from warranted.namespaces import NIC, RDF, SHAPES
from warranted_site.reference_texts import Texts

MOST = 10_240
"""Bytes a page may have, as gzip packs it best."""
SPACIOUS = 9_000
"""The same for an index, which grows with every term and field."""
BOTH = pytest.mark.parametrize("code", ["en", "es"])


@dataclass
class Anchors(HTMLParser):
    """The elements with an id of one page: tag, text, and the first link at or in each."""

    html: str
    tags: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str | None]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open.append((tag, given.get("id")))
        if name := given.get("id"):
            self.tags[name] = tag
        if href := given.get("href"):
            for _, around in self._open:
                if around:
                    self.links.setdefault(around, href)

    def handle_endtag(self, tag: str) -> None:
        while tag in (name for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, around in self._open:
            if around:
                self.texts[around] = self.texts.get(around, "") + data

    def text(self, name: str) -> str:
        """What stands in an element, on one line."""
        return " ".join(self.texts.get(name, "").split())


@cache
def page(file: Path) -> Anchors:
    return Anchors(file.read_text(encoding="utf-8"))


def site(demo: Any, code: str) -> Path:
    root: Path = demo.html
    return root if code == "en" else root / code


def followed(folder: Path, index: str, anchor: str) -> tuple[Anchors, str]:
    """The page that the link at an anchor of an index leads to, and the anchor there."""
    href, _, there = page(folder / index).links[anchor].partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(index), href))
    return page(folder / target), there or target.split("/")[-2]


@BOTH
def test_the_address_of_every_term_leads_to_its_full_entry_in_one_step(
    demo: Any, code: str
) -> None:
    folder, texts = site(demo, code), Texts(get(code))
    ontology = resources.ontology() / "warranted.ttl"
    triples = list(ox.parse(path=str(ontology), format=ox.RdfFormat.TURTLE))
    subjects = {q.subject.value for q in triples if isinstance(q.subject, ox.NamedNode)}
    known = {t.iri: t for t in reference.terms()}
    assert {iri for iri in subjects if iri.startswith(NIC)} == known.keys()
    index = page(folder / "ns/index.html")
    for iri, term in known.items():
        assert index.tags[term.key] == "a", term.key
        assert index.text(term.key) == texts.label(iri)
        entry, there = followed(folder, "ns/index.html", term.key)
        assert there == term.key
        assert entry.tags[there] == "section"
        told = entry.text(there)
        pointed = [*term.parents, *term.domain, *term.range_, *term.inverse, *term.alike]
        for other in (iri, *pointed):
            label = texts.label(other) if other in known else reference.short(other)
            assert label in told, (term.key, other)
        assert f"nic:{term.key}" in told
        assert texts.definition(iri) in told
        if term.source != "This ontology":
            assert texts.source(iri).rstrip(".") in told
        hrefs = [f"shapes/{place}/index.html" for place, _ in term.used_in]
        assert all(href in entry.html for href in hrefs)


@BOTH
def test_the_address_of_every_field_and_rule_leads_to_its_row_in_one_step(
    demo: Any, code: str
) -> None:
    folder, texts = site(demo, code), Texts(get(code))
    index = page(folder / "shapes/index.html")
    types = shape_model.shipped().types.values()
    for of in types:
        anchor = of.shape.removeprefix(SHAPES)
        assert index.tags[anchor] == "li"
        entry, there = followed(folder, "shapes/index.html", anchor)
        assert (entry.tags[there], there) == ("section", anchor)
        assert texts.label(of.shape) in entry.text(there)
        for known in of.fields:
            first, *others = (shape.removeprefix(SHAPES) for shape in known.shapes)
            assert all(other in index.tags for other in others)
            assert index.text(first) == texts.label(known.shapes[0])
            row, there = followed(folder, "shapes/index.html", first)
            assert (row.tags[there], there) == ("tr", first)
            assert texts.definition(known.shapes[0]) in row.text(there)
        for rule in of.rules:
            name = rule.shape.removeprefix(SHAPES)
            told, there = followed(folder, "shapes/index.html", name)
            assert (told.tags[there], there) == ("li", name)
            assert texts.definition(rule.shape) == told.text(there)
            assert texts.definition(rule.shape) in entry.text(anchor), "with the type that has it"


def test_every_named_shape_of_a_record_has_its_place(demo: Any) -> None:
    """What the files say, whatever the model makes of it: only the checks on any text have none."""
    shapes = set()
    for file in resources.shapes().glob("*.ttl"):
        if file.stem != "privacy":
            for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
                if quad.predicate.value == f"{SH}name":
                    shapes.add(quad.subject.value)
    named = {iri.removeprefix(SHAPES) for iri in shapes if iri.startswith(SHAPES)}
    assert len(named) > 300
    assert named - page(demo.html / "shapes/index.html").tags.keys() == set()


@BOTH
def test_a_class_tells_of_properties_that_stand_elsewhere(demo: Any, code: str) -> None:
    folder = site(demo, code) / "ns"
    cycle = (folder / "PDSACycle/index.html").read_text(encoding="utf-8")
    assert "ns/TestOfChange/index.html#hasFinding" in cycle, "what its broader class has"
    assert "ns/shared/index.html#atSite" in cycle
    site_ = (folder / "Site/index.html").read_text(encoding="utf-8")
    assert "ns/Network/index.html#memberSite" in site_, "what leads to it"
    test = (folder / "TestOfChange/index.html").read_text(encoding="utf-8")
    assert "ns/PDSACycle/index.html" in test, "its kinds"


@BOTH
def test_every_page_of_the_reference_is_lean(demo: Any, code: str) -> None:
    folder = site(demo, code)
    sizes = {
        file.relative_to(folder).as_posix(): len(gzip.compress(file.read_bytes(), 9, mtime=0))
        for top in ("ns", "scheme", "shapes")
        for file in (folder / top).rglob("*.html")
    }
    classes = sum(term.kind == "class" for term in reference.terms())
    assert len(sizes) > classes + len(shape_model.shipped().types)
    assert {path: size for path, size in sizes.items() if size > MOST} == {}
    for index in ("ns/index.html", "shapes/index.html"):
        assert sizes.pop(index) <= SPACIOUS, index


def test_no_name_is_taken_twice() -> None:
    anchors = {of.shape.removeprefix(SHAPES) for of in shape_model.shipped().types.values()}
    classes = {term.key for term in reference.terms() if term.kind == "class"}
    assert reference.SHARED not in anchors
    # Folders must differ where a file system does not tell capital letters apart, too.
    lowered = [key.lower() for key in (*classes, reference.SHARED, "versions")]
    assert len(lowered) == len(set(lowered))


@BOTH
def test_the_types_are_read_one_after_the_other(demo: Any, code: str) -> None:
    folder = site(demo, code) / "shapes"
    seen, here = [], next(f.parent.name for f in folder.glob("*/index.html") if _first(f))
    while here:
        seen.append(here)
        html = (folder / here / "index.html").read_text(encoding="utf-8")
        assert re.search(rf'href="\.\./\.\./shapes/index\.html#{here}"', html)
        after = re.search(r'rel="next" href="\.\./\.\./shapes/([\w-]+)/', html)
        here = after[1] if after else ""
    assert seen[-1] == reference.SHARED
    assert sorted(seen) == sorted(f.parent.name for f in folder.glob("*/index.html"))


def _first(file: Path) -> bool:
    return 'rel="prev"' not in file.read_text(encoding="utf-8")


@BOTH
def test_versions_lead_to_what_each_added(demo: Any, code: str) -> None:
    html = (site(demo, code) / "ns/versions/index.html").read_text(encoding="utf-8")
    for version in reference.versions():
        assert f"<h2>{version.number}</h2>" in html
        assert all(f"<code>{key}</code></a>" in html for key in version.added)


def test_the_data_stays_beside_the_indexes(demo: Any) -> None:
    for name, iri in (("ns/index", f"{NIC}hasFinding"), ("shapes/index", f"{SHAPES}test-stage")):
        for ending, fmt in (("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)):
            quads = ox.parse(path=str(demo.html / f"{name}.{ending}"), format=fmt)
            found = {q.subject.value for q in quads if q.predicate.value == f"{RDF}type"}
            assert iri in found
