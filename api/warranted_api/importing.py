"""`/api/v1/import`: a spreadsheet or an RDF file taken in, at once or in the background with progress."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from warranted import records
from warranted.curation.importing import TABLES, Importer, ImportReport, kind_of
from warranted.errors import InputError, NotFound, TooLarge, WarrantedError
from warranted.imports.mapping import read_mapping
from warranted.imports.sheets_out import csv_rows
from warranted.ledger import find
from warranted.records import Record
from warranted.rights import EVERYWHERE, Actor
from warranted_api.desk import Desk
from warranted_api.http import PRIVATE, flag, only
from warranted_api.problems import status_of

KEPT: Final = 100
"""Jobs whose outcome is remembered by this process."""


class _Jobs:
    """What runs in the background, and what came of it."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def start(self, account: str, work: Callable[[Callable[[int, int, str], None]], Any]) -> str:
        id_ = secrets.token_hex(8)
        job: dict[str, Any] = {"account": account, "state": "running", "rows": 0}
        with self._lock:
            self._jobs[id_] = job
            for old in list(self._jobs)[:-KEPT]:
                if self._jobs[old]["state"] != "running":
                    del self._jobs[old]

        def run() -> None:
            try:
                report = work(lambda done, _total, _stage: job.update(rows=done))
                job.update(state="done", report=report)
            except WarrantedError as error:
                job.update(
                    state="failed", status=status_of(error), detail=str(error), field=error.field
                )

        threading.Thread(target=run, name="import", daemon=True).start()
        return id_

    def get(self, id_: str, account: str) -> dict[str, Any]:
        with self._lock:
            job = self._jobs.get(id_)
        if job is None or job["account"] != account:
            raise NotFound("There is no such import.")
        return {"id": id_} | {k: v for k, v in job.items() if k != "account"}


def router(desk: Desk) -> APIRouter:
    """The routes of imports."""
    routes = APIRouter(tags=["import"])
    jobs = _Jobs()

    @routes.post("/api/v1/import", operation_id="import_file")
    async def take(request: Request) -> Response:
        """Import the file in the body; `name` is what it is called, and says its kind by its ending:
        .csv, .xlsx, .ttl, .jsonld, .trig, .nq, .nt.

        A table has a row a record of `type`, of a template or by a `mapping` (such as `pdsa-form`).
        `mode=all` stores all rows or none, `mode=rows` those that are right. With `dry-run` nothing is
        stored. With the header `Prefer: respond-async` it is done in the background: 202, and
        Location says where to look.
        """
        actor = await desk.who.member(request)
        only(request, ("name", "type", "mapping", "network", "mode", "dry-run"))
        params = request.query_params
        ending = kind_of(params.get("name", ""))
        dry = flag(request, "dry-run")
        network = _network(actor, params.get("network"))
        type_ = records.known(params.get("type", "")) if ending in TABLES else ""
        mapping = read_mapping(_shipped(params["mapping"])) if "mapping" in params else None
        path = await _saved(request, ending, desk.settings.max_import)

        def work(progress: Callable[[int, int, str], None]) -> dict[str, Any]:
            try:
                importer = Importer(desk.curation, actor, network)
                called = Path(params["name"]).name[:120]
                if ending not in TABLES:
                    return importer.rdf(path, name=called, dry_run=dry).as_json()
                made: ImportReport = importer.table(
                    path,
                    type_,
                    name=called,
                    mapping=mapping,
                    mode=params.get("mode", "all"),
                    dry_run=dry,
                    progress=progress,
                )
                return made.as_json()
            finally:
                path.unlink(missing_ok=True)

        if "respond-async" in request.headers.get("prefer", ""):
            id_ = jobs.start(actor.account, work)
            where = {"Location": f"/api/v1/imports/{id_}", "Preference-Applied": "respond-async"}
            return JSONResponse({"id": id_, "state": "running"}, 202, headers=PRIVATE | where)
        report = await run_in_threadpool(work, lambda *_: None)
        refused = not dry and not report["stored"]
        return JSONResponse(report, 422 if refused else 200, headers=PRIVATE)

    @routes.get("/api/v1/export", operation_id="export_records")
    async def export(request: Request) -> Response:
        """The records of a `type` that the one who asks may read, as the rows of its template (CSV)."""
        actor = await desk.who.member(request)
        only(request, ("type", "network", "status"))
        params = request.query_params
        type_ = records.known(params.get("type", ""))
        wanted = find.Wanted(
            type=type_,
            networks=actor.networks(),
            network=params.get("network"),
            status=params.get("status"),
        )
        lines = csv_rows(type_, _current(desk, wanted))
        named = {"Content-Disposition": f'attachment; filename="{type_}.csv"'}
        return StreamingResponse(lines, media_type="text/csv", headers=PRIVATE | named)

    @routes.get("/api/v1/imports/{import_id}", operation_id="import_progress")
    async def progress(request: Request, import_id: str) -> Response:
        """How far an import in the background has come; when it is done, its report."""
        actor = await desk.who.member(request)
        only(request, ())
        return JSONResponse(jobs.get(import_id, actor.account), headers=PRIVATE)

    return routes


def _current(desk: Desk, wanted: find.Wanted) -> Iterator[Record]:
    """Every record that is wanted, in the order of their IRIs, in bounded memory."""
    after = ""
    while lines := find.find(desk.store.ledger, wanted, after=after, limit=500):
        for line in lines:
            version = desk.store.ledger.current(line.record)
            if version is not None and version.body:
                yield version.as_record()
        after = lines[-1].record


def _network(actor: Actor, given: str | None) -> str:
    if given:
        return given
    own = sorted(set(actor.roles) - {EVERYWHERE})
    if len(own) != 1:
        raise InputError("Say which network imports it.", field="network", fix="Give its IRI.")
    return own[0]


def _shipped(name: str) -> str:
    """A mapping that ships with us, by its name: never a path."""
    if not name.replace("-", "").isalnum():
        raise InputError("A mapping is named by letters, digits and hyphens.", field="mapping")
    return name


async def _saved(request: Request, ending: str, most: int) -> Path:
    """The body in a file of its own, outside the store."""
    size = 0
    with tempfile.NamedTemporaryFile(prefix="import", suffix=ending, delete=False) as file:
        path = Path(file.name)
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise TooLarge(f"The file is longer than {most:,} bytes.", fix="Split it.")
                await run_in_threadpool(file.write, chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path
