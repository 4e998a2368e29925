"""A release in parts: what did not change is kept, what did is archived, what is gone is gone."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import changes, checking, dumps, manifest, release, resources, warrant
from warranted.errors import GateFailed
from warranted.language import get
from warranted.namespaces import DCTERMS, NIC, RDFS, ROOT
from warranted.records import Record
from warranted_site import build_site, linkcheck
from warranted_site.options import Options
from warranted_site.parts import REST, parts_of
from warranted_site.takeaway import typesetting
from warranted_site.versions import FOLDER

NAMES = ("nclabsi-neonatal", "illustrative-algebra-talk")
MADE_UP = NAMES[1]
IDEA = "ideas/z1il-c1/index.html"
BOTH = Options(languages=(get("en"), get("es")), processes=1)


@cache
def shipped() -> tuple[Record, ...]:
    files = [resources.packages() / f"{name}.ttl" for name in NAMES]
    files.append(resources.ontology() / "policies" / "default-1.ttl")
    return tuple(r for file in files for r in checking.read_file(file, base=ROOT))


def made(
    folder: Path,
    id_: str,
    records: Sequence[Record],
    before: release.ReleaseData | None = None,
    *,
    purged: frozenset[str] = frozenset(),
    options: Options = BOTH,
) -> release.ReleaseData:
    """A release with its dumps and its site, below `folder`."""
    now = datetime.fromisoformat(f"{id_}T12:00:00").replace(tzinfo=UTC)
    computed = warrant.assessment_records(records, as_of=now.date(), base=ROOT)
    previous = None
    told = changes.changes(id_, (list(records), computed), None, ([], []))
    if before is not None:
        site = folder / before.id / "site"
        day = before.created.date()
        previous = release.Previous(before.id, day, before.records, before.computed, site)
        old = before.records, before.computed
        told = changes.changes(id_, (list(records), computed), before.id, old, purged=purged)
    described = manifest.manifest(
        id_, now, list(records), computed, basis="", publisher="Test", previous=None
    )
    described["dataset"] = {"triples": 0, "subjects": 0, "properties": 0}
    data = release.ReleaseData(
        id_, now, ROOT, list(records), computed, described, previous, purged=purged, changes=told
    )
    (folder / id_).mkdir(parents=True)
    dumps.write(data.records, computed, folder / id_ / "dumps")
    data = replace(data, dumps=folder / id_ / "dumps")
    build_site(data, folder / id_ / "site", lambda _d, _t, _s: None, options)
    return data


def reworded(records: Sequence[Record], iri: str, predicate: str, text: str) -> list[Record]:
    """The records, one of them with another text."""

    def new(triple: ox.Triple) -> ox.Triple:
        if triple.subject == ox.NamedNode(iri) and triple.predicate.value == predicate:
            return ox.Triple(triple.subject, triple.predicate, ox.Literal(text))
        return triple

    found = [
        Record(r.iri, r.type, tuple(map(new, r.triples))) if r.iri == iri else r for r in records
    ]
    assert found != list(records)
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases: the first; one in which an idea's summary changed; one as the second."""
    folder = tmp_path_factory.mktemp("three")
    idea = f"{ROOT}/id/idea/z1il-c1"
    first = made(folder, "2026-12-01", shipped())
    changed = reworded(shipped(), idea, f"{NIC}summary", "Now it is said otherwise.")
    second = made(folder, "2026-12-02", changed, first)
    made(folder, "2026-12-03", changed, second)
    return folder


def test_a_changed_record_rewrites_its_part_and_the_pages_of_the_whole(three: Path) -> None:
    old, new = three / "2026-12-01" / "site", three / "2026-12-02" / "site"
    own = {path for path in files(old) if "7qf3" in path or path.startswith("nclabsi")}
    assert len(own) > 40
    for path in own:
        assert (old / path).stat().st_ino == (new / path).stat().st_ino, path
    assert "Now it is said otherwise." in (new / IDEA).read_text(encoding="utf-8")
    assert "Now it is said otherwise." in (new / "es" / IDEA).read_text(encoding="utf-8")


