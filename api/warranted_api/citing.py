"""Citations: a query pinned to a release, a release, a package; in the formats people cite with."""

from __future__ import annotations

import asyncio
import dataclasses
import html
import json
from datetime import UTC, date, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted.citations import Citation, Kept, Rerun, cite
from warranted.citing import FORMATS, Work, crate, styles
from warranted.errors import InputError, NotFound, ResultTooLarge
from warranted.query import formats, guard
from warranted.query.datasets import Dataset, Datasets
from warranted.query.pool import Answer, Asked, Pool
from warranted.settings import Settings
from warranted_api import sparql
from warranted_api.http import SAFE

CRATE: Final = "crate.zip"
_TSV, _TRIPLES = "text/tab-separated-values", "application/n-triples"


def router(datasets: Datasets, pool: Pool, settings: Settings, kept: Kept) -> APIRouter:
    """The routes of `/cite`."""
    routes = APIRouter(tags=["citation"])

    @routes.post("/cite", status_code=201, operation_id="cite_query")
    async def make(request: Request) -> Response:
        """Pin a query to a release: it gets a short IRI, with the digest of what it answers.

        The body is as for `/sparql`: a form with `query` and, if need be, `release`,
        `default-graph-uri` and `named-graph-uri`, or the query itself.
        """
        given, direct = await sparql.sent(request, settings.max_body)
        dataset = await sparql.chosen(datasets, given)
        wanted = sparql.asked(given, direct)
        looked = await run_in_threadpool(guard.look, wanted.text)
        answer = await ask(request, dataset, wanted.text, wanted.default, wanted.named)
        made = await run_in_threadpool(
            cite,
            wanted.text,
            dataset,
            answer,
            datetime.now(UTC),
            default=wanted.default,
            named=wanted.named,
            changing=looked.changing,
        )
        made = await run_in_threadpool(kept.add, made, answer)
        root = request.scope.get("root_path", "")
        told = _told(made, settings, root)
        headers = SAFE | {"Location": f"{root}/cite/{made.name}", "Cache-Control": "no-store"}
        return JSONResponse(told, 201, headers=headers)

    @routes.get("/cite/{name}", operation_id="citation")
    async def get(request: Request, name: str) -> Response:
        """A citation: as a page or JSON by the Accept header, in other formats by the ending."""
        stem, dot, ending = name.partition(".")
        found = await run_in_threadpool(kept.get, stem)
        work = work_of(found, settings)
        if dot:
            files = _files(found, await run_in_threadpool(kept.lines, stem))
            return _as(work, ending, files)
        root = request.scope.get("root_path", "")
        media = formats.choose(
            request.headers.get("accept"), ["application/json", "text/html", "application/ld+json"]
        )
        headers = SAFE | {"Vary": "Accept", "Link": _links(root, f"/cite/{stem}", work)}
        if media == "text/html":
            page = _page(found, work, root)
            return HTMLResponse(page, headers=sparql.PAGE_HEADERS | {"Link": headers["Link"]})
        return JSONResponse(_told(found, settings, root), headers=headers)

    @routes.get("/cite/{name}/rerun", operation_id="rerun")
    async def rerun(request: Request, name: str) -> Response:
        """Ask a cited query again, of its own release or of another (`release=latest`, say).

        The answer says whether the result is the same; if not, which rows came and which went.
        """
        given = sparql.parameters(request.url.query)
        if unknown := set(given) - {"release"}:
            field = min(unknown)[:40]
            raise InputError(f"The parameter '{field}' is not known.", field=field)
        found = await run_in_threadpool(kept.get, name)
        dataset = await sparql.chosen(datasets, given or {"release": [found.release]})
        answer = await ask(request, dataset, found.query, found.default, found.named)
        again = await run_in_threadpool(kept.compare, found, answer, dataset.name)
        said = _again(found, again, dataset, settings)
        media = formats.choose(request.headers.get("accept"), ["application/json", "text/html"])
        if media == "text/html":
            root = request.scope.get("root_path", "")
            page = _page(found, work_of(found, settings), root, again)
            return HTMLResponse(page, headers=sparql.PAGE_HEADERS)
        return JSONResponse(said, headers=SAFE | {"Vary": "Accept", "Cache-Control": "no-store"})

    @routes.get("/cite/release/{name}", operation_id="cite_release")
    async def of_release(name: str) -> Response:
        """How to cite a release, in the format its name ends with (`.bib`, `.csl.json` …)."""
        stem, ending = _split(name)
        dataset = await sparql.chosen(datasets, {"release": [stem]})
        work = release_work(dataset, settings)
        files = {"manifest.json": await _manifest(dataset)} if ending == CRATE else {}
        return _as(work, ending, files)

    @routes.get("/cite/package/{name}", operation_id="cite_package")
    async def of_package(request: Request, name: str) -> Response:
        """How to cite a package by its short name, in the format its name ends with."""
        stem, ending = _split(name)
        dataset = await sparql.chosen(datasets, sparql.parameters(request.url.query))
        work = await run_in_threadpool(package_work, dataset, stem, settings)
        return _as(work, ending, {})

    async def ask(
        request: Request,
        dataset: Dataset,
        text: str,
        default: tuple[str, ...],
        named: tuple[str, ...],
    ) -> Answer:
        form = (await run_in_threadpool(guard.look, text)).form
        asked = Asked(dataset.folder, text, default=default, named=named)
        if form != "ASK":
            asked = asked.written_as(_TSV if form == "SELECT" else _TRIPLES)
        try:
            return await pool.query(asked, client=sparql.client_of(request))
        except ResultTooLarge as error:
            raise ResultTooLarge(
                "The answer is too large to be cited whole.", fix="Ask for less, with LIMIT."
            ) from error

    async def _manifest(dataset: Dataset) -> tuple[str, bytes]:
        assert dataset.manifest is not None
        return "application/json", await asyncio.to_thread(dataset.manifest.read_bytes)

    return routes


