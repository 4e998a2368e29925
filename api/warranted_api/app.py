"""The application: built from a store and settings, with nothing global."""

from __future__ import annotations

import copy
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool

from warranted import json_schema, shape_model
from warranted.citations import Kept
from warranted.curation.workspace import Workspace
from warranted.namespaces import RECORD_CLASSES
from warranted.query.datasets import Releases
from warranted.query.pool import Pool
from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api import (
    curation,
    described,
    history,
    hub_pages,
    hubs,
    importing,
    inbox,
    inbox_pages,
    linked,
    people,
    problems,
    queries,
    reading,
    sessions,
    signin,
    warrants,
)
from warranted_api import workspace as workspace_sparql
from warranted_api.deliverer import Deliverer
from warranted_api.desk import Desk
from warranted_api.published import Published
from warranted_api.reader import add_reading, application
from warranted_api.watching import Watching
from warranted_api.who import Who


def create_app(
    store: Repository, settings: Settings, *, publish: hubs.Publish | None = None
) -> FastAPI:
    """The API over `store`; the caller opens the store and closes it.

    Args:
        publish: makes a release; None: this server makes none.
    """
    published = Published(settings)
    pool = Pool(settings)
    datasets = Releases(settings)
    workspace = Workspace(store, Pool(settings))
    desk = Desk(store, settings, published, pool, Who(store, settings))

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        threads = [
            threading.Thread(target=work, args=(stop,), name=work.__name__, daemon=True)
            for work in (store.follower.run, Deliverer(store.ledger).run)
        ]
        for thread in threads:
            thread.start()
        yield
        stop.set()
        await pool.close()
        await workspace.close()
        for thread in threads:
            await run_in_threadpool(thread.join, 10)

    app = application(life)
    kept = Kept(settings.data / "citations")
    add_reading(app, datasets, pool, settings, kept, resolves=True)
    watching = Watching(store)
    app.before(watching.before)
    app.include_router(watching.router())
    if (oidc := sessions.configured(settings)) is not None:
        secure = oidc.base.startswith("https:")
        signed_in = sessions.Sessions(store.accounts)
        app.include_router(signin.router(oidc, signed_in, secure=secure))
    app.add_middleware(inbox.Outside)
    app.include_router(inbox_pages.router(desk))
    app.include_router(hub_pages.router(desk, sign_in=oidc is not None))
    app.include_router(workspace_sparql.router(desk, workspace))
    # Fixed words first: after them, whatever stands in a path is the name of a type.
    app.include_router(people.router(desk))
    app.include_router(inbox.router(desk))
    app.include_router(hubs.router(desk, publish))
    app.include_router(importing.router(desk))
    app.include_router(history.router(desk))
    app.include_router(warrants.router(desk))
    app.include_router(linked.router(desk))
    app.include_router(curation.router(desk))
    app.include_router(reading.router(store, settings, pool))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _by_type(paths: dict[str, Any]) -> dict[str, Any]:
    """The paths, with those of records written out for each type and the body it takes."""
    found: dict[str, Any] = {}
    for path, operations in paths.items():
        if "{type}" not in path or not path.startswith("/api/"):
            found[path] = operations
            continue
        for type_, classes in RECORD_CLASSES.items():
            made = copy.deepcopy(operations)
            for operation in made.values():
                takes_record = operation["operationId"] in ("create_record", "replace_record")
                operation["operationId"] += f"_{type_}"
                operation["parameters"] = [
                    p for p in operation.get("parameters", []) if p["name"] != "type"
                ]
                if takes_record:
                    operation["requestBody"] = _body(classes)
            found[path.replace("{type}", type_)] = made
    return found


def _body(classes: tuple[str, ...]) -> dict[str, Any]:
    known = {json_schema.name_of(cls) for cls in shape_model.shipped().types}
    refs = [{"$ref": f"#/components/schemas/{name}"} for name in classes if name in known]
    return {
        "required": True,
        "content": {
            "application/ld+json": {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}},
            "text/turtle": {"schema": {"type": "string"}},
        },
    }


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the one shape of every error."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = problems.SCHEMA
        schemas |= json_schema.components()
        for operations in made["paths"].values():
            for operation in operations.values():
                described.describe(operation, operation["operationId"])
        made["paths"] = _by_type(made["paths"]) | queries.described()
        content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = {"description": "A problem", "content": content}
        app.openapi_schema = made
    return app.openapi_schema
