"""The application: built from a store and settings, with nothing global."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from warranted import __version__
from warranted.query.pool import Pool
from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api import curation, problems, reading, sparql
from warranted_api.published import Published


def create_app(store: Repository, settings: Settings) -> FastAPI:
    """The API over `store`; the caller opens the store and closes it."""
    published = Published(settings)
    pool = Pool(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await pool.close()

    app = FastAPI(
        title="Warranted",
        version=__version__,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(sparql.router(settings, published, pool))
    app.include_router(curation.router(store, settings, published, pool))
    app.include_router(reading.router(store, settings, pool))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the one shape of every error."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes)
        made.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
        content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = {"description": "A problem", "content": content}
        app.openapi_schema = made
    return app.openapi_schema
