"""The hub's pages in a real browser, on a phone: a member records a test, a curator sends it back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hub import Hub, path
from playwright.sync_api import Browser, Page

PHONE = {"width": 380, "height": 780}


@pytest.fixture
def ready(hub: Hub) -> dict[str, str]:
    """A version of an idea, and a site."""
    idea = hub.curator.create(
        "idea",
        '<> a nic:ChangeIdea ; rdfs:label "Cold call"@en ; nic:notStated nic:addressesDriver .',
    )
    return {
        "version": hub.curator.create(
            "specification",
            f"""<> a nic:ChangeSpecification ; rdfs:label "Cold call, version 1"@en ;
            pav:version "1" ; nic:specificationOf <{idea}> .""",
        ),
        "site": hub.curator.create("site", '<> a nic:Site ; rdfs:label "Room 12"@en .'),
    }


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    yield page
    context.close()


def sign_in(page: Page, hub: Hub, token: str) -> None:
    page.goto(f"{hub.url}/hub/")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your work").wait_for()


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("WARRANTED_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.browser
def test_a_test_is_recorded_returned_and_handed_in_again(
    hub: Hub, ready: dict[str, str], phone: Page, browser: Browser
) -> None:
    sign_in(phone, hub, hub.contributor.token)
    shoot(phone, "home")
    phone.get_by_role("link", name="Record a test").click()
    # what is missing is told, and nothing that was typed is lost
    phone.get_by_label("Version tried").select_option(ready["version"])
    phone.get_by_role("textbox", name="Prediction", exact=False).first.fill("Half will answer.")
    phone.get_by_role("button", name="Save").click()
    assert "Put this right" in phone.get_by_role("alert").inner_text()
    assert "Site" in phone.locator(".wrong").inner_text()
    shoot(phone, "wrong")
    assert (
        phone.get_by_role("textbox", name="Prediction").first.input_value() == "Half will answer."
    )
    phone.get_by_role("combobox", name="Site").select_option(ready["site"])
    phone.locator('[name="startDate"]').fill("2026-03-02")
    phone.locator('[name="scale"][value$="/small"]').check()
    shoot(phone, "plan")
    phone.get_by_role("button", name="Save").click()
    phone.get_by_role("heading", name="Cold call, version 1, Room 12").wait_for()
    shoot(phone, "record")
    assert "draft" in phone.locator("main").inner_text()
    where = phone.url
    # what happened, later
    phone.get_by_role("link", name="Say what happened").click()
    phone.locator('[name="asPlanned"]').select_option("yes")
    phone.locator('[name="peopleReached"]').fill("24")
    phone.locator('[name="hasFinding.predictionOutcome"]').first.check()
    phone.locator('[name="hasFinding.basis"]').first.check()
    phone.locator('[name="hasFinding.whatHappened"]').fill("More than half answered.")
    phone.locator('[name="decision"]').first.check()
    shoot(phone, "report")
    phone.get_by_role("button", name="Save").click()
    phone.get_by_role("button", name="Submit").click()
    assert "submitted" in phone.locator("main").inner_text()

    desk = browser.new_context(viewport={"width": 1200, "height": 900})
    page = desk.new_page()
    sign_in(page, hub, hub.curator.token)
    shoot(page, "queue")
    page.goto(where)
    page.get_by_role("button", name="Return").click()
    assert "Say why" in page.get_by_role("alert").inner_text()
    page.get_by_label("A word on it").fill("How many were absent?")
    page.get_by_role("button", name="Return").click()
    assert "How many were absent?" in page.locator("main").inner_text()
    shoot(page, "returned")
    desk.close()

    phone.goto(where)
    assert "How many were absent?" in phone.locator("main").inner_text()
    phone.get_by_role("button", name="Submit").click()
    iri = f"{hub.network.rpartition('/network/')[0]}/id/test/{where.rpartition('/')[2]}"
    read = hub.curator.get(
        path(iri.replace("/id/id/", "/id/")), headers={"Accept": "application/ld+json"}
    )
    assert read["hasFinding"]["whatHappened"] == "More than half answered."
    assert read["lifecycle"].endswith("/submitted")


@pytest.mark.browser
def test_what_is_typed_outlives_the_page(hub: Hub, ready: dict[str, str], phone: Page) -> None:
    sign_in(phone, hub, hub.contributor.token)
    phone.goto(f"{hub.url}/hub/test/new?tests={ready['version']}")
    assert phone.get_by_label("Version tried").input_value() == ready["version"]
    phone.get_by_role("textbox", name="Prediction").first.fill("Typed on the bus.")
    phone.reload()
    assert (
        phone.get_by_role("textbox", name="Prediction").first.input_value() == "Typed on the bus."
    )


def test_pages_of_other_sites_and_strangers_can_do_nothing(hub: Hub) -> None:
    cookie = {"Cookie": f"warranted_session={hub.curator.token}"}
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for address in ("/hub/test/new", "/hub/token", "/api/v1/hooks"):
        answer = hub.stranger.post(address, headers=cookie | evil, data={"token": "x"})
        assert answer.status_code == 403, address
    stranger = hub.stranger.get("/hub/")
    assert stranger.status_code == 401
    assert "Sign in" in stranger.text
    wrong = hub.stranger.post("/hub/token", data={"token": "wrt_a_b"}, headers={"Origin": hub.url})
    assert wrong.status_code == 401
    assert "not valid" in wrong.text
    page = httpx.get(f"{hub.url}/hub/", headers=cookie)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "private" in page.headers["cache-control"]


def test_words_of_a_record_are_never_markup(hub: Hub) -> None:
    label = '<script>alert(1)</script> & "quotes"'
    iri = hub.curator.create(
        "idea",
        f"<> a nic:ChangeIdea ; rdfs:label '''{label}'''@en ; nic:notStated nic:addressesDriver .",
    )
    cookie = {"Cookie": f"warranted_session={hub.curator.token}"}
    page = hub.stranger.get(f"/hub/{iri.partition('/id/')[2]}", headers=cookie)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