def test_of_the_changed_part_only_pages_that_show_the_change_differ(three: Path) -> None:
    old, new = files(three / "2026-12-01" / "site"), files(three / "2026-12-02" / "site")
    changed = {p for p in old if new.get(p) != old[p] and p.endswith((".html", ".ttl", ".jsonld"))}
    shown = {p for p in changed if "z1il" in p or p.removeprefix("es/").startswith("illustrative")}
    beside = {IDEA.replace("html", ending) for ending in ("ttl", "jsonld")}
    package = "illustrative-algebra-talk/index.html"
    assert shown == {IDEA, f"es/{IDEA}", package, f"es/{package}", *beside}
    other = old["ideas/z1il-c2/index.html"].decode()
    assert "In this form since release 2026-12-01" in other
    assert "In this form since release 2026-12-02" in new[IDEA].decode()


def test_a_page_that_is_cited_names_the_release_it_is_in_its_form_since(tmp_path: Path) -> None:
    first = made(tmp_path, "2026-12-01", shipped(), options=Options(processes=1))
    idea, network = f"{ROOT}/id/idea/7qf3-c1", f"{ROOT}/id/network/7qf3-n"
    reworded_idea = reworded(shipped(), idea, f"{RDFS}label", "Said in another way")
    second = made(tmp_path, "2026-12-02", reworded_idea, first, options=Options(processes=1))
    renamed = reworded(reworded_idea, network, f"{RDFS}label", "Another name")
    made(tmp_path, "2026-12-03", renamed, second, options=Options(processes=1))

    def cited(release_: str, key: str) -> str:
        page = tmp_path / release_ / "site" / "ideas" / key / "index.html"
        return page.read_text(encoding="utf-8").partition('id="cite-apa"')[2]

    assert "2026-12-02" in cited("2026-12-02", "7qf3-c1")
    # the other idea's page does not show the first one's name, so it is cited as of the release before
    assert cited("2026-12-02", "7qf3-c3") == cited("2026-12-01", "7qf3-c3")
    assert "2026-12-01" in cited("2026-12-02", "7qf3-c3")
    # whose it is stands in the reference, so every reference is new
    for key in ("7qf3-c1", "7qf3-c3"):
        assert "Another name" in cited("2026-12-03", key)
        assert "2026-12-03" in cited("2026-12-03", key)


def test_when_nothing_changed_no_page_of_a_record_is_written(three: Path) -> None:
    old, new = three / "2026-12-02" / "site", three / "2026-12-03" / "site"
    for path in files(old):
        if path.split("/")[0] in ("ideas", "drivers", "measures", "sources", "versions"):
            assert (old / path).stat().st_ino == (new / path).stat().st_ino, path


def test_the_version_before_stays_readable_and_says_that_it_is_old(three: Path) -> None:
    for release_ in ("2026-12-02", "2026-12-03"):
        site = three / release_ / "site"
        then = site / FOLDER / "2026-12-01"
        page = (then / IDEA).read_text(encoding="utf-8")
        assert "Now it is said otherwise." not in page
        assert "This is an older version, of release 2026-12-01." in page
        assert '<meta name="robots" content="noindex">' in page
        (root,) = re.findall(r'l\.href="([^"]*)"', page)  # from where the fonts are fetched early
        assert ((then / IDEA).parent / root).resolve() == site.resolve()
        spanish = (then / "es" / IDEA).read_text(encoding="utf-8")
        assert "This is an older version" not in spanish
        assert "2026-12-01" in spanish
        assert (then / "ideas/z1il-c1/index.ttl").is_file()
        assert (then / "illustrative-algebra-talk/takeaway/cards.pdf").is_file()
        assert not (then / "nclabsi-neonatal").exists()


def test_the_package_names_its_versions_and_what_changed(three: Path) -> None:
    site = three / "2026-12-03" / "site"
    page = (site / "illustrative-algebra-talk/index.html").read_text(encoding="utf-8")
    assert 'href="../versions/2026-12-01/illustrative-algebra-talk/index.html"' in page
    assert "Release 2026-12-02" in page
    assert "2026-12-03" not in page
    other = (site / "nclabsi-neonatal/index.html").read_text(encoding="utf-8")
    assert "versions/" not in other
    spanish = (site / "es/illustrative-algebra-talk/index.html").read_text(encoding="utf-8")
    assert 'Resumen: se agregó «<span lang="en">Now it is said otherwise.</span>»' in spanish


