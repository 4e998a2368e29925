"""What Find gathers from the records, and what it makes of it for the browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.site.finding import records_of, rows_of, told_in

from warranted.language import ENGLISH
from warranted_site import find
from warranted_site.find import facets
from warranted_site.find.catalogue import KINDS, NO_LEVEL


def test_an_idea_is_found_by_what_its_records_say(shipped: list[find.Row]) -> None:
    row = next(r for r in shipped if r.path == "ideas/z1il-c1/index.html")
    assert (row.kind, row.rank, row.places, row.made_up) == ("idea", 4, (6, 7), 1)
    values = {(facet, text or key) for facet, _, key, text in row.values}
    assert {("level", "Lower secondary"), ("level", "Upper secondary")} <= values
    assert {("locality", "City"), ("field", "Education")} <= values
    assert {("problem", "Answers come without reasons"), ("who", "The class teacher")} <= values
    assert ("measure", "Share of answer slips with a reason") in values
    assert ("time", "15") in values
    assert row.packages[0][0] == "illustrative-algebra-talk/index.html"


def test_everything_with_a_page_is_in_it_once(shipped: list[find.Row]) -> None:
    paths = [row.path for row in shipped]
    assert len(paths) == len(set(paths))
    assert {row.kind for row in shipped} == set(KINDS)
    assert all(row.path.endswith("/index.html") and row.title for row in shipped)
    untested = next(r for r in shipped if r.path == "ideas/7qf3-c2/index.html")
    assert (untested.rank, untested.places, untested.made_up) == (0, (0, 0), 0)


@pytest.mark.parametrize(
    ("dose", "bucket"),
    [
        ("Two minutes at the end of each lesson, for six weeks", "5"),
        ("Thirty seconds before each question that asks why", "5"),
        ("Ten minutes, once a week", "15"),
        ("Four minutes, twice a week; 15 minutes of reading a set", "15"),
        ("One page each Friday; 30 minutes of writing", "60"),
        ("Half an hour of practice", "60"),
        ("1.5 hours a month", "more"),
        ("Dos horas al mes", "more"),
        ("Cinco minutos en cada clase", "5"),
        ("On the wall all term", "unsaid"),
        ("Twice a week for six months", "unsaid"),
        ("", ""),
    ],
)
def test_times_go_into_the_bucket_of_the_longest_one_named(dose: str, bucket: str) -> None:
    assert facets.time_needed([dose]) == bucket


def test_a_role_is_the_first_phrase() -> None:
    assert facets.role("The class teacher; no training beyond one visit") == "The class teacher"
    assert facets.role("Two teachers, one\n of them  new") == "Two teachers"
    assert facets.role("A" * 80) == ""


def test_packages_made_one_by_one_merge_to_the_same_files(tmp_path: Path) -> None:
    names = ["illustrative-algebra-talk", "nclabsi-neonatal"]
    apart = [row for name in names for row in rows_of(records_of(name))]
    kept = json.loads(json.dumps([row.to_json() for row in apart]))
    find.write(rows_of(records_of(*names)), tmp_path / "whole", language=ENGLISH)
    for i, given_rows in enumerate([apart, apart[::-1] + apart, map(find.Row.from_json, kept)]):
        out = tmp_path / str(i)
        find.write(given_rows, out, language=ENGLISH)
        for file in (tmp_path / "whole" / "assets" / "find").iterdir():
            assert (out / "assets" / "find" / file.name).read_bytes() == file.read_bytes()


def test_a_record_of_two_packages_stands_in_both(tmp_path: Path) -> None:
    one = find.Row("idea", "ideas/a/index.html", "Ask why", packages=(("p/index.html", "P"),))
    other = replace(one, packages=(("q/index.html", "Q"),), places=(1, 2), rank=1)
    find.write([one, other], tmp_path, language=ENGLISH)
    told = told_in(tmp_path, "catalogue.js")["rows"]
    assert told["titles"] == "Ask why"
    assert told["places"][0] == [[1, 2]]
    assert len(told["packages"][0][0]) == 2


def test_what_has_no_level_says_none(shipped: list[find.Row]) -> None:
    assert all(row.rank == NO_LEVEL for row in shipped if row.kind not in ("idea", "package"))
