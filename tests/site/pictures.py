"""Takes the pictures of the guides again: `python -m tests.site.pictures [NAME…]`, or `make pictures`.

The demo is made, a hub is set up with what the guide for hubs begins with, and Chromium looks at both.
Each page is taken as a phone shows it and as a desk does, and kept as WebP in `docs/pictures/`.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from tests.site.stories import DOCS, blocks

PICTURES = DOCS / "pictures"
QUALITIES = (0.5, 0.4, 0.3)
"""Of WebP: the first with which a picture is small enough."""
SMALL = 60_000
"""Bytes a picture may have."""
WIDTHS = {"phone": (360, 720, 1.5), "desk": (1280, 800, 1)}
"""Name → width and height of the window, and pixels of the picture for each of the window's."""
IDS = "https://w3id.org/warranted/id"


@dataclass(frozen=True)
class Shot:
    """A picture to take.

    Attributes:
        name: of its files, and of its section in `docs/pages.md` (its slug).
        path: of the page, from the root of the site or the server.
        at: what the window scrolls to, a CSS selector; the page's top if empty.
        prepare: what is done on the page before.
    """

    name: str
    path: str
    at: str = ""
    prepare: Callable[[Page], None] | None = None


def _searched(page: Page) -> None:
    page.get_by_label("What are you trying to improve?").fill("feedback")
    page.get_by_role("button", name="Find").click()
    page.wait_for_timeout(800)


def _placed(page: Page) -> None:
    page.get_by_label("Organisation").fill("A school (made up)")


def _run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=False).first.click()
    page.wait_for_selector("table tbody tr", timeout=60_000)
    answer = page.get_by_role("heading", name="Answer", exact=True)
    answer.evaluate("e => e.scrollIntoView({block: 'center'})")


SITE = (
    Shot("home", "index.html"),
    Shot("find", "find/index.html", prepare=_searched),
    Shot("all-packages", "packages/index.html"),
    Shot("package", "illustrative-algebra-talk/index.html"),
    Shot("driver-diagram", "illustrative-algebra-talk/index.html", at="#drivers"),
    Shot("adapt", "illustrative-algebra-talk/adapt/index.html", prepare=_placed),
    Shot("idea", "ideas/z1il-c1/index.html"),
    Shot("report", "ideas/z1il-c1/index.html"),
    Shot("aim", "aims/z1il-a1/index.html"),
    Shot("driver", "drivers/z1il-d1/index.html"),
    Shot("measure", "measures/7qf3-m1/index.html"),
    Shot("network", "networks/z1il-n1/index.html"),
    Shot("source", "sources/seed/index.html"),
    Shot("older-version", "versions"),
    Shot("tests-wanted", "wanted/index.html"),
    Shot("about-the-warrant", "about/index.html"),
    Shot("the-rules-as-queries", "rules/index.html"),
    Shot("data", "data/index.html"),
    Shot("query", "query/index.html", prepare=_run),
    Shot("questions", "questions/index.html"),
    Shot("question", "questions/cq27-who-took-up-whose-idea/index.html"),
    Shot("what-changed", "changes/index.html"),
    Shot("the-ontology", "ns/index.html"),
    Shot("term", "ns/TestOfChange/index.html"),
    Shot("schemes", "scheme/index.html"),
    Shot("scheme", "scheme/stage/index.html"),
    Shot("fields", "shapes/index.html"),
    Shot("fields-of-a-record", "shapes/test/index.html"),
    Shot("guides", "guides/index.html"),
    Shot("guide", "guides/readers/index.html"),
    Shot("no-such-page", "404.html"),
    Shot("another-language", "es/ideas/z1il-c1/index.html"),
)
OPEN = (
    Shot("sparql", "sparql"),
    Shot("stored-queries", "queries/"),
    Shot("releases", "releases/"),
    Shot("release", "releases/latest/"),
    Shot("citation", "cite"),
)
HUB = ("sign-in", "hub-home", "hub-plan", "hub-report", "hub-record", "hub-returned", "hub-inbox")
HUB_LISTS = ("hub-inbox-list", "receipt")


def names() -> list[str]:
    """Every picture there should be, without its width."""
    return [shot.name for shot in (*SITE, *OPEN)] + [*HUB, *HUB_LISTS]