def test_every_link_of_every_page_old_ones_too_leads_somewhere(three: Path) -> None:
    site = three / "2026-12-03" / "site"
    found = files(site)
    pages = {p: text.decode() for p, text in found.items() if p.endswith(".html")}
    assert sum(p.startswith(FOLDER) for p in pages) > 40
    assert linkcheck.broken(pages, found) == []


def test_what_is_withdrawn_has_no_page_and_old_versions_do_not_lead_there(tmp_path: Path) -> None:
    first = made(tmp_path, "2026-12-01", shipped())
    idea = f"{ROOT}/id/idea/z1il-c1"
    second = made(
        tmp_path, "2026-12-02", reworded(shipped(), idea, f"{NIC}summary", "Changed."), first
    )
    package = f"{ROOT}/id/package/"
    without = [r for r in second.records if "z1il" not in r.iri and not r.iri.startswith(package)]
    without += [r for r in second.records if r.iri.startswith(package) and "7qf3" in r.nquads]
    made(tmp_path, "2026-12-03", without, second)
    site = tmp_path / "2026-12-03" / "site"
    assert not (site / IDEA).exists()
    assert not (site / "es" / IDEA).exists()
    found = files(site)
    assert f"versions/2026-12-02/{IDEA}" in found
    pages = {p: text.decode() for p, text in found.items() if p.endswith(".html")}
    assert linkcheck.broken(pages, found) == []


def test_what_was_removed_for_privacy_is_in_no_older_version(tmp_path: Path) -> None:
    first = made(tmp_path, "2026-12-01", shipped())
    idea, test = f"{ROOT}/id/idea/z1il-c1", f"{ROOT}/id/test/z1il-t1"
    changed = reworded(shipped(), idea, f"{NIC}summary", "Changed.")
    changed = reworded(changed, test, f"{RDFS}label", "Pupil 8675309")
    second = made(tmp_path, "2026-12-02", changed, first)
    assert (tmp_path / "2026-12-02/site/versions/2026-12-01" / IDEA).is_file()
    without = [
        Record(r.iri, r.type, tuple(t for t in r.triples if t.object != ox.NamedNode(test)))
        for r in changed
        if r.iri != test
    ]
    made(tmp_path, "2026-12-03", without, second, purged=frozenset([test]))
    site = tmp_path / "2026-12-03" / "site"
    assert not list(site.glob("versions/**/*.html"))
    page = (site / "illustrative-algebra-talk/index.html").read_text(encoding="utf-8")
    assert "versions/2026-12-01" not in page
    assert [path for path, held in files(site).items() if b"8675309" in held] == []


def test_several_processes_give_the_bytes_that_one_gives(tmp_path: Path) -> None:
    made(tmp_path / "a", "2026-12-01", shipped(), options=replace(BOTH, processes=1))
    made(tmp_path / "b", "2026-12-01", shipped(), options=replace(BOTH, processes=2))
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_broken_link_in_a_part_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warranted_site.adapting.report_link", lambda *_: "nowhere/index.html")
    with pytest.raises(GateFailed, match=r"nowhere/index\.html leads nowhere"):
        made(tmp_path, "2026-12-01", shipped())


def _package(n: int, parts: Sequence[str]) -> Record:
    iri = f"{ROOT}/id/package/p{n}"
    lines = [f'<{iri}> <{NIC}slug> "p{n}" .', f"<{iri}> a <{NIC}ChangePackage> ."]
    lines += [f"<{iri}> <{DCTERMS}hasPart> <{part}> ." for part in parts]
    triples = ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.TURTLE)
    return Record(iri, "package", tuple(q.triple for q in triples))


def _plain(type_: str, n: int) -> Record:
    iri = f"{ROOT}/id/{type_}/x{n}"
    node = ox.NamedNode(iri)
    return Record(iri, type_, (ox.Triple(node, ox.NamedNode(f"{RDFS}label"), ox.Literal("x")),))


