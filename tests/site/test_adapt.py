"""Adapt this package, and report a test: in a real browser, from a file and to a hub elsewhere."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from hub import Member, path

from warranted import checking, rdfio, records, validation
from warranted.form_model import forms_of
from warranted.language import ENGLISH
from warranted.namespaces import ROOT, SCHEME
from warranted.neighbourhood import Index
from warranted.records import Record
from warranted_site import adapting

pytestmark = pytest.mark.browser

BASE = f"{ROOT}/id"
IDEA = f"{BASE}/idea/z1il-c8"
PACKAGE = f"{BASE}/package/z1il-p1"
NETWORK = f"{BASE}/network/z1il-n1"
SLUG = "illustrative-algebra-talk"
TOKEN = "a-token-for-tests"


def today() -> str:
    return datetime.now(UTC).date().isoformat()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """A static host over a folder."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{host.server_address[1]}/"
        host.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of its own storage that notes faults and requests; read `page.faults`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made = context.new_page()
    made.faults = []
    made.on("pageerror", lambda e: made.faults.append(str(e)))
    made.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))
            else made.faults.append(f"a request to {r.url}")
        ),
    )
    yield made
    context.close()
    assert made.faults == []


@pytest.fixture(scope="module")
def published(demo: Any) -> list[Record]:
    """Every record of the demo's release."""
    dump = next(iter((demo.folder / "var" / "current" / "dumps").glob("all.nq")))
    quads = ox.parse(dump.read_bytes(), format=ox.RdfFormat.N_QUADS)
    own = (q for q in quads if str(q.subject.value).startswith(f"{BASE}/"))  # type: ignore[union-attr]
    return records.split(own, base=ROOT)


def to_report(page: Any, start: str, idea: str = "z1il-c8") -> None:
    """From an idea's page to the page its test is reported on."""
    page.goto(f"{start}ideas/{idea}/index.html")
    page.get_by_role("link", name="Report a test of this idea").first.click()
    page.get_by_role("heading", name="Report a test of this idea").wait_for()


def plan(page: Any, who: str = "A school outside") -> None:
    page.get_by_label("Organisation").fill(who)
    page.get_by_label("Locality").select_option(label="City")
    page.get_by_label("How far is it?").select_option(f"{SCHEME}stage/planned")
    page.get_by_label("Start date").fill(today())
    page.get_by_label("Scale of test").select_option(f"{SCHEME}scale/small")
    page.get_by_label("Prediction", exact=False).first.fill('Half of them will "go and see".')
    page.locator("[name='hasPrediction.statedOn']").fill(today())
    page.locator("[name='hasPrediction.ofMeasure']").select_option(index=1)
    page.locator("[name=byOriginator]").select_option("no")


def result(page: Any, learned: str = "Ask the colleague first which lesson suits.") -> None:
    page.get_by_label("How far is it?").select_option(f"{SCHEME}stage/complete")
    page.locator("[name=endDate]").fill(today())
    page.locator("[name=asPlanned]").select_option("yes")
    page.locator("[name=peopleReached]").fill("24")
    page.locator("[name='hasFinding.predictionOutcome']").select_option(f"{SCHEME}prediction/met")
    page.locator("[name='hasFinding.basis']").select_option(f"{SCHEME}basis/data")
    page.locator("[name='hasFinding.whatHappened']").fill(
        "Five of six colleagues\nwent to see one."
    )
    page.locator("[name='hasFinding.learned']").fill(learned)
    page.locator("[name='hasFinding.harmAsked']").select_option("yes")
    page.locator("[name='hasFinding.harmSeen']").select_option("no")
    page.locator("[name=decision]").select_option(f"{SCHEME}decision/adapt")


def files(page: Any) -> list[Record]:
    """What both files hold, which is the same, to the letter."""
    found = []
    for name, fmt in (("Turtle", rdfio.Format.TURTLE), ("JSON-LD", rdfio.Format.JSONLD)):
        with page.expect_download() as told:
            page.get_by_role("button", name=f"Download as {name}").click()
        assert told.value.suggested_filename.endswith(f".{fmt.extension}")
        data = Path(told.value.path()).read_bytes()
        quads = rdfio.parse(data, fmt, name="file", base=f"{BASE}/")
        found.append(records.split(quads, base=ROOT))
    assert found[0] == found[1]
    return found[0]


def faults(made: list[Record], published: list[Record]) -> list[str]:
    """What the shapes refuse in records that were made on a page."""
    near = Index(t for record in published for t in record.triples)
    return [r.message for r in validation.violations(checking.check(made, near))]


def values(made: list[Record], name: str) -> list[str]:
    return sorted(
        t.object.value
        for record in made
        for t in record.triples
        if t.predicate.value.replace("/", "#").endswith(f"#{name}")
        and not isinstance(t.object, ox.Triple)
    )


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


def element(page: Any, label: str) -> Any:
    """What stands for one element of the package."""
    legend = page.locator("legend").filter(has_text=label)
    return page.locator("[data-kind] > fieldset").filter(has=legend).first


def choose(group: Any, fate: str, *, now: str = "", why: str = "") -> None:
    group.locator("> .a-fates").get_by_label(fate, exact=True).check()
    if now:
        group.locator("> .a-now textarea").fill(now)
    if why:
        group.locator("> .a-why textarea").fill(why)


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


# ---- with a hub ----


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
            httpx.Client(base_url=server.url, timeout=60) as client,
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
    page.get_by_text("in the place of what you sent before").wait_for()
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


def test_the_data_of_a_page_cannot_end_its_element() -> None:
    told = adapting.script({"label": "</script><script>alert(1)</script>&"})
    assert "<" not in told
    assert json.loads(told)["label"].startswith("</script>")
