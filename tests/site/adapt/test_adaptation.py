"""A package adapted in a real browser, from a file."""

from __future__ import annotations

from typing import Any

import pytest
from tests.site.filled_in import BASE, PACKAGE, SLUG, choose, element, faults, files, values

from warranted import vocabulary
from warranted.language import get
from warranted.namespaces import PREFIXES
from warranted.records import Record
from warranted_site.adapting import facets

pytestmark = pytest.mark.browser


def test_a_school_is_not_asked_how_many_beds_it_has(demo: Any, page: Any) -> None:
    schemes = vocabulary.shipped()
    fields = {concept.key for concept in schemes[f"{PREFIXES['nics']}field"].concepts}
    known = {scheme.key: scheme.field for scheme in schemes.values() if scheme.is_facet}
    assert {facet.key for facet in facets(get("en"))} == set(known)
    assert set(known.values()) == {"", *fields}
    page.goto(f"file://{demo.html}/{SLUG}/adapt/index.html")
    assert page.get_by_label("School level").is_visible()
    assert page.get_by_label("Locality").is_visible()
    assert page.get_by_label("Hospital size").count() == 0


def test_an_adaptation_is_made_of_what_was_decided(
    demo: Any, page: Any, published: list[Record]
) -> None:
    page.goto(f"file://{demo.html}/{SLUG}/index.html")
    page.get_by_role("link", name="Adapt this package").first.click()
    page.get_by_label("Organisation").fill("A school outside")
    page.get_by_role("button", name="Download as Turtle").click()
    assert "Fill this in first" in page.get_by_role("status").last.inner_text()

    ticket = element(page, "Exit ticket with a reason line")
    choose(ticket, "change")
    first = ticket.locator(".a-parts > fieldset").first
    choose(first, "drop", why="Our lessons end with a bell that cannot wait.")
    assert first.get_by_text("do not speak for yours").is_visible()
    cards = element(page, "Sentence starters on a card")
    choose(cards, "change")
    last = cards.locator(".a-parts > fieldset").last
    choose(last, "change", now="The card hangs on the wall.", why="Cards get lost.")
    assert last.get_by_text("do not speak for yours").is_hidden()
    driver = element(page, "Time to think before speaking")
    choose(driver, "change", now="Time to write first", why="Writing suits our learners.")
    choose(element(page, "Weekly letter home"), "drop", why="It did not help anywhere.")
    page.get_by_role("button", name="Keep what is not decided yet").click()
    assert "1 dropped" in page.locator("#counts").inner_text()
    made = files(page)
    assert faults(made, published) == []

    kinds = [r.type for r in made]
    ideas = [r.iri for r in published if r.type == "idea" and "/z1il-" in r.iri]
    assert (kinds.count("theory"), kinds.count("site")) == (1, 1)
    assert kinds.count("uptake") == len(ideas) - 1
    assert (kinds.count("specification"), kinds.count("driver")) == (2, 1)
    by_name = {
        name: record
        for record in made
        if record.type == "specification"
        for name in values([record], "label")
        if name.endswith(", as done at A school outside")
    }
    tickets, starters = (by_name[name] for name in sorted(by_name))
    assert values([tickets], "inheritsEvidenceFrom") == [], (
        "without a core step nothing is inherited"
    )
    assert values([tickets], "revises") == [f"{BASE}/specification/z1il-c1v3"]
    assert len(values([starters], "inheritsEvidenceFrom")) == 1
    assert "The card hangs on the wall." in values([starters], "label")
    assert "Cards get lost." in values(made, "reason")
    theory = [r for r in made if r.type == "theory"]
    derived = values(theory, "wasDerivedFrom")
    assert PACKAGE in derived
    assert any("Weekly letter home" in note for note in values(theory, "curatorNote"))
    dropped = next(r.iri for r in published if r.iri.endswith("/idea/z1il-c7"))
    assert dropped not in derived

    # It is there again, with the same IRIs.
    page.reload()
    assert {r.iri for r in files(page)} == {r.iri for r in made}


def test_the_keyboard_alone_decides(demo: Any, page: Any) -> None:
    page.goto(f"file://{demo.html}/{SLUG}/adapt/index.html")
    page.locator("[data-kind=aim] input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-kind=aim] input:checked").get_attribute("value") == "changed"
    page.keyboard.press("Tab")
    page.keyboard.type("More learners ask why")
    assert page.locator("[data-kind=aim] .a-now textarea").input_value() == "More learners ask why"


@pytest.mark.parametrize("which", [f"{SLUG}/adapt/index.html", "report/index.html?idea=x&label=X"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_fit(demo: Any, page: Any, which: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"file://{demo.html}/{which}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for radio in page.locator("[data-kind=idea] > fieldset > .a-fates input[value=changed]").all():
        radio.check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
