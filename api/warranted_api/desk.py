"""What the endpoints of curation share: the store, who is asking, records read from bodies, answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import jsonld_io, ladder, records, validation
from warranted.curation import content, retries
from warranted.curation.review import Review
from warranted.curation.service import Curation
from warranted.curation.writing import Written
from warranted.errors import InputError, NotFound, ParseError
from warranted.ledger import Version
from warranted.namespaces import ID_PATTERN
from warranted.query import formats
from warranted.query.pool import Pool
from warranted.rdfio import Format, serialise
from warranted.records import Record
from warranted.repository import Repository
from warranted.rights import Actor
from warranted.settings import Settings
from warranted_api.http import PRIVATE, SAFE, body, flag, unchanged
from warranted_api.problems import Refused
from warranted_api.published import Published
from warranted_api.who import Who

OFFERED: Final = {f.media_type: f for f in (Format.TURTLE, Format.JSONLD, Format.NQUADS)}
TAKEN: Final = {f.media_type: f for f in (Format.TURTLE, Format.JSONLD)}
MERGE_PATCH: Final = "application/merge-patch+json"

Told = tuple[dict[str, Any], int, dict[str, str]]
"""An answer: its JSON, its status, its headers."""


@dataclass(frozen=True)
class Desk:
    """Where curation is done."""

    store: Repository
    settings: Settings
    published: Published
    pool: Pool
    who: Who

    @property
    def curation(self) -> Curation:
        """The work on records in the store."""
        return Curation(self.store.ledger, self.store.writer, self.settings.base)

    @property
    def review(self) -> Review:
        """The review of records in the store."""
        return Review(self.curation)

    def url(self, iri: str) -> str:
        """Where the API has a record."""
        return "/api/v1/" + iri.removeprefix(f"{self.settings.base}/id/")

    def iri(self, type_: str, id_: str) -> str:
        """The IRI of a record at a path.

        Raises:
            UnknownType: there is no such type. NotFound: the id can be none.
        """
        records.known(type_)
        if not ID_PATTERN.fullmatch(id_):
            raise NotFound("There is no such record.")
        return f"{self.settings.base}/id/{type_}/{id_}"

    def released(self, type_: str, id_: str) -> tuple[Record, str | None]:
        """A record as the latest release has it, and the path of its page if it has one.

        Raises:
            NotFound: it is not in the release.
        """
        iri = self.iri(type_, id_)
        view = self.published.current()
        record = view.get(iri, type_) if view else None
        if record is None or view is None:
            raise NotFound("There is no such record.")
        return record, view.pages.get(iri)

    async def sent(self, request: Request, iri: str, old: Record | None = None) -> Record:
        """The record in the body, read by a worker; a merge patch is put to `old`.

        Raises:
            Refused: 415. ParseError, InputError: it is no record, or not one.
        """
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        data = await body(request, self.settings.max_body)
        if old is not None:
            if media not in (MERGE_PATCH, "application/json"):
                raise Refused(
                    415, f"Send the change as {MERGE_PATCH}.", {"Accept-Patch": MERGE_PATCH}
                )
            data, fmt = _patched(old, data), Format.JSONLD
        elif (taken := TAKEN.get(media)) is not None:
            fmt = taken
        else:
            raise Refused(415, "Send the record as " + " or ".join(TAKEN) + ".")
        triples = await self.pool.parse(data, fmt, name="request body", base=iri)
        quads = (ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        found = records.split(quads, base=self.settings.base)
        if [r.iri for r in found] != [iri]:
            raise InputError(
                "The body should hold exactly one record.",
                field="id",
                fix="Use the empty IRI for it, and fragments such as <#finding> for its parts.",
            )
        return found[0]

    async def write(
        self, request: Request, actor: Actor, work: Callable[[], Told], *, data: bytes | None = None
    ) -> Response:
        """Do `work` in a transaction, once for each Idempotency-Key, or not at all if `dry-run`.

        Args:
            data: what else the request says, besides method and address; None: there is no retry
                to look out for.

        Raises:
            InputError: the key is none, or was used for another request.
        """
        dry = flag(request, "dry-run") if "dry-run" in request.query_params else False
        key = request.headers.get("idempotency-key") if data is not None else None

        def run() -> Told:
            told: Told = {}, 200, {}
            with self.store.writer.transaction(dry_run=dry):
                if key is None or dry:
                    told = work()
                else:
                    same = hashlib.sha256(
                        b"\n".join(
                            [request.method.encode(), str(request.url.path).encode(), data or b""]
                        )
                    ).hexdigest()
                    told = retries.once(self.store.ledger, actor, key, same, work)
            return told

        answer, status, headers = await run_in_threadpool(run)
        if dry:
            status, headers = 200, {}
            answer = {"dry-run": True} | {k: v for k, v in answer.items() if k != "id"}
        return JSONResponse(answer, status, headers=PRIVATE | headers)

    def told(self, written: Written, *, status: int = 200) -> Told:
        """What a write answers: the record, its version, its status, and what is still wanted."""
        version = written.versions[0]
        headers = {"ETag": f'"{version.digest}"'}
        if status == 201:
            headers["Location"] = self.url(version.record)
        listed = [r.as_json() for r in written.results]
        return (
            {
                "id": version.record,
                "url": self.url(version.record),
                "version": version.n,
                "status": content.status(version.as_record()),
                "documentation": standing(list(written.results)),
                "warnings": listed,
            },
            status,
            headers,
        )

    def as_(
        self, request: Request, record: Record, *, private: bool, more: Mapping[str, str] = {}
    ) -> Response:
        """A record in the format the request asks for, or 304 if it has it.

        Raises:
            Refused: 406.
        """
        media = formats.choose(request.headers.get("accept"), list(OFFERED))
        if media is None:
            raise Refused(406, "A record can be had as " + ", ".join(OFFERED) + ".")
        fmt = OFFERED[media]
        tag = f'"{record.digest}.{fmt.extension}"'
        shared = SAFE | {"Vary": "Accept, Authorization, Cookie"}
        headers = (PRIVATE if private else shared) | {"ETag": tag} | dict(more)
        if unchanged(request, tag):
            return Response(status_code=304, headers=headers)
        data = (
            record.nquads.encode()
            if fmt is Format.NQUADS
            else serialise(record.triples, fmt, root=record.iri)
        )
        return Response(data, media_type=media, headers=headers)


def standing(results: list[validation.Result]) -> dict[str, Any]:
    """How far a record's documentation has come, and the next step."""
    return ladder.standing(results).as_json()


