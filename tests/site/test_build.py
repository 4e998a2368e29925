"""The generator on its own: text never becomes markup, links lead somewhere, rebuilds are identical."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted import checking, dumps, manifest, mirror, release, resources, warrant
from warranted.namespaces import NIC, RDFS, ROOT
from warranted.records import Record
from warranted_site import build_site, linkcheck

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'&{{7*7}}"


def data(records: list[Record]) -> release.ReleaseData:
    computed = warrant.assessment_records(records, as_of=NOW.date(), base=ROOT)
    told = manifest.manifest(
        "2026-11-23", NOW, records, computed, basis="", publisher="Test", previous=None
    )
    told["dataset"] = {"triples": 0, "subjects": 0, "properties": 0}
    return release.ReleaseData("2026-11-23", NOW, ROOT, records, computed, told)


def package(name: str) -> list[Record]:
    policy = resources.ontology() / "policies" / "default-1.ttl"
    found = [*checking.read_file(resources.packages() / f"{name}.ttl", base=ROOT)]
    return found + checking.read_file(policy, base=ROOT)


def with_dumps(made: release.ReleaseData, out: Path) -> release.ReleaseData:
    folder = out.with_name(f"{out.name}-dumps")
    dumps.write(made.records, made.computed, folder)
    return replace(made, dumps=folder)


def build(records: list[Record], out: Path) -> dict[str, bytes]:
    build_site(with_dumps(data(records), out), out, lambda _done, _total, _stage: None)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_a_rebuild_is_the_same_to_the_byte(tmp_path: Path) -> None:
    records = package("nclabsi-neonatal")
    first = build(records, tmp_path / "a")
    assert first == build(list(reversed(records)), tmp_path / "b")


def test_text_of_records_never_becomes_markup(tmp_path: Path) -> None:
    literal = {f"{RDFS}label", f"{NIC}summary", f"{NIC}statementText", f"{NIC}locator"}
    literal |= {f"{NIC}{n}" for n in ("learned", "whatHappened", "predictionText", "curatorNote")}

    def spoilt(triple: ox.Triple) -> ox.Triple:
        if triple.predicate.value in literal:
            return ox.Triple(triple.subject, triple.predicate, ox.Literal(EVIL))
        return triple

    records = [
        Record(r.iri, r.type, tuple(map(spoilt, r.triples)))
        for r in package("illustrative-algebra-talk")
    ]
    for path, content in build(records, tmp_path / "site").items():
        if path.endswith(".html"):
            page = content.decode()
            assert "<script>alert(1)" not in page, path
            assert "{{7*7}}" in page or EVIL not in page, path
    idea = (tmp_path / "site" / "ideas" / "z1il-c1" / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in idea


def test_only_web_addresses_become_links(tmp_path: Path) -> None:
    def spoilt(triple: ox.Triple) -> ox.Triple:
        if triple.predicate.value == f"{NIC}url":
            return ox.Triple(triple.subject, triple.predicate, ox.Literal("javascript:alert(1)"))
        return triple

    records = [
        Record(r.iri, r.type, tuple(map(spoilt, r.triples))) for r in package("nclabsi-neonatal")
    ]
    for content in build(records, tmp_path / "site").values():
        assert b'href="javascript:' not in content


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ('<a href="nowhere.html">x</a>', "leads nowhere"),
        ('<a href="#gone">x</a>', "an anchor that is not there"),
        ('<a href="/root.html">x</a>', "would not work under a prefix"),
        ('<p id="a"></p><p id="a"></p>', "stands twice"),
    ],
)
def test_what_is_broken_is_named_with_its_page(html: str, says: str) -> None:
    (found,) = linkcheck.broken({"a/index.html": html}, ["a/index.html"])
    assert found.startswith("a/index.html: ")
    assert says in found


def test_links_that_lead_somewhere_pass() -> None:
    pages = {"a/index.html": '<a href="../b.html#x">x</a>', "b.html": '<p id="x"></p>'}
    assert linkcheck.broken(pages, [*pages]) == []


def test_a_stale_page_goes_and_nothing_else_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "a").mkdir(parents=True)
    (source / "a" / "index.html").write_text("a", encoding="utf-8")
    (source / "b.html").write_text("b", encoding="utf-8")
    mirror.mirror(source, target)
    before = (target / "b.html").stat().st_mtime_ns
    (source / "a" / "index.html").unlink()
    (source / "a").rmdir()
    mirror.mirror(source, target)
    assert not (target / "a").exists()
    assert (target / "b.html").stat().st_mtime_ns == before


def test_a_page_says_what_changed_since_the_last_release_and_why(tmp_path: Path) -> None:
    records = package("illustrative-algebra-talk")
    now = data(records)
    before = [r for r in records if not r.iri.endswith("/test/z1il-t10")]
    earlier = release.Previous("2026-02-01", now.created.date(), before, [])
    now = with_dumps(replace(now, previous=earlier), tmp_path / "a")
    build_site(now, tmp_path / "a", lambda _d, _t, _s: None)
    page = (tmp_path / "a/ideas/z1il-c1/index.html").read_text(encoding="utf-8")
    assert "<b>Since release 2026-02-01.</b> Rose from Replicated to Dependable" in page
    assert "because test T10 at Site A (city, lower secondary) supported it." in page
    other = (tmp_path / "a/ideas/z1il-c2/index.html").read_text(encoding="utf-8")
    assert "Since release" not in other


def test_home_tells_at_how_many_places_an_idea_failed(tmp_path: Path) -> None:
    records = [
        Record(
            r.iri, r.type, tuple(t for t in r.triples if t.predicate.value != f"{NIC}illustrative")
        )
        for r in package("illustrative-algebra-talk")
    ]
    page = build(records, tmp_path / "site")["index.html"].decode()
    strong, _, rest = page.partition("What did not work</h2>")
    failed = rest.partition("How strong is all this?")[0]
    assert "went as predicted at 6 of 7 places" in strong
    assert "did not go as predicted at" in failed
    assert "went as predicted at" not in failed
