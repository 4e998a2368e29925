"""Reports and adaptations sent in a real browser to a hub elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hub import Member, path
from tests.site.filled_in import (
    IDEA,
    PACKAGE,
    SLUG,
    TOKEN,
    choose,
    element,
    hosted,
    plan,
    result,
    to_report,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub_and_site(
    demo: Any, tmp_path_factory: pytest.TempPathFactory, serving: Any, run: Callable[..., Any]
) -> Iterator[tuple[str, str, Member]]:
    """A hub over the demo, and a static host elsewhere with a site that knows the hub's address."""
    folder = tmp_path_factory.mktemp("hub")
    shutil.copytree(demo.folder / "var", folder / "var", symlinks=True)
    other = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(demo.folder / "var", other / "var", symlinks=True)
    with serving(folder, WARRANTED_WRITE_TOKEN=TOKEN) as server:
        made = run("publish", "--force", cwd=other, WARRANTED_PUBLIC_URL=server.url)
        assert made.returncode == 0, made.stderr
        with (
            hosted(other / "build" / "html") as site,
            httpx.Client(base_url=server.url, timeout=180) as client,
        ):
            yield server.url, site, Member(client, TOKEN)


def test_a_test_sent_from_a_page_elsewhere_counts_on_the_site(
    hub_and_site: tuple[str, str, Member], page: Any
) -> None:
    hub, site, member = hub_and_site
    to_report(page, site)
    plan(page)
    page.get_by_role("button", name="Send to the hub").click()
    receipt = page.locator("#receipt a")
    receipt.wait_for(state="visible")
    address = receipt.get_attribute("href")
    assert address.startswith(f"{hub}/api/v1/inbox/receipts/")

    # Later, from the same page, the result takes the place of the plan.
    page.reload()
    result(page)
    page.get_by_role("button", name="Send to the hub").click()
    page.get_by_text("in the place of what you sent before").wait_for(timeout=90_000)
    assert receipt.get_attribute("href") == address
    page.goto(address)
    assert "a curator of the network has not looked at it yet" in page.inner_text("main")

    (item,) = member.get("/api/v1/inbox")["items"]
    made = [r["id"] for r in member.post(f"/api/v1/inbox/{item['id']}/accept")["records"]]
    for iri in made:
        member.through(iri, "submit", "accept")
    tree = member.get(path(PACKAGE), headers={"Accept": "application/ld+json"})
    ideas = [i for i in tree["hasPart"] if "/idea/" in i]
    member.post(f"{path(PACKAGE)}/assemble", {"ideas": ideas})
    member.through(PACKAGE, "submit", "accept", "publish")
    released = member("POST", "/api/v1/releases")
    assert released.status_code == 201, released.text
    page.goto(f"{hub}/ideas/z1il-c8/index.html")
    places = page.get_by_role("region", name="Places")
    assert "A school outside" in places.inner_text()
    assert "went as predicted" in places.inner_text()
    warrant = httpx.get(f"{hub}{path(IDEA)}/warrant").json()
    assert (warrant["R_s"], warrant["level"]) == (1, "tried")
    page.goto(address)
    assert "Taken." in page.inner_text("main")


def test_a_refusal_names_the_field_and_nothing_is_lost(
    hub_and_site: tuple[str, str, Member], page: Any
) -> None:
    _, site, member = hub_and_site
    before = len(member.get("/api/v1/inbox")["items"])
    to_report(page, site)
    plan(page, "A school with a mistake")
    result(page, "Write to anna@school.example and ask for the slips.")
    page.get_by_role("button", name="Send to the hub").click()
    page.get_by_text("The hub did not take it").wait_for()
    assert "What a stranger should know" in page.get_by_role("status").first.inner_text()
    assert page.get_by_label("Organisation").input_value() == "A school with a mistake"
    assert len(member.get("/api/v1/inbox")["items"]) == before


def test_an_adaptation_is_sent_accepted_and_makes_drafts(
    hub_and_site: tuple[str, str, Member], page: Any
) -> None:
    _, site, member = hub_and_site
    page.goto(f"{site}{SLUG}/adapt/index.html")
    page.get_by_label("Organisation").fill("A school that adapts")
    choose(element(page, "Weekly letter home"), "drop", why="It did not help.")
    page.get_by_role("button", name="Keep what is not decided yet").click()
    page.get_by_role("button", name="Send to the hub").click()
    page.locator("#receipt a").wait_for(state="visible")
    item = next(i for i in member.get("/api/v1/inbox")["items"] if i["kind"] == "adaptation")
    made = member.post(f"/api/v1/inbox/{item['id']}/accept")["records"]
    types = {r["id"].partition("/id/")[2].partition("/")[0] for r in made}
    assert {"theory", "site", "uptake"} <= types
    kept = member.get(path(made[0]["id"]), headers={"Accept": "application/ld+json"})
    assert kept["lifecycle"].endswith("/draft")


def test_a_hub_that_is_away_loses_nothing(hub_and_site: tuple[str, str, Member], page: Any) -> None:
    hub, site, _ = hub_and_site
    page.route(f"{hub}/**", lambda route: route.abort())
    to_report(page, site)
    plan(page, "A school offline")
    page.get_by_role("button", name="Send to the hub").click()
    page.get_by_text("could not be reached").wait_for()
    assert page.get_by_label("Organisation").input_value() == "A school offline"
