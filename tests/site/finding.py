"""A site with nothing but Find, and how a reader uses it: what its tests share."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from warranted import checking, release, resources, warrant
from warranted.language import ENGLISH
from warranted.namespaces import ROOT
from warranted.records import Record
from warranted_site import find
from warranted_site.filling import Filler
from warranted_site.find.catalogue import page
from warranted_site.find.words import Stub
from warranted_site.linking import link
from warranted_site.links import Links
from warranted_site.part_build import vocabulary
from warranted_site.shell import HERE, shell
from warranted_site.things import Things, things_of
from warranted_site.views import Views

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOWN = 20
"""Results on a page."""


def rows_of(records: list[Record]) -> list[find.Row]:
    """The rows of a release of these records."""
    manifest: dict[str, Any] = {"id": "2026-11-23", "records": len(records), "packages": []}
    computed = warrant.assessment_records(records, as_of=NOW.date(), base=ROOT)
    data = release.ReleaseData("2026-11-23", NOW, ROOT, records, computed, manifest)
    views = Views(data, things_of(records, vocabulary()))
    return find.rows(views, Links(views))


def records_of(*names: str) -> list[Record]:
    policy = resources.ontology() / "policies" / "default-1.ttl"
    files = [resources.packages() / f"{name}.ttl" for name in names]
    return [r for file in (*files, policy) for r in checking.read_file(file, base=ROOT)]


def stubs_of(rows: list[find.Row]) -> list[Stub]:
    return [Stub(r.path, r.title, "en", f"{r.title} at Hillside and Ågård") for r in rows]


def indexed_words(
    stubs: list[Stub], out: Path, earlier: find.Earlier | None = None
) -> find.Indexed | None:
    """The index of all words of the stubs, kept from an earlier one as far as they are the same."""
    by_path = {stub.path: stub for stub in stubs}
    with (
        tempfile.TemporaryDirectory() as scratch,
        find.indexing(
            {stub.path: stub.digest for stub in stubs},
            lambda paths: (by_path[path] for path in paths),
            out,
            find.Written(Path(scratch), "en"),
            key="",
            earlier=earlier,
            keep=link,
        ) as indexed,
    ):
        return indexed()


def site(rows: list[find.Row], out: Path, cache: Path) -> Path:
    """A site with the page, its catalogue, an index of words and a page for every row."""
    frame = shell(cache)
    shutil.copytree(frame.assets, out / "assets")
    shutil.copytree(HERE / "assets", out / "assets", dirs_exist_ok=True)
    find.write(rows, out, language=ENGLISH)
    filler = Filler(frame)
    filler.add({"around": SimpleNamespace(languages=(ENGLISH,), address="", hub="", versions={})})
    made = filler.fill(
        "find/index.html",
        "find",
        "Find",
        release="2026-11-23",
        counts={"records": len(rows)},
        **page(Things(vocabulary())),
    )
    indexed = indexed_words(stubs_of(rows), out)
    assert indexed or not os.environ.get("CI"), "Pagefind is not installed"
    for path, html in {
        made.path: made.html,
        **{r.path: "<title>Page</title>" for r in rows},
    }.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(html, encoding="utf-8")
    return out


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of the page, of a site below a prefix of a plain file server."""
    handler = functools.partial(Quiet, directory=str(folder.parents[1]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{host.server_address[1]}/some/prefix/find/index.html"
        finally:
            host.shutdown()
            thread.join()


def show(opened: Any, address: str, **asked: Any) -> str:
    """Open Find, wait for its lists; what the status says."""
    query = urlencode(asked, doseq=True)
    opened.goto(f"{address}?{query}" if query else address)
    opened.wait_for_selector("#find[data-complete]", timeout=20_000)
    return status(opened)


def status(opened: Any) -> str:
    return str(opened.locator("#find-status").inner_text())


def titles(opened: Any) -> list[str]:
    return list(opened.locator("#find-results .f-title").all_inner_texts())


def told_in(out: Path, name: str) -> Any:
    text = (out / "assets" / "find" / name).read_text(encoding="utf-8")
    return json.loads(re.sub(r"^window\.\w+=", "", text).rstrip().rstrip(";"))


def fits(
    row: find.Row, kind: str, chosen: dict[str, set[str]], warrant_: str, but: str = ""
) -> bool:
    """Whether a row fits every filter, the filter `but` left out."""
    if row.kind != kind:
        return False
    if warrant_ and but != "warrant":
        rank = int(warrant_.replace("just", ""))
        if not (row.rank == rank if "just" in warrant_ else row.rank >= rank):
            return False
    held = {(facet, key) for facet, _, key, _ in row.values}
    return all(
        facet == but or any((facet, key) in held for key in keys) for facet, keys in chosen.items()
    )
