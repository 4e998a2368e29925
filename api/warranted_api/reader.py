"""An application without a repository: published datasets to be queried, and nothing to write to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from warranted import __version__
from warranted.citations import Kept
from warranted.query.datasets import Datasets
from warranted.query.pool import Pool
from warranted.settings import Settings
from warranted_api import citing, problems, queries, releases, sparql
from warranted_api.http import SAFE
from warranted_api.open_pages import root_of
from warranted_api.openly import Head, Openly


def create_reader(datasets: Datasets, settings: Settings, citations: Path) -> FastAPI:
    """Query page, SPARQL endpoint, stored queries and citations over `datasets`.

    Args:
        citations: the folder that citations are kept in; made when the first is.
    """
    pool = Pool(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await pool.close()

    app = application(life)
    add_reading(app, datasets, pool, settings, Kept(citations), resolves=False)
    routes = APIRouter()

    @routes.get("/", include_in_schema=False)
    async def home(request: Request) -> Response:
        return RedirectResponse(f"{root_of(request)}/sparql", 307)

    @routes.get("/health", tags=["service"], operation_id="health")
    async def health() -> Response:
        """Whether the server is well, and what it serves."""
        latest = datasets.latest()
        said = {
            "status": "ok",
            "version": __version__,
            "release": latest.name if latest else None,
            "workers_without_network": pool.sealed,
        }
        return JSONResponse(said, headers=SAFE)

    app.include_router(routes)
    return app


class Application(FastAPI):
    """An application with something before the framework, that sees each request first."""

    _first: ASGIApp | None = None

    def before(self, make: Callable[[ASGIApp], ASGIApp]) -> None:
        """Put what `make` makes of all there is so far before it."""
        self._first = make(self._first or super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        first = self._first if scope["type"] == "http" else None
        await (first or super().__call__)(scope, receive, send)


def application(life: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> Application:
    """An application without routes, whose every error is a problem. `life`: what it lives by."""
    app = Application(
        title="Warranted",
        version=__version__,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    return app


def add_reading(
    app: Application,
    datasets: Datasets,
    pool: Pool,
    settings: Settings,
    kept: Kept,
    *,
    resolves: bool,
) -> None:
    """Add to `app` what both kinds of server have for researchers.

    `resolves`: IRIs of records and of the ontology lead on this server.
    """
    app.add_middleware(Openly)
    app.add_middleware(Head)
    endpoint = sparql.Endpoint(datasets, pool, settings.max_body)
    app.before(partial(sparql.Door, endpoint=endpoint))
    app.include_router(sparql.router(endpoint, resolves=resolves))
    app.include_router(queries.router(datasets, pool, settings.base))
    app.include_router(citing.router(datasets, pool, settings, kept))
    app.include_router(releases.router(datasets, settings))