class Camera:
    """Takes pictures with a browser."""

    def __init__(self, browser: Browser, wanted: set[str]) -> None:
        self.browser, self.wanted = browser, wanted
        self.paper = browser.new_page()
        self.sizes: dict[str, int] = {}

    def wants(self, name: str) -> bool:
        """Whether a picture was asked for."""
        return not self.wanted or name in self.wanted

    @contextmanager
    def window(self, width: str, **options: Any) -> Iterator[Page]:
        """A window of that width, with no past."""
        wide, high, scale = WIDTHS[width]
        context = self.browser.new_context(
            viewport={"width": wide, "height": high}, device_scale_factor=scale,
            color_scheme="light", **options,
        )  # fmt: skip
        yield context.new_page()
        context.close()

    def take(self, page: Page, name: str, width: str) -> None:
        """Keep what the window shows."""
        if not self.wants(name):
            return
        page.wait_for_timeout(250)
        png = base64.b64encode(page.screenshot(animations="disabled")).decode()
        for quality in QUALITIES:
            told = self.paper.evaluate(_AS_WEBP, [png, quality])
            picture = base64.b64decode(told.partition(",")[2])
            if len(picture) <= SMALL:
                break
        file = PICTURES / f"{name}-{width}.webp"
        file.write_bytes(picture)
        self.sizes[file.name] = file.stat().st_size

    def shot(self, base: str, shot: Shot) -> None:
        """Take one page at both widths."""
        if not self.wants(shot.name):
            return
        for width in WIDTHS:
            with self.window(width) as page:
                page.goto(base + shot.path)
                page.wait_for_timeout(300)
                if shot.prepare:
                    shot.prepare(page)
                if shot.at:
                    page.locator(shot.at).first.evaluate("e => e.scrollIntoView()")
                self.take(page, shot.name, width)


_AS_WEBP = """async ([png, quality]) => {
  const image = new Image(); image.src = "data:image/png;base64," + png; await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width; canvas.height = image.height;
  canvas.getContext("2d", {alpha: false}).drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality);
}"""


def command(folder: Path, *arguments: str, **env: str) -> str:
    """Run the command line."""
    done = subprocess.run(
        [sys.executable, "-m", "warranted.cli", *arguments],
        cwd=folder, env=os.environ | env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"warranted {' '.join(arguments)}\n{done.stderr}")
    return done.stdout.strip()


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """A server over `folder` while it is needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "warranted.cli", "serve"],
        cwd=folder, env=os.environ | {"WARRANTED_PORT": str(port)},
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}/"
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=40), timeout=60) as client:
            client.get(f"{base}health").raise_for_status()
        yield base
    finally:
        process.terminate()
        process.wait(30)


def site(camera: Camera, folder: Path) -> None:
    """The published site of two releases, and the open pages of its server."""
    hub = {"WARRANTED_PUBLIC_URL": "https://hub.example.org"}
    command(folder, "demo", "--no-serve", **hub)
    # An older version is one that a later release has changed.
    made_up = (DOCS.parent / "kg/packages/illustrative-algebra-talk.ttl").read_text("utf-8")
    changed = made_up.replace("give an answer and stop", "give an answer and say no more")
    assert changed != made_up
    (folder / "changed.ttl").write_text(changed, encoding="utf-8")
    command(folder, "load", "changed.ttl")
    command(folder, "publish", **hub)
    html = folder / "build" / "html"
    with serving(folder, 8471) as base:
        for shot in SITE:
            found = shot
            if shot.name == "older-version":
                old = sorted(html.glob("versions/*/illustrative-algebra-talk/index.html"))[0]
                found = Shot(shot.name, old.relative_to(html).as_posix())
            elif shot.name == "report":
                found = Shot(shot.name, _report_link(html))
            camera.shot(base, found)
        query = "SELECT ?idea { ?idea a <https://w3id.org/warranted/ns#ChangeIdea> }"
        cited = httpx.post(
            f"{base}cite", data={"query": query, "release": "latest"}, timeout=60
        ).json()
        for shot in OPEN:
            path = cited["iri"].partition("/cite/")[2]
            camera.shot(base, Shot("citation", f"cite/{path}") if shot.name == "citation" else shot)


def _report_link(html: Path) -> str:
    """The address by which an idea's page leads to the page that reports a test of it."""
    page = (html / "ideas/z1il-c1/index.html").read_text("utf-8")
    (found,) = re.findall(r'href="../../(report/[^"]*)"', page)
    return unescape(found)


def hub(camera: Camera, folder: Path) -> None:
    """A member's way from the plan to the curator's word, and what a stranger sent."""
    (network,) = (b.code for b in blocks(DOCS / "hubs.md") if b.file == "my-network.ttl")
    (folder / "my-network.ttl").write_text(network, encoding="utf-8")
    command(folder, "init")
    command(folder, "load", "my-network.ttl")
    command(folder, "publish")
    tokens = {
        role: command(
            folder, "token", "create", "--label", f"a {role}", "--role", role,
            "--network", f"{IDS}/network/r7kq",
        ).splitlines()[0]
        for role in ("contributor", "curator")
    }  # fmt: skip
    with serving(folder, 8472) as base:
        for width in WIDTHS:
            with camera.window(width) as page:
                _member(camera, page, base, tokens["contributor"], width)
                where = page.url
            with camera.window(width) as page:
                _curator(camera, page, base, tokens["curator"], width, where)
        sent = httpx.post(
            f"{base}api/v1/inbox", content=REPORT, headers={"Content-Type": "text/turtle"}
        )
        sent.raise_for_status()
        for width in WIDTHS:
            with camera.window(width) as page:
                _sign_in(page, base, tokens["curator"])
                page.goto(f"{base}hub/inbox")
                camera.take(page, "hub-inbox-list", width)
                page.get_by_role("main").get_by_role("link").first.click()
                camera.take(page, "hub-inbox", width)
                page.goto(base.rstrip("/") + sent.json()["receipt"])
                camera.take(page, "receipt", width)