def release_work(dataset: Dataset, settings: Settings) -> Work:
    """A release as something to cite."""
    return Work(
        kind="release",
        iri=dataset.iri,
        url=dataset.iri,
        title=f"Warranted, release {dataset.name}",
        authors=(),
        publisher=settings.publisher,
        version=dataset.name,
        issued=date.fromisoformat(dataset.created[:10]),
        digest=dataset.digest,
        licence="",
        part_of="",
        part_of_iri="",
    )


def package_work(dataset: Dataset, slug: str, settings: Settings) -> Work:
    """A package of a release as something to cite.

    Raises:
        NotFound: the release has no such package.
    """
    manifest: dict[str, Any] = (
        json.loads(dataset.manifest.read_bytes()) if dataset.manifest is not None else {}
    )
    for package in manifest.get("packages", ()):
        if package["slug"] == slug:
            whole = release_work(dataset, settings)
            return dataclasses.replace(
                whole,
                kind="package",
                iri=package["iri"],
                url=package["iri"],
                title=package["title"] or slug,
                authors=tuple(package.get("networks", ())),
                licence=package.get("licence", ""),
                part_of=whole.title,
                part_of_iri=whole.iri,
            )
    raise NotFound(f"Release {dataset.name} has no package '{slug[:60]}'.")


def work_of(found: Citation, settings: Settings) -> Work:
    """A cited query as something to cite."""
    iri = f"{settings.base}/cite/{found.name}"
    line = next((s.lstrip("# ") for s in found.query.splitlines() if s.strip("# ")), "")
    question = line if found.query.lstrip().startswith("#") else ""
    rows = f"{found.result.rows:,} {found.result.kind}"
    return Work(
        kind="query",
        iri=iri,
        url=iri,
        title=question or f"Query {found.name} on Warranted, release {found.release}",
        authors=(),
        publisher=settings.publisher,
        version=found.release,
        issued=date.fromisoformat(found.created[:10]),
        digest=found.release_digest,
        licence="",
        part_of=f"Warranted, release {found.release}",
        part_of_iri=found.release_iri,
        query=found.query,
        result_digest=found.result.digest,
        rows=found.result.rows,
        abstract=f"A SPARQL query on release {found.release}; its result has {rows}.",
    )


def _files(found: Citation, lines: list[str] | None) -> dict[str, tuple[str, bytes]]:
    files = {"query.rq": (sparql.DIRECT, found.query.encode())}
    if lines is not None:
        name, media = {
            "rows": ("result.tsv", _TSV),
            "triples": ("result.nt", _TRIPLES),
            "boolean": ("result.txt", "text/plain"),
        }[found.result.kind]
        files[name] = media, "".join(f"{line}\n" for line in lines).encode()
    return files


