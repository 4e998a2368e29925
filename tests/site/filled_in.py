"""How a reader fills in the pages of adapting and reporting, and what the files hold that they make."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import checking, rdfio, records, validation
from warranted.namespaces import ROOT, SCHEME
from warranted.neighbourhood import Index
from warranted.records import Record

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