def _sign_in(page: Page, base: str, token: str) -> None:
    page.goto(f"{base}hub/")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your work").wait_for()


def _member(camera: Camera, page: Page, base: str, token: str, width: str) -> None:
    page.goto(f"{base}hub/")
    camera.take(page, "sign-in", width)
    _sign_in(page, base, token)
    page.goto(f"{base}hub/test/new")
    page.get_by_label("Version tried").select_option(f"{IDS}/specification/r7kq-v")
    page.get_by_role("combobox", name="Site").select_option(f"{IDS}/site/r7kq-a")
    page.locator('[name="startDate"]').fill("2026-09-07")
    page.locator('[name="scale"][value$="/small"]').check()
    page.get_by_role("textbox", name="Prediction").first.fill(
        "Half of the class will read a page aloud."
    )
    page.evaluate("scrollTo(0, 0)")
    camera.take(page, "hub-plan", width)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Say what happened").wait_for()
    camera.take(page, "hub-record", width)
    where = page.url
    page.goto(f"{base}hub/")
    camera.take(page, "hub-home", width)
    page.goto(f"{where}/report")
    page.locator('[name="asPlanned"]').select_option("yes")
    page.locator('[name="peopleReached"]').fill("24")
    page.locator('[name="hasFinding.predictionOutcome"]').first.check()
    page.locator('[name="hasFinding.basis"]').first.check()
    page.locator('[name="hasFinding.whatHappened"]').fill(
        "Fourteen of 24 pupils read a page aloud."
    )
    page.locator('[name="decision"]').first.check()
    page.evaluate("scrollTo(0, 0)")
    camera.take(page, "hub-report", width)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Submit").click()
    page.wait_for_load_state("networkidle")


def _curator(camera: Camera, page: Page, base: str, token: str, width: str, where: str) -> None:
    _sign_in(page, base, token)
    page.goto(where)
    page.get_by_label("A word on it").fill("How many were absent?")
    page.get_by_role("button", name="Return").click()
    page.get_by_text("How many were absent?").first.wait_for()
    camera.take(page, "hub-returned", width)


REPORT = f"""
@base <{IDS}/> .
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<site/outside> a nic:Site ; rdfs:label "A school elsewhere (made up)"@en ; nic:illustrative true ;
    nic:hasContext <site/outside#context> .
<site/outside#context> a nic:ContextProfile ;
    nic:facetValue <https://w3id.org/warranted/scheme/locality/city> .
<test/outside> a nic:PDSACycle ; rdfs:label "Reading pairs at a school elsewhere"@en ;
    nic:illustrative true ; nic:tests <specification/r7kq-v> ; nic:atSite <site/outside> ;
    nic:startDate "2026-10-05"^^xsd:date ; nic:endDate "2026-10-16"^^xsd:date ;
    nic:scale <https://w3id.org/warranted/scheme/scale/small> ;
    nic:stage <https://w3id.org/warranted/scheme/stage/complete> ; nic:asPlanned true ;
    nic:byOriginator false ; nic:hasPrediction <test/outside#prediction> ;
    nic:decision <https://w3id.org/warranted/scheme/decision/adapt> ;
    nic:hasFinding <test/outside#finding> .
<test/outside#prediction> a nic:Prediction ; nic:ofMeasure <measure/r7kq-m> ;
    nic:statedOn "2026-10-02"^^xsd:date ;
    nic:predictionText "Half of the class will read a page aloud." .
<test/outside#finding> a nic:TestFinding ;
    nic:predictionOutcome <https://w3id.org/warranted/scheme/prediction/partly> ;
    nic:basis <https://w3id.org/warranted/scheme/basis/data> ; nic:harmAsked true ; nic:harmSeen false ;
    nic:whatHappened "Eleven of 26 pupils read a page aloud." ;
    nic:learned "Pupils who come by bus arrive too late for it." .
"""


def main(arguments: list[str]) -> int:
    """Take them all, or those that are named."""
    wanted = set(arguments)
    if unknown := wanted - set(names()):
        raise SystemExit(f"There is no picture {', '.join(sorted(unknown))}.")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        camera = Camera(browser, wanted)
        for name, work in (("site", site), ("hub", hub)):
            folder = Path(scratch) / name
            folder.mkdir()
            mine = {s.name for s in (*SITE, *OPEN)} if work is site else {*HUB, *HUB_LISTS}
            if not wanted or wanted & mine:
                work(camera, folder)
        browser.close()
    for file, size in sorted(camera.sizes.items()):
        print(f"{size:>7,} {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
