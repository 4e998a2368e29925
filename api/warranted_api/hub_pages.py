"""`/hub/…`: the pages of a hub. A member records a test, hands it in; a curator reviews. No script is
needed; with one, what is typed is kept until it is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import compare, ladder, records, validation
from warranted.curation import content, forms
from warranted.curation.writing import Written
from warranted.errors import InputError, InvalidRecord, ParseError, WarrantedError
from warranted.form_model import forms_of
from warranted.ledger import Version, find
from warranted.records import Record
from warranted.rights import DRAFTS, EVERYWHERE, STEPS, About, Actor, decide
from warranted_api.desk import Desk
from warranted_api.http import PRIVATE, only
from warranted_api.problems import Refused
from warranted_api.who import from_here

PLAN: Final = ("Plan",)
REPORT: Final = ("Do", "Study", "Act")
_FOLDER: Final = Path(__file__).parent / "hub"
_HEADERS: Final = PRIVATE | {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}
_MOST: Final = 200_000
_TOLD: Final = 20
"""Versions whose changes are told in words on a record's page."""


def router(desk: Desk, *, sign_in: bool) -> APIRouter:
    """The routes of the hub's pages; `sign_in` says whether a provider is there to sign in with."""
    routes = APIRouter(tags=["hub"], include_in_schema=False)
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True)

    def page(template: str, status: int = 200, /, **values: Any) -> Response:
        text = pages.get_template(template).render(**values)
        return Response(text, status, media_type="text/html; charset=utf-8", headers=_HEADERS)

    async def member(request: Request) -> Actor | Response:
        """Who is asking, or the page to sign in on."""
        actor = await desk.who.asks(request)
        return actor or page("sign-in.html", 401, provider=sign_in, told=None)

    async def given(request: Request) -> dict[str, str]:
        """The fields of a form that a page of ours sent."""
        if not from_here(request):
            raise Refused(403, "This was sent from a page of another site.")
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _MOST:
            raise Refused(413, "The form is too long.")
        form = await request.form(max_files=0, max_fields=200)
        return {key: str(value) for key, value in form.items()}

    @routes.get("/hub/style.css")
    async def style() -> Response:
        return Response((_FOLDER / "style.css").read_bytes(), media_type="text/css")

    @routes.get("/hub/hub.js")
    async def script() -> Response:
        return Response((_FOLDER / "hub.js").read_bytes(), media_type="text/javascript")

    @routes.get("/hub/")
    async def home(request: Request) -> Response:
        """What one can do now: record a test, go on with a draft, review what waits."""
        only(request, ())
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        return page("home.html", **await run_in_threadpool(_home, desk, actor))

    @routes.post("/hub/token")
    async def by_token(request: Request) -> Response:
        """Sign in by a token."""
        token = (await given(request)).get("token", "").strip()
        actor, why = await run_in_threadpool(desk.store.accounts.open, token)
        if actor is None:
            return page("sign-in.html", 401, provider=sign_in, told=why)
        answer = RedirectResponse("/hub/", 303, headers=_HEADERS)
        secure = request.url.scheme == "https"
        name = "__Host-warranted_session" if secure else "warranted_session"
        answer.set_cookie(name, token, httponly=True, samesite="lax", secure=secure, path="/")
        return answer

    @routes.get("/hub/test/new")
    async def new(request: Request) -> Response:
        """The plan of a test: what is tried, where, when, how widely, what is expected."""
        only(request, ("tests",))
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        values = {
            "tests": request.query_params.get("tests", ""),
            "hasPrediction.statedOn": datetime.now(UTC).date().isoformat(),
            "stage": _stage("planned"),
        }
        return page("form.html", **await run_in_threadpool(_form, desk, actor, None, PLAN, values))

    @routes.post("/hub/test/new")
    async def plan(request: Request) -> Response:
        """Store the plan as a draft."""
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        return await save(actor, None, PLAN, await given(request))

    @routes.get("/hub/test/{id}/report")
    async def report(request: Request, id: str) -> Response:  # noqa: A002
        """What happened: Do, Study, Act."""
        only(request, ())
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        iri = desk.iri("test", id)
        record = (await run_in_threadpool(desk.curation.read, actor, iri)).as_record()
        values = {"stage": _stage("complete")}
        shown = await run_in_threadpool(_form, desk, actor, record, REPORT, values)
        return page("form.html", **shown)

    @routes.post("/hub/test/{id}/report")
    async def reported(request: Request, id: str) -> Response:  # noqa: A002
        """Store what happened."""
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        return await save(actor, desk.iri("test", id), REPORT, await given(request))

    @routes.get("/hub/{type}/{id}")
    async def shown(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """A record as it stands: what it says, its steps, its versions, what was said of it."""
        only(request, ())
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        iri = desk.iri(type, id)
        return page("record.html", **await run_in_threadpool(_record, desk, actor, iri))

    @routes.post("/hub/{type}/{id}/{step}")
    async def step(request: Request, type: str, id: str, step: str) -> Response:  # noqa: A002
        """Take a step of review, or comment."""
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        iri, said = desk.iri(type, id), (await given(request)).get("reason", "")

        def work() -> str | None:
            try:
                with desk.store.writer.transaction():
                    if step == "comment":
                        desk.review.comment(actor, iri, said)
                    else:
                        desk.review.step(actor, iri, step, reason=said)
            except WarrantedError as error:
                return str(error)
            return None

        told = await run_in_threadpool(work)
        if told is None:
            return RedirectResponse(f"/hub/{type}/{id}", 303, headers=_HEADERS)
        values = await run_in_threadpool(_record, desk, actor, iri)
        return page("record.html", 400, **values | {"told": told, "reason": said})

    async def save(
        actor: Actor,
        iri: str | None,
        sections: tuple[str, ...],
        said: dict[str, str],
    ) -> Response:
        made = iri or records.mint("test", desk.settings.base)

        def work() -> tuple[str | None, list[validation.Result]]:
            try:
                with desk.store.writer.transaction():
                    return None, list(_saved(desk, actor, made, iri, sections, said).results)
            except InvalidRecord as error:
                return "Put this right, then save again. Nothing is lost.", list(error.results)
            except (InputError, ParseError) as error:
                return str(error), []

        told, results = await run_in_threadpool(work)
        if told is None:
            where = f"/hub/test/{made.rpartition('/')[2]}"
            return RedirectResponse(where, 303, headers=_HEADERS)
        record = None
        if iri is not None:
            record = (await run_in_threadpool(desk.curation.read, actor, iri)).as_record()
        values = await run_in_threadpool(_form, desk, actor, record, sections, said)
        wrong = [r for r in results if r.severity == "Violation"]
        return page("form.html", 422, **values | {"told": told, "wrong": wrong, "values": said})

    return routes


def _stage(name: str) -> str:
    field = forms_of("test")[0].field("stage")
    assert field is not None  # every test has a stage
    return next(o.value for o in field.options if o.value.endswith(f"/{name}"))


def _questions(sections: tuple[str, ...]) -> list[forms.Question]:
    form = forms_of("test")[0]
    asked = forms.questions(form, sections)
    label, stage = form.field("label"), form.field("stage")
    if sections == PLAN and label is not None:
        return [*asked, forms.Question("label", label, "Plan")]
    assert stage is not None  # every test has one; a report says that it is complete
    return [forms.Question("stage", stage, "Do"), *asked]


def _saved(
    desk: Desk,
    actor: Actor,
    made: str,
    iri: str | None,
    sections: tuple[str, ...],
    said: dict[str, str],
) -> Written:
    old = desk.curation.read(actor, iri).as_record() if iri else None
    if not said.get("label") and sections == PLAN:
        said = said | {"label": _name(desk, said)}
    record = forms.filled("test", made, _questions(sections), said, old)
    if old is None:
        return desk.curation.create(actor, record)
    return desk.curation.replace(actor, record, expected=said.get("version") or None)


def _name(desk: Desk, said: dict[str, str]) -> str:
    """What a test is called if nobody says: what was tried, where, when."""
    lines = find.lines(desk.store.ledger, [said.get("tests", ""), said.get("atSite", "")])
    names = [lines[iri].label for k in ("tests", "atSite") if (iri := said.get(k, "")) in lines]
    return ", ".join([*names, said.get("startDate", "")])[:140].strip(", ")


def _form(
    desk: Desk,
    actor: Actor,
    record: Record | None,
    sections: tuple[str, ...],
    values: dict[str, str],
) -> dict[str, Any]:
    asked = _questions(sections)
    held = forms.answers(record, asked) if record else {}
    if held.get("stage", "").endswith("/planned") and sections == REPORT:
        held.pop("stage")
    choices = {q.key: _choices(desk, actor, q) for q in asked if q.field.widget == "record"}
    return {
        "record": record,
        "name": _label(desk, record.iri) if record else None,
        "version": record.digest if record else "",
        "sections": [(s, [q for q in asked if q.section == s]) for s in sections],
        "values": values | held,
        "choices": choices,
        "told": None,
        "wrong": [],
    }


def _choices(desk: Desk, actor: Actor, question: forms.Question) -> list[find.Line]:
    found: list[find.Line] = []
    for type_ in question.field.types:
        wanted = find.Wanted(type=type_, networks=actor.networks())
        found += find.find(desk.store.ledger, wanted, limit=500)
    return sorted(found, key=lambda line: line.label.casefold())


def _home(desk: Desk, actor: Actor) -> dict[str, Any]:
    wanted = [find.Wanted(status=status, networks=actor.networks()) for status in sorted(DRAFTS)]
    drafts = [line for w in wanted for line in find.find(desk.store.ledger, w, limit=200)]
    mine = [
        line
        for line in drafts
        if not actor.account or actor.account in desk.store.ledger.authors(line.record)
    ]
    networks = sorted(set(actor.roles) - {EVERYWHERE})
    can_record = any(
        decide(actor, "create", About("test", network)).allowed for network in networks or [""]
    )
    return {
        "actor": actor,
        "networks": [(n, _label(desk, n), sorted(actor.roles[n])) for n in networks],
        "drafts": [(line, _short(line.record)) for line in mine],
        "queue": [(q, _short(str(q["id"]))) for q in desk.review.queue(actor)],
        "can_record": can_record,
    }


def _record(desk: Desk, actor: Actor, iri: str) -> dict[str, Any]:
    version = desk.curation.read(actor, iri)
    record = version.as_record()
    results = desk.store.writer.judge([record])
    told = compare.differences(None, record, label=lambda other: _label(desk, other))
    versions = desk.store.ledger.versions(iri)
    return {
        "iri": iri,
        "short": _short(iri),
        "type": record.type,
        "name": _label(desk, iri),
        "status": content.status(record) or "accepted",
        "standing": ladder.standing(results, cleared=content.values(record, content.CLEARED)),
        "said": told,
        "versions": _told(desk, versions),
        "comments": desk.review.comments(actor, iri),
        "steps": [(s, STEPS[s].needs_reason) for s in desk.review.steps(actor, iri)],
        "may_edit": desk.curation.may(actor, "edit", iri).allowed,
        "told": None,
        "reason": "",
    }


def _told(desk: Desk, versions: list[Version]) -> list[tuple[Version, list[str]]]:
    """The versions that have content, the last first, each with what it changed in words."""
    found = []
    for before, version in zip([None, *versions], versions, strict=False):
        if version.body is None:
            continue
        said: list[str] = []
        if before is not None and before.body is not None and version.n > len(versions) - _TOLD:
            changes = compare.differences(
                before.as_record(), version.as_record(), label=lambda iri: _label(desk, iri)
            )
            said = [c.sentence for c in changes if c.path != content.LIFECYCLE]
        found.append((version, said))
    return found[::-1]


def _label(desk: Desk, iri: str) -> str | None:
    line = find.lines(desk.store.ledger, [iri]).get(iri)
    return line.label if line else None


def _short(iri: str) -> str:
    return iri.partition("/id/")[2]