@given(st.lists(st.sets(st.integers(0, 7), max_size=4), max_size=5), st.sets(st.integers(0, 3)))
def test_each_idea_is_in_one_part_with_every_package_that_has_it(
    held: list[set[int]], sites: set[int]
) -> None:
    ideas = {n: _plain("idea", n) for n in range(8)}
    common = [_plain("site", n) for n in sorted(sites)]
    packages = [
        _package(n, [*(ideas[i].iri for i in sorted(has)), *(s.iri for s in common)])
        for n, has in enumerate(held)
    ]
    records = [*ideas.values(), *common, *packages]
    now = datetime(2026, 11, 1, tzinfo=UTC)
    data = release.ReleaseData("2026-12-01", now, ROOT, records, [], {})
    parts = parts_of(data)
    where = {r.iri: p.name for p in parts for r in p.records if r.type != "site"}
    assert len(where) == len(ideas) + len(packages)
    for n, has in enumerate(held):
        assert {where[ideas[i].iri] for i in has} <= {where[packages[n].iri]}
    free = set(ideas) - set().union(*held)
    assert {where[ideas[i].iri] for i in free} <= {REST}
    for n, has in enumerate(held):
        if not any(has & other for m, other in enumerate(held) if m != n):
            (own,) = [p for p in parts if p.name == where[packages[n].iri]]
            assert own.slugs == [f"p{n}"]


def searched(site: Path) -> dict[str, str]:
    """Path of a page → what the index of words shows of it, as the page that searches takes it."""
    told = json.loads((site / "pagefind" / "newer.json").read_bytes())
    folders = [site / "pagefind" / "fragment", site / "pagefind" / "newer" / "fragment"]
    assert folders[1].is_dir() == told["newer"]
    found: dict[str, str] = {}
    for file in (file for folder in folders for file in folder.glob("*")):
        if file.stem not in told["replaced"]:
            page = json.loads(gzip.decompress(file.read_bytes()).removeprefix(b"pagefind_dcd"))
            path = page["url"].removeprefix("/") + "index.html"  # it names the folder
            assert path not in found, "each page stands in one index"
            found[path] = page["content"]
    return found


