"""The numbers beside Find's filters: what the browser counts is what the rows say."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.site.finding import SHOWN, fits, show, titles

from warranted_site import find
from warranted_site.find.catalogue import KINDS


def folded(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M"
    ).lower()


CHOICES = {
    "field": ["education", "health-care"],
    "level": ["lower-secondary", "upper-secondary"],
    "locality": ["city", "rural", "town"],
    "who": ["The class teacher", "Two teachers of the same subject"],
    "time": ["5", "15", "60", "unsaid"],
    "problem": ["Answers come without reasons", "FAFSA completion from 64 to 74 percent"],
    "measure": ["Share of learners heard explaining", "Share of answer slips with a reason"],
}
STATES = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from(sorted(CHOICES)), st.just(None), max_size=3).flatmap(
        lambda picked: st.fixed_dictionaries(
            {f: st.sets(st.sampled_from(CHOICES[f]), min_size=1) for f in picked}
        )
    ),
    st.sampled_from(["", "", "1", "2", "3", "4", "just0", "just-1"]),
)


@pytest.mark.browser
@settings(max_examples=25, deadline=None)
@given(STATES)
def test_numbers_follow_the_other_filters(
    reader: Any, small: Path, shipped: list[find.Row], state: tuple[str, dict[str, set[str]], str]
) -> None:
    kind, chosen, warrant_ = state
    asked: dict[str, Any] = {"kind": kind, **{f: sorted(v) for f, v in chosen.items()}}
    told = show(reader, f"file://{small}/find/index.html", **asked, warrant=warrant_)
    hits = [row for row in shipped if fits(row, kind, chosen, warrant_)]
    total = sum(row.kind == kind for row in shipped)
    assert told.startswith(f"{len(hits)} of {total} "), (told, state)

    def order(row: find.Row) -> tuple[int, int, str]:
        return (
            row.made_up,
            -row.rank,
            folded(f"{row.title} {' '.join(t for _, t in row.packages)}"),
        )

    assert titles(reader) == [row.title for row in sorted(hits, key=order)][:SHOWN]
    shown = reader.evaluate(
        "() => [...document.querySelectorAll('#find-facets details')].flatMap((d) =>"
        " [...d.querySelectorAll('.f-option')].map((o) =>"
        " [d.dataset.facet, o.querySelector('input').value, o.querySelector('.f-count').textContent]))"
    )
    assert shown
    for facet, value, count in shown:
        if facet == "warrant":
            expected = [r for r in shipped if fits(r, kind, chosen, value)]
        else:
            others = {f: v for f, v in chosen.items() if f != facet} | {facet: {value}}
            expected = [r for r in shipped if fits(r, kind, others, warrant_)]
        assert int(count) == len(expected), (facet, value, state)
