"""The driver diagram: whatever the theory, boxes stand apart, lines join them, text stays inside."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted.namespaces import RDFS
from warranted_site import diagram
from warranted_site.diagram import GAP_Y, MANY, Box
from warranted_site.packages import Level
from warranted_site.things import Thing, Things

WORDS = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=24)
LABELS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def thing(label: str, n: int) -> Thing:
    iri = f"urn:t:{n}"
    said = ox.Triple(ox.NamedNode(iri), ox.NamedNode(f"{RDFS}label"), ox.Literal(label))
    return Thing(Things([said]), iri)


@st.composite
def theories(draw: st.DrawFn) -> list[Box]:
    """An aim with drivers, their drivers and ideas; perhaps ideas that act on nothing."""
    numbers = itertools.count()

    def box(kind: str, children: list[Box]) -> Box:
        level = Level(2, "Promising") if kind == "idea" else None
        return Box(thing(draw(LABELS), next(numbers)), kind, "x.html", level, children)

    def driver(depth: int) -> Box:
        below = [driver(depth - 1) for _ in range(draw(st.integers(0, 2)))] if depth else []
        return box("driver", below + [box("idea", []) for _ in range(draw(st.integers(0, 4)))])

    roots = [box("aim", [driver(1) for _ in range(draw(st.integers(0, 4)))])]
    return roots + [box("idea", []) for _ in range(draw(st.integers(0, 3)))]


@given(theories())
def test_boxes_stand_apart_within_the_drawing(roots: list[Box]) -> None:
    drawn = diagram.layout(roots)
    for box in drawn.boxes:
        assert box.x >= 0
        assert box.y >= diagram.TOP
        assert box.x + box.width <= drawn.width
        assert box.y + box.height <= drawn.height
    for one, other in itertools.combinations(drawn.boxes, 2):
        if one.x < other.x + other.width and other.x < one.x + one.width:
            first, second = sorted((one, other), key=lambda b: b.y)
            assert first.y + first.height <= second.y, (first.lines, second.lines)


@given(theories())
def test_a_line_joins_each_box_to_what_it_acts_on(roots: list[Box]) -> None:
    drawn = diagram.layout(roots)
    ends = set()
    for line in drawn.lines:
        match = re.match(r"M(\S+) (\S+)C.* (\S+) (\S+)$", line)
        assert match
        ends.add(tuple(map(float, match.groups())))
    pairs = [(parent, child) for parent in drawn.boxes for child in parent.children]
    assert len(drawn.lines) == len(pairs)
    for parent, child in pairs:
        assert any(
            x1 == pytest.approx(parent.x + parent.width, abs=0.01)
            and parent.y <= y1 <= parent.y + parent.height
            and x2 == pytest.approx(child.x, abs=0.01)
            and child.y <= y2 <= child.y + child.height
            for x1, y1, x2, y2 in ends
        )


@given(LABELS, st.integers(12, 40))
def test_text_is_wrapped_and_what_is_left_out_is_told(label: str, width: int) -> None:
    lines = diagram.wrap(label, width)
    assert len(lines) <= 4
    whole = " ".join(lines)
    assert whole.replace("…", "").replace(" ", "") in label.replace(" ", "") or "…" in whole
    if "…" not in whole:
        assert whole == " ".join(label.split())


@pytest.mark.parametrize("ideas", [5, 60])
def test_many_ideas_are_wider_and_parents_stand_at_the_top(ideas: int) -> None:
    made = [
        Box(thing(f"Idea {n} with a name of some length", n), "idea", "x.html", Level(1, "Tried"))
        for n in range(ideas)
    ]
    driver = Box(thing("A driver", 100), "driver", "x.html", children=made)
    aim = Box(thing("An aim", 101), "aim", "x.html", children=[driver])
    drawn = diagram.layout([aim])
    assert aim.ideas == ideas
    if ideas > MANY:
        assert driver.y == diagram.TOP
    else:
        assert abs(driver.y + driver.height / 2 - drawn.height / 2) < 2 * diagram.TOP
    assert drawn.height <= diagram.TOP + ideas * (made[0].height + GAP_Y) + 1


@pytest.mark.browser
def test_on_a_phone_the_list_stands_open_and_folds_driver_by_driver(
    browser: Any, demo: Any
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(Path(demo.html, "illustrative-algebra-talk/index.html").as_uri())
    outline = page.locator("details.w-outline")
    assert outline.evaluate("list => list.open")
    idea = outline.get_by_role("link", name="Exit ticket with a reason line")
    assert idea.is_visible()
    driver = outline.locator("li", has=page.get_by_role("link", name="Feedback on reasons"))
    driver.last.locator("summary").first.click()
    assert not idea.is_visible()
    page.close()
    wide = browser.new_page(viewport={"width": 1280, "height": 800})
    wide.goto(Path(demo.html, "illustrative-algebra-talk/index.html").as_uri())
    assert wide.locator(".w-diagram svg").is_visible()
    assert not wide.locator("details.w-outline").evaluate("list => list.open")
    wide.close()
