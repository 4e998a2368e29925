"""Citations: a query pinned to a release, a release, a package; in the formats people cite with."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import dumps
from warranted.citations import Citation, Kept, Rerun, cite
from warranted.citing import (
    FORMATS,
    Files,
    Remote,
    Work,
    crate,
    package_work,
    query_work,
    release_work,
    styles,
)
from warranted.errors import InputError, NotFound, ResultTooLarge
from warranted.query import formats, guard
from warranted.query.datasets import Dataset, Datasets
from warranted.query.pool import Answer, Asked, Pool
from warranted.rdfio import Format
from warranted.settings import Settings
from warranted_api import sparql
from warranted_api.http import SAFE
from warranted_api.open_pages import page, root_of

CRATE: Final = "crate.zip"
_NAMES: Final = {
    "bib": "BibTeX",
    "csl.json": "CSL-JSON",
    "cff": "CITATION.cff",
    "txt": "APA",
    CRATE: "RO-Crate",
}
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
        root = root_of(request)
        told = _told(made, settings, root)
        headers = SAFE | {"Location": f"{root}/cite/{made.name}", "Cache-Control": "no-store"}
        return JSONResponse(told, 201, headers=headers)

    @routes.get("/cite/{name}", operation_id="citation")
    async def get(request: Request, name: str) -> Response:
        """A citation: as a page or JSON by the Accept header, in other formats by the ending."""
        stem, dot, ending = name.partition(".")
        found = await run_in_threadpool(kept.get, stem)
        work = query_work(found, settings)
        if dot:
            files = _files(found, await run_in_threadpool(kept.lines, stem))
            return _as(work, ending, files)
        root = root_of(request)
        media = formats.choose(
            request.headers.get("accept"), ["application/json", "text/html", "application/ld+json"]
        )
        headers = SAFE | {"Vary": "Accept", "Link": _links(root, f"/cite/{stem}", work)}
        if media == "text/html":
            return _page(request, found, settings, link=headers["Link"])
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
            return _page(request, found, settings, again=again)
        return JSONResponse(said, headers=SAFE | {"Vary": "Accept", "Cache-Control": "no-store"})

    @routes.get("/cite/release/{name}", operation_id="cite_release")
    async def of_release(name: str) -> Response:
        """How to cite a release, in the format its name ends with (`.bib`, `.csl.json` …)."""
        stem, ending = _split(name)
        dataset = await sparql.chosen(datasets, {"release": [stem]})
        work = release_work(dataset, settings)
        files, remote = await asyncio.to_thread(_of_release, dataset, settings.base)
        return _as(work, ending, files, remote)

    @routes.get("/cite/package/{name}", operation_id="cite_package")
    async def of_package(request: Request, name: str) -> Response:
        """How to cite a package by its short name, in the format its name ends with."""
        stem, ending = _split(name)
        dataset = await sparql.chosen(datasets, sparql.parameters(request.url.query))
        work = await run_in_threadpool(package_work, dataset, stem, settings)
        files = await asyncio.to_thread(_of_package, dataset, stem) if ending == CRATE else {}
        return _as(work, ending, files)

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

    return routes


def _of_release(dataset: Dataset, base: str) -> tuple[Files, Remote]:
    """What a release's crate holds, and its dumps, which are too large to be in it."""
    if dataset.manifest is None:
        return {}, {}
    folder = dataset.manifest.parent
    files = {
        name: ("application/json", (folder / name).read_bytes())
        for name in ("manifest.json", "changes.json")
        if (folder / name).is_file()
    }
    sums = json.loads(files["manifest.json"][1])["files"]
    where = f"{base}/releases/{dataset.name}/dumps/"
    return files, {where + name: (_media(name), digest) for name, digest in sums.items()}


def _of_package(dataset: Dataset, slug: str) -> Files:
    """A package's dumps; `slug` is known to be one of the release's."""
    assert dataset.manifest is not None
    folder = dataset.manifest.parent / "dumps"
    names = [f"{slug}.{fmt.extension}" for fmt in dumps.FORMATS]
    return {name: (_media(name), (folder / name).read_bytes()) for name in names}


def _media(name: str) -> str:
    packed = {"gz": "application/gzip", "zst": "application/zstd"}.get(name.rpartition(".")[2])
    return packed or Format.of_path(Path(name)).media_type


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


def _as(work: Work, ending: str, files: Files, remote: Remote | None = None) -> Response:
    """A work in the format of that ending."""
    if ending == CRATE:
        return Response(
            crate(work, files, remote or {}), media_type="application/zip", headers=SAFE
        )
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
    work = query_work(found, settings)
    address = f"{root}/cite/{found.name}"
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
        "formats": formats_at(address),
    }


def formats_at(address: str) -> dict[str, str]:
    """Where a work is told in each format: its name → its address."""
    return {_NAMES[ending]: f"{address}.{ending}" for ending in (*FORMATS, CRATE)}


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


def _page(
    request: Request,
    found: Citation,
    settings: Settings,
    *,
    again: Rerun | None = None,
    link: str = "",
) -> Response:
    work, address = query_work(found, settings), f"{root_of(request)}/cite/{found.name}"
    return page(
        request,
        "citation.html",
        headers={"Link": link} if link else {},
        found=found,
        work=work,
        apa=styles.apa(work),
        formats=formats_at(address),
        address=address,
        again=again,
    )
