"""A test reported in a real browser, from a file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.site.filled_in import BASE, IDEA, faults, files, plan, result, to_report, today, values

from warranted.form_model import forms_of
from warranted.language import ENGLISH
from warranted.namespaces import SCHEME
from warranted.records import Record
from warranted_site import adapting

pytestmark = pytest.mark.browser


def test_a_report_from_a_file_is_one_the_shapes_take(
    demo: Any, page: Any, published: list[Record]
) -> None:
    to_report(page, f"file://{demo.html}/")
    assert page.locator("[data-section=Study]").is_hidden()
    plan(page)
    planned = files(page)
    assert faults(planned, published) == []
    assert not values(planned, "predictionOutcome"), "a plan says nothing of results"
    result(page)
    made = files(page)
    assert faults(made, published) == []
    assert sorted(r.type for r in made) == ["site", "test"]
    assert values(made, "whatHappened") == ["Five of six colleagues\nwent to see one."]
    assert values(made, "predictionText") == ['Half of them will "go and see".']
    assert values(made, "facetValue") == [f"{SCHEME}locality/city"]
    assert values(made, "tests") == [f"{BASE}/specification/z1il-c8v1"]
    assert {r.iri for r in planned} == {r.iri for r in made}

    # Done differently, it is a version of its own that revises the one tried.
    page.get_by_label("What you did differently").fill("We watched five minutes only.")
    made = files(page)
    assert faults(made, published) == []
    assert values(made, "revises") == [f"{BASE}/specification/z1il-c8v1"]
    assert values(made, "specificationOf") == [IDEA]


def test_an_idea_without_a_version_gets_one_by_the_report(
    demo: Any, page: Any, published: list[Record]
) -> None:
    versioned = set(values(published, "specificationOf"))
    idea = next(r for r in published if r.type == "idea" and r.iri not in versioned)
    to_report(page, f"file://{demo.html}/", idea.iri.rpartition("/")[2])
    plan_ = page.get_by_label("What you did", exact=False).last
    page.get_by_label("Organisation").fill("A clinic outside")
    page.get_by_label("Start date").fill(today())
    page.get_by_label("Scale of test").select_option(f"{SCHEME}scale/small")
    page.get_by_label("Prediction", exact=False).first.fill("It will take less time.")
    page.get_by_role("button", name="Download as Turtle").click()
    assert "What you did" in page.get_by_role("status").first.inner_text()
    plan_.fill("Two nurses checked the line at each handover.")
    made = files(page)
    assert faults(made, published) == []
    assert values(made, "specificationOf") == [idea.iri]
    assert values(made, "illustrative") == []


def test_what_was_written_is_there_again_until_it_is_cleared(demo: Any, page: Any) -> None:
    to_report(page, f"file://{demo.html}/")
    plan(page)
    result(page)
    before = {r.iri for r in files(page)}
    page.reload()
    assert page.get_by_label("Organisation").input_value() == "A school outside"
    assert "is here again" in page.get_by_role("status").first.inner_text()
    assert {r.iri for r in files(page)} == before
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Start afresh").click()
    assert page.get_by_label("Organisation").input_value() == ""
    page.reload()
    assert page.get_by_label("Organisation").input_value() == ""


def test_a_browser_that_keeps_nothing_says_so(demo: Any, page: Any) -> None:
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
    to_report(page, f"file://{demo.html}/")
    page.get_by_label("Organisation").fill("A")
    assert "keeps nothing" in page.get_by_role("status").first.inner_text()


def test_what_is_missing_is_named_and_gets_the_focus(demo: Any, page: Any) -> None:
    to_report(page, f"file://{demo.html}/")
    page.get_by_role("button", name="Download as Turtle").click()
    assert page.get_by_role("status").first.inner_text() == "Fill this in first: Organisation."
    assert page.evaluate("document.activeElement.name") == "who"
    plan(page)
    page.get_by_label("How far is it?").select_option(f"{SCHEME}stage/complete")
    page.get_by_role("button", name="Download as Turtle").click()
    assert page.evaluate("document.activeElement.name") == "asPlanned"


def test_an_address_that_names_no_idea_makes_no_record(demo: Any, page: Any) -> None:
    for query in ("", "?idea=%3Cscript%3E", "?idea=../x&label=x"):
        page.goto(f"file://{demo.html}/report/index.html{query}")
        page.get_by_text("Open this page from the page of the idea").wait_for(state="visible")
        assert page.locator("#form").is_hidden()
    page.goto(f"file://{demo.html}/report/index.html?idea=x&label=%3Cimg src=x onerror=alert(1)%3E")
    assert page.locator("#idea").inner_text() == "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("key", adapting.DONE)
def test_what_a_complete_test_must_say_is_what_the_shapes_demand(
    demo: Any, page: Any, published: list[Record], key: str
) -> None:
    to_report(page, f"file://{demo.html}/")
    plan(page)
    result(page)
    page.evaluate(
        """key => {
            const field = document.getElementById("form").elements.namedItem(key);
            field.value = "";
            Object.defineProperty(field, "required", { value: false });
            field.removeAttribute("required");
        }""",
        key,
    )
    assert faults(files(page), published)


def test_the_questions_are_those_of_the_shapes_form() -> None:
    form = forms_of("test")[0]
    asked = {q.key for q in adapting.questions(ENGLISH)}
    wanted = {
        f.key
        for s in form.sections
        if s.label in adapting.SECTIONS
        for f in s.fields
        if f.part is None and f.key not in adapting.ELSEWHERE
    }
    assert wanted <= asked
    assert {"hasPrediction.predictionText", "hasFinding.learned"} <= asked
    assert not {k for k in asked if k.endswith(("curatorNote", "cleared", "identifier"))}


def test_the_data_of_a_page_cannot_end_its_element() -> None:
    told = adapting.script({"label": "</script><script>alert(1)</script>&"})
    assert "<" not in told
    assert json.loads(told)["label"].startswith("</script>")