def indexed(site: Path) -> bytes:
    """Every byte of the index of words, unpacked where it is packed."""
    found = []
    for file in sorted((site / "pagefind").rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            found.append(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    return b"\n".join(found)


def test_a_document_that_says_the_same_stays_as_it_was(three: Path) -> None:
    old, new = (three / day / "site" / MADE_UP / "takeaway" for day in ("2026-12-01", "2026-12-02"))
    same = {f.name: f.read_bytes() == (new / f.name).read_bytes() for f in old.glob("*.pdf")}
    # The idea's summary stands in the report and on its card, not on the form to fill in.
    assert same == {f"{MADE_UP}.pdf": False, "cards.pdf": False, "pdsa.pdf": True}
    spanish = f"es/{MADE_UP}/takeaway"
    form, card = f"{spanish}/pdsa.pdf", f"{spanish}/cards.pdf"
    sites = [three / day / "site" for day in ("2026-12-01", "2026-12-02", "2026-12-03")]
    assert (sites[0] / form).read_bytes() == (sites[1] / form).read_bytes()
    assert (sites[0] / card).read_bytes() != (sites[1] / card).read_bytes()
    assert (sites[1] / card).stat().st_ino == (sites[2] / card).stat().st_ino
    assert (sites[2] / "versions" / "2026-12-01" / card).is_file()


def test_with_another_setting_pages_are_made_anew_and_documents_are_not_typeset_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(tmp_path, "2026-12-01", shipped())

    def none(*_: object) -> bytes:
        pytest.fail("It was typeset again.")

    monkeypatch.setattr(typesetting.Typesetter, "pdf", none)
    made(
        tmp_path,
        "2026-12-02",
        shipped(),
        first,
        options=replace(BOTH, hub="https://hub.example.org"),
    )
    old, new = (files(tmp_path / day / "site") for day in ("2026-12-01", "2026-12-02"))
    assert old["report/index.html"] != new["report/index.html"]
    documents = {path for path in old if path.endswith(".pdf")}
    assert len(documents) == 9  # one of the packages is told in two languages
    assert f"es/{MADE_UP}/takeaway/cards.pdf" in documents
    assert {path: old[path] for path in documents} == {path: new[path] for path in documents}


def test_a_lost_document_is_typeset_again(tmp_path: Path) -> None:
    first = made(tmp_path, "2026-12-01", shipped())
    path = f"{MADE_UP}/takeaway/pdsa.pdf"
    lost = tmp_path / "2026-12-01" / "site" / path
    content = lost.read_bytes()
    lost.unlink()
    made(tmp_path, "2026-12-02", shipped(), first, options=replace(BOTH, hub="https://h.example"))
    assert (tmp_path / "2026-12-02" / "site" / path).read_bytes() == content


def test_words_of_a_changed_page_are_found_and_the_old_ones_are_not(tmp_path: Path) -> None:
    idea = f"{ROOT}/id/idea/z1il-c1"
    before = reworded(shipped(), idea, f"{NIC}summary", "It was a zanzibar.")
    first = made(tmp_path, "2026-12-01", before)
    after = reworded(before, idea, f"{NIC}summary", "It is a quinquireme.")
    second = made(tmp_path, "2026-12-02", after, first)
    made(tmp_path, "2026-12-03", after, second)
    made(tmp_path, "2026-12-04", before, replace(second, id="2026-12-03"))
    sites = [tmp_path / f"2026-12-0{day}" / "site" for day in (1, 2, 3, 4)]
    if not (sites[0] / "pagefind").is_dir():
        pytest.skip("Pagefind is not installed")
    texts = [searched(site)[IDEA] for site in sites]
    assert ["zanzibar" in text for text in texts] == [True, False, False, True]
    assert ["quinquireme" in text for text in texts] == [False, True, True, False]
    assert len({frozenset(searched(site)) for site in sites}) == 1
    (kept,) = sites[0].glob("pagefind/*.pf_meta")
    for site in sites[1:]:
        (same,) = site.glob("pagefind/*.pf_meta")
        assert same.stat().st_ino == kept.stat().st_ino, "the larger index is kept"
    newer = [site / "pagefind" / "newer" / "pagefind-entry.json" for site in sites]
    assert [file.is_file() for file in newer] == [False, True, True, True]
    assert newer[1].stat().st_ino == newer[2].stat().st_ino


def test_words_of_what_was_removed_are_in_no_index(tmp_path: Path) -> None:
    test = f"{ROOT}/id/test/z1il-t1"
    before = reworded(shipped(), test, f"{NIC}summary", "A zanzibar came of it.")
    first = made(tmp_path, "2026-12-01", before)
    if not (tmp_path / "2026-12-01/site/pagefind").is_dir():
        pytest.skip("Pagefind is not installed")
    assert b"zanzibar" in indexed(tmp_path / "2026-12-01/site")
    without = [
        Record(r.iri, r.type, tuple(t for t in r.triples if t.object != ox.NamedNode(test)))
        for r in before
        if r.iri != test
    ]
    for day, purged in ((2, frozenset([test])), (3, frozenset[str]())):
        made(tmp_path, f"2026-12-0{day}", without, first, purged=purged)
        site = tmp_path / f"2026-12-0{day}" / "site"
        assert b"zanzibar" not in indexed(site)
        assert not (site / "pagefind" / "newer").exists()


def test_what_no_release_changes_is_kept_and_is_what_would_be_made(three: Path) -> None:
    sites = [three / f"2026-12-0{day}" / "site" for day in (1, 2, 3)]
    for path in ("ns/index.ttl", "context.jsonld", "schema/idea.json", "assets/warranted.css"):
        assert len({(site / path).stat().st_ino for site in sites}) == 1, path
    # Another cache: nothing that was made for the three is at hand.
    made(three / "alone", "2026-12-03", shipped(), options=replace(BOTH, cache=three / "cache"))
    alone = three / "alone" / "2026-12-03" / "site"
    found, kept = files(alone), files(sites[2])
    folders = ("ns", "scheme", "shapes", "schema")
    of_reference = {p for p in found if p.removeprefix("es/").split("/")[0] in folders}
    assert len(of_reference) > 100
    for path in of_reference:
        assert found[path] == kept[path], path
    assert "Release 2026-12-03 · " in kept["ns/index.html"].decode()
    assert "Edición 2026-12-03 · " in kept["es/ns/index.html"].decode()


def test_the_same_release_after_the_same_site_gives_the_same_bytes(three: Path) -> None:
    changed = reworded(
        shipped(), f"{ROOT}/id/idea/z1il-c1", f"{NIC}summary", "Now it is said otherwise."
    )
    again = three / "again"
    first = made(again, "2026-12-01", shipped())
    made(again, "2026-12-02", changed, first, options=replace(BOTH, cache=again / "cache"))
    assert files(again / "2026-12-02") == files(three / "2026-12-02")
