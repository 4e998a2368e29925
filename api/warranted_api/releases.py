"""`/releases/`: every release, its files, what changed, how to cite it; and `/release/…`, where its IRI
leads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import description, dumps
from warranted.citing import release_work, styles
from warranted.errors import NotFound
from warranted.query import formats
from warranted.query.datasets import Dataset, Datasets
from warranted.rdfio import Format
from warranted.settings import Settings
from warranted_api import files
from warranted_api.citing import formats_at
from warranted_api.describing import OFFERED
from warranted_api.http import SAFE
from warranted_api.open_pages import page, root_of
from warranted_api.problems import Refused

FOR_GOOD: Final = SAFE | {"Cache-Control": "public, max-age=31536000, immutable"}
_NAMES: Final = {Format.NQUADS: "N-Quads", Format.TURTLE: "Turtle", Format.JSONLD: "JSON-LD"}
_OTHERS: Final = ("application/json", "text/html", *OFFERED)


def router(datasets: Datasets, settings: Settings) -> APIRouter:
    """The routes of `/releases/`."""
    routes = APIRouter(tags=["releases"])

    @routes.get("/releases", include_in_schema=False)
    async def to_releases(request: Request) -> Response:
        return RedirectResponse(f"{root_of(request)}/releases/", 308)

    @routes.get("/release/{name}", operation_id="release")
    async def lead(request: Request, name: str) -> Response:
        """Where the IRI of a release leads."""
        found = await run_in_threadpool(_named, datasets, name)
        return RedirectResponse(f"{root_of(request)}/releases/{found.name}/", 303)

    @routes.get("/releases/", operation_id="list_releases")
    async def releases(request: Request) -> Response:
        """Every release, the newest first: as a page, JSON, or a DCAT catalogue."""
        media = _chosen(request)
        manifests = await run_in_threadpool(_manifests, datasets)
        told = [_listed(m, root_of(request)) for m in manifests]
        if media == "text/html":
            return page(request, "releases.html", releases=told)
        if media == "application/json":
            return JSONResponse({"releases": told}, headers=SAFE | {"Vary": "Accept"})
        title = f"Change packages of {settings.publisher}"
        return _rdf(list(description.catalogue(manifests, settings.base, title)), media)

    @routes.get("/releases/{name}/", operation_id="release_page")
    async def release(request: Request, name: str) -> Response:
        """A release: as a page, JSON (its manifest and addresses), or DCAT, VoID and PROV."""
        media = _chosen(request)
        found = await run_in_threadpool(_named, datasets, name)
        if name != found.name:
            return RedirectResponse(f"{root_of(request)}/releases/{found.name}/", 307)
        folder = _folder(found)
        manifest = await run_in_threadpool(_manifest, found)
        links = {"Link": _signposts(found, manifest, root_of(request))}
        told = _told(found, manifest, root_of(request))
        if media == "application/json":
            return JSONResponse(told, headers=SAFE | links | {"Vary": "Accept"})
        if media == "text/html":
            values = await run_in_threadpool(_shown, folder, manifest)
            latest = datasets.latest()
            assert latest is not None
            apa = styles.apa(release_work(found, settings))
            return page(
                request,
                "release.html",
                headers=links,
                r=told,
                apa=apa,
                latest=latest.name,
                **values,
            )
        quads = description.describe(manifest, settings.base, sums=manifest["files"])
        return _rdf([quad.triple for quad in quads], media, links)

    @routes.get("/releases/{name}/{path:path}", operation_id="release_file")
    async def file(request: Request, name: str, path: str) -> Response:
        """A file of a release: `manifest.json`, `changes.json`, a dump, or a page of its site."""
        found = await run_in_threadpool(_named, datasets, name)
        if name != found.name:
            return RedirectResponse(f"{root_of(request)}/releases/{found.name}/{path}", 307)
        folder = _folder(found)
        if path.startswith("site/"):
            at = f"/releases/{found.name}/site/"
            return await run_in_threadpool(files.of_site, request, folder / "site", path[5:], at)
        if path not in ("manifest.json", "changes.json") and not path.startswith("dumps/"):
            raise NotFound("A release has no such file.")
        return files.sent(await run_in_threadpool(files.inside, folder, path), FOR_GOOD)

    return routes


def _named(datasets: Datasets, name: str) -> Dataset:
    found = datasets.latest() if name == "latest" else datasets.get(name)
    if found is None:
        raise NotFound("Nothing has been published yet.", fix="Run warranted publish.")
    return found


def _folder(found: Dataset) -> Path:
    if found.manifest is None:
        raise NotFound("This was made from a dump: it has no files of a release.")
    return found.manifest.parent


def _manifest(found: Dataset) -> dict[str, Any]:
    if found.manifest is None:
        raise NotFound("This was made from a dump: it has no manifest.")
    told: dict[str, Any] = json.loads(found.manifest.read_bytes())
    return told


def _manifests(datasets: Datasets) -> list[dict[str, Any]]:
    found = (datasets.get(name) for name in datasets.names())
    return [_manifest(one) for one in found if one.manifest is not None]


def _chosen(request: Request) -> str:
    media = formats.choose(request.headers.get("accept"), _OTHERS)
    if media is None:
        raise Refused(406, "This can be had as " + ", ".join(_OTHERS) + ".")
    return media


def _rdf(triples: list[ox.Triple], media: str, headers: dict[str, str] | None = None) -> Response:
    fmt = formats.GRAPHS[media].ox
    data = ox.serialize(triples, format=fmt, prefixes=description.PREFIXES)
    assert data is not None  # None only when it writes to a file
    return Response(data, media_type=media, headers=SAFE | {"Vary": "Accept"} | (headers or {}))


def _listed(manifest: dict[str, Any], root: str) -> dict[str, Any]:
    address = f"{root}/releases/{manifest['id']}/"
    return {
        "id": manifest["id"],
        "created": manifest["created"],
        "digest": manifest["digest"],
        "packages": len(manifest["packages"]),
        "records": manifest["records"],
        "triples": manifest.get("dataset", manifest)["triples"],
        "url": address,
        "manifest": f"{address}manifest.json",
        "dump": f"{address}dumps/{dumps.WHOLE}.nq.gz",
    }


def _told(found: Dataset, manifest: dict[str, Any], root: str) -> dict[str, Any]:
    address = f"{root}/releases/{found.name}/"
    cited = formats_at(f"{root}/cite/release/{found.name}")
    return (
        {"iri": found.iri}
        | _listed(manifest, root)
        | {
            "previous": manifest.get("previous"),
            "changes": f"{address}changes.json",
            "dumps": f"{address}dumps/",
            "site": f"{address}site/",
            "sparql": f"{root}/sparql?release={found.name}",
            "cite": cited,
            "packages": [
                package | {"cite": formats_at(f"{root}/cite/package/{package['slug']}")}
                for package in manifest["packages"]
            ],
            "files": manifest["files"],
        }
    )


def _signposts(found: Dataset, manifest: dict[str, Any], root: str) -> str:
    """Signposting (signposting.org): what to cite, the kind of thing, its files and descriptions."""
    address = f"{root}/releases/{found.name}/"
    links = [
        f'<{found.iri}>; rel="cite-as"',
        '<https://schema.org/Dataset>; rel="type"',
        f'<{address}>; rel="describedby"; type="text/turtle"',
        f'<{address}manifest.json>; rel="describedby"; type="application/json"',
    ]
    links += [
        f'<{address}dumps/{dumps.WHOLE}.{fmt.extension}>; rel="item"; type="{fmt.media_type}"'
        for fmt in dumps.FORMATS
    ]
    if manifest.get("previous"):
        links.append(f'<{root}/releases/{manifest["previous"]}/>; rel="predecessor-version"')
    return ", ".join(links)


def _shown(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """What the page of a release shows besides: the dumps with their sizes, and what changed."""
    titles = {dumps.WHOLE: "Everything"}
    titles |= {p["slug"]: p["title"] or p["slug"] for p in manifest["packages"]}
    listed = {
        title: [
            [
                {"name": name, "ending": name.partition(".")[2], "size": _size(size)}
                for packed in dumps.PACKED
                if (name := f"{stem}.{fmt.extension}{packed}") in manifest["files"]
                for size in [(folder / "dumps" / name).stat().st_size]
            ]
            for fmt in dumps.FORMATS
        ]
        for stem, title in titles.items()
    }
    path = folder / "changes.json"
    changes = json.loads(path.read_bytes()) if path.is_file() else None
    return {"dumps": listed, "formats": [_NAMES[f] for f in dumps.FORMATS], "changes": changes}


def _size(count: int) -> str:
    if count < 1_000_000:
        return f"{max(1, round(count / 1000)):,} kB"
    return f"{count / 1_000_000:,.1f} MB"