def version_json(version: Version) -> dict[str, Any]:
    """A version for a list. Who made it is said by the role alone."""
    return {
        "version": version.n,
        "iri": version.iri,
        "action": version.action,
        "role": version.role,
        "reason": version.reason,
        "time": version.time,
        "digest": version.digest or None,
        "removed": version.body is None,
    }


def _patched(old: Record, data: bytes) -> bytes:
    """The record's JSON-LD after a JSON Merge Patch (RFC 7396)."""
    try:  # numbers stay as they are written
        patch = json.loads(data.decode(), parse_float=str, parse_int=str)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ParseError("request body", f"it is no JSON ({error})") from error
    if not isinstance(patch, dict):
        raise InputError("A merge patch is an object.", fix="Give the fields that change.")
    if "id" in patch or "@id" in patch or "@context" in patch:
        raise InputError(
            "A patch changes neither the record's address nor its context.", field="id"
        )
    whole = jsonld_io.tree(old.triples, old.iri)
    return json.dumps(_merged(whole, patch, 0)).encode()


def _merged(target: Any, patch: Any, depth: int) -> Any:
    if not isinstance(patch, dict):
        return patch
    if depth > jsonld_io.MAX_DEPTH:
        raise ParseError("request body", "it is nested too deep")
    made = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = _merged(made.get(key), value, depth + 1)
    return made