def _as(work: Work, ending: str, files: dict[str, tuple[str, bytes]]) -> Response:
    """A work in the format of that ending."""
    if ending == CRATE:
        return Response(crate(work, files), media_type="application/zip", headers=SAFE)
    if ending not in FORMATS:
        listed = ", ".join(f".{e}" for e in (*FORMATS, CRATE))
        raise NotFound(f"This can be cited as {listed}.")
    media, write = FORMATS[ending]
    return Response(write(work), media_type=media, headers=SAFE)


def _split(name: str) -> tuple[str, str]:
    for ending in (*FORMATS, CRATE):
        if name.endswith(f".{ending}"):
            return name.removesuffix(f".{ending}"), ending
    raise NotFound(f"Say a format: {', '.join(f'{name[:60]}.{e}' for e in (*FORMATS, CRATE))}.")


def _told(found: Citation, settings: Settings, root: str) -> dict[str, Any]:
    work = work_of(found, settings)
    address = f"{root}/cite/{found.name}"
    names = {"bib": "bibtex", "csl.json": "csl", "cff": "cff", "txt": "apa", CRATE: "ro-crate"}
    return {
        "iri": work.iri,
        "url": address,
        "apa": styles.apa(work),
        "query": found.query,
        "release": found.release,
        "release_digest": found.release_digest,
        "graphs": {"default": list(found.default), "named": list(found.named)},
        "result": dataclasses.asdict(found.result),
        "changing": found.changing,
        "created": found.created,
        "software": found.software,
        "rerun": f"{address}/rerun",
        "formats": {names[e]: f"{address}.{e}" for e in (*FORMATS, CRATE)},
    }


def _again(found: Citation, again: Rerun, dataset: Dataset, settings: Settings) -> dict[str, Any]:
    return {
        "same": again.same,
        "said": again.sentence,
        "citation": f"{settings.base}/cite/{found.name}",
        "cited": {"release": found.release} | dataclasses.asdict(found.result),
        "now": {"release": again.release} | dataclasses.asdict(again.result),
        "same_data": dataset.digest == found.release_digest,
        "added": again.added,
        "removed": again.removed,
        "more": again.more,
    }


def _links(root: str, path: str, work: Work) -> str:
    """Signposting: what to cite, the kind of thing, its descriptions."""
    links = [f'<{work.iri}>; rel="cite-as"', '<https://schema.org/Dataset>; rel="type"']
    links += [
        f'<{root}{path}.{ending}>; rel="describedby"; type="{media}"'
        for ending, (media, _) in FORMATS.items()
    ]
    return ", ".join(links)


def _page(found: Citation, work: Work, root: str, again: Rerun | None = None) -> str:
    address = f"{root}/cite/{found.name}"
    names = {"bib": "BibTeX", "csl.json": "CSL-JSON", "cff": "CITATION.cff", "txt": "APA"}
    links = " · ".join(
        f'<a href="{address}.{e}">{names.get(e, "RO-Crate")}</a>' for e in (*FORMATS, CRATE)
    )
    changed = ""
    if again is not None:
        shown = "".join(
            f"<h3>{title}</h3><pre>{html.escape(chr(10).join(lines))}</pre>"
            for title, lines in (("Came", again.added), ("Went", again.removed))
            if lines
        )
        changed = f"<h2>Asked again</h2><p role=status>{html.escape(again.sentence)}</p>{shown}"
    varies = (
        "<p>It asks for the time or for chance: asked again it may answer otherwise.</p>"
        if found.changing
        else ""
    )
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{html.escape(work.title)} · Warranted</title>
<link rel="cite-as" href="{html.escape(work.iri)}">
<style>:root{{color-scheme:light dark}}body{{font:17px/1.5 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem}}
pre{{font:13px/1.5 ui-monospace,monospace;overflow-x:auto;padding:1rem;border:1px solid #8886}}
dt{{font-weight:bold}}dd{{margin:0 0 .6rem;overflow-wrap:anywhere}}</style>
<h1>{html.escape(work.title)}</h1>
<p>{html.escape(styles.apa(work))}</p><p>{links}</p>
<pre>{html.escape(found.query)}</pre>{varies}
<dl><dt>Release</dt><dd><a href="{root}/releases/{html.escape(found.release)}/">{html.escape(found.release)}</a>
 (SHA-256 {found.release_digest})</dd>
<dt>Result</dt><dd>{found.result.rows:,} {found.result.kind} (SHA-256 {found.result.digest})</dd>
<dt>Cited</dt><dd>{found.created[:10]}</dd></dl>
<p><a href="{address}/rerun">Ask again</a> · <a href="{address}/rerun?release=latest">Ask the latest release</a></p>
{changed}</html>"""
