"""What changed, release by release: kept in `data/changes.json` and carried from site to site.

A release knows only the one before, so each build adds to what the site before it kept:

    {"releases": [{"id", "created", "from", "packages": [
        {"iri", "slug", "title", "change": "new" | "changed" | "gone", "illustrative",
         "counts": {type: {"new", "changed", "gone"}},
         "records": [{"iri", "type", "label", "change": "new" | "changed", "said": […]}],
         "levels": [{"idea", "label", "before", "after", "way": "rose" | "fell" | null,
                     "because": {language: […]}, "together"}]}]}]}

Everything is made from releases; no draft is in one. A record that is gone is told by its kind alone,
and whatever the site before still said of it is taken out, for it may have been removed for privacy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from warranted.namespaces import DCTERMS
from warranted.warrant.changed import Changed
from warranted_site.things import Things
from warranted_site.views import is_made_up

PATH: Final = "data/changes.json"
KEPT: Final = 50
"""Releases that are kept."""
MOST: Final = 1000
"""Records a release tells of one by one; what is beyond stands in the counts alone."""
SENTENCES, LETTERS = 12, 280
"""Sentences told of a record, and letters of each."""
_COMPUTED: Final = "assessment"
"""Made anew in each release, with its day in it: what it says is told by the levels."""
Reasons = Mapping[str, Mapping[str, Changed]]


def history(
    previous_site: Path | None,
    changes: Mapping[str, Any] | None,
    created: datetime,
    id_: str,
    *,
    things: Things,
    reasons: Reasons | None = None,
) -> list[dict[str, Any]]:
    """All releases that are known of, the newest first.

    Args:
        previous_site: the folder of the site before, if there is one.
        changes: `ReleaseData.changes`. created, id_: of the release.
        things: what is published now, in the first language.
        reasons: code of a language → idea → what made its level change (`Views.changes`), the first
            language first.
    """
    earlier = [r for r in _kept(previous_site) if r["id"] != id_]
    now = _release(changes or {}, created, id_, things, reasons or {})
    gone = _names_gone(changes or {}, things)
    return [now, *(_carried(release, things, gone) for release in earlier)][:KEPT]


def to_json(history: list[dict[str, Any]]) -> bytes:
    """The content of `data/changes.json`."""
    told = json.dumps({"releases": history}, ensure_ascii=False, indent=1)
    return f"{told}\n".encode()


def days(history: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Record IRI → the day of the last release that tells of it."""
    found: dict[str, str] = {}
    for release in history:
        day = release["created"][:10]
        for package in release["packages"]:
            told = [package["iri"], *(r["iri"] for r in package["records"])]
            for iri in (*told, *(level["idea"] for level in package["levels"])):
                found.setdefault(iri, day)
    return found


def _kept(previous_site: Path | None) -> list[dict[str, Any]]:
    """What the site before kept; nothing if it is of a version that kept nothing."""
    if previous_site is None or not (previous_site / PATH).is_file():
        return []
    found: list[dict[str, Any]] = json.loads((previous_site / PATH).read_bytes())["releases"]
    return found


def _release(
    changes: Mapping[str, Any],
    created: datetime,
    id_: str,
    things: Things,
    reasons: Reasons,
) -> dict[str, Any]:
    left, packages = MOST, []
    for package in changes.get("packages", ()):
        told = _package(package, things, reasons, left)
        left -= len(told["records"])
        if told["counts"] or told["levels"] or told["change"] != "changed":
            packages.append(told)
    return {
        "id": id_,
        "created": created.isoformat(timespec="seconds"),
        "from": changes.get("from"),
        "packages": packages,
    }


def _package(
    package: Mapping[str, Any], things: Things, reasons: Reasons, most: int
) -> dict[str, Any]:
    records = [r for r in package["records"] if r["type"] != _COMPUTED]
    counts: dict[str, dict[str, int]] = {}
    for record in records:
        of_type = counts.setdefault(record["type"], {"new": 0, "changed": 0, "gone": 0})
        of_type[record["change"]] += 1
    told: list[dict[str, Any]] = []
    levels: list[dict[str, Any]] = []
    if package["change"] == "changed":  # of a package that came or went, the counts say it all
        there = [r for r in records if r["iri"] != package["iri"] or r["said"]]
        told = [
            {k: r[k] for k in ("iri", "type", "label", "change")} | {"said": _short(r["said"])}
            for r in there
            if r["change"] != "gone"
        ][:most]
        levels = [_level(m, reasons) for m in package["levels"] if m["idea"] in things]
    return {
        "iri": package["iri"],
        "slug": package["slug"],
        "title": package["title"],
        "change": package["change"],
        "illustrative": is_made_up(things.get(package["iri"])),
        "counts": counts,
        "records": told,
        "levels": levels,
    }


def _level(moved: Mapping[str, Any], reasons: Reasons) -> dict[str, Any]:
    """A level that moved, and why where that is known."""
    found = {code: of[moved["idea"]] for code, of in reasons.items() if moved["idea"] in of}
    one = next(iter(found.values()), None)
    ranks = (one.before.rank, one.after.rank) if one else (0, 0)
    if one is None or ranks[0] == ranks[1] or None in (moved["before"], moved["after"]):
        return {**_move(moved), "way": None, "because": {}, "together": False}
    return {
        **_move(moved),
        "way": "rose" if ranks[1] > ranks[0] else "fell",
        "because": {code: [c.words for c in why.causes] for code, why in found.items()},
        "together": one.together,
    }


def _move(moved: Mapping[str, Any]) -> dict[str, Any]:
    return {key: moved[key] for key in ("idea", "label", "before", "after")}


def _short(said: list[str]) -> list[str]:
    return [s if len(s) <= LETTERS else f"{s[: LETTERS - 1].rstrip()}…" for s in said[:SENTENCES]]


def _names_gone(changes: Mapping[str, Any], things: Things) -> re.Pattern[str] | None:
    """Finds the names of what this release no longer has."""
    names = {
        record["label"]
        for package in changes.get("packages", ())
        for record in package["records"]
        if record["change"] == "gone" and record["iri"] not in things and record["label"]
    }
    listed = "|".join(re.escape(name) for name in sorted(names))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)") if names else None


def _carried(
    release: dict[str, Any], things: Things, gone: re.Pattern[str] | None
) -> dict[str, Any]:
    """An earlier release without what is published no more; what remains has the name it has now."""

    def clean(said: list[str]) -> list[str]:
        return [s for s in said if gone is None or not gone.search(s)]

    def packages() -> Iterator[dict[str, Any]]:
        for package in release["packages"]:
            now = things.get(package["iri"])
            there = package["iri"] in things
            yield package | {
                "title": now.text(f"{DCTERMS}title") or now.label if there else "",
                "records": [
                    r | {"label": things.get(r["iri"]).label, "said": clean(r["said"])}
                    for r in package["records"]
                    if r["iri"] in things
                ],
                "levels": [
                    m
                    | {"label": things.get(m["idea"]).label}
                    | {"because": {c: w for c, w in m["because"].items() if w == clean(w)}}
                    for m in package["levels"]
                    if m["idea"] in things
                ],
            }

    return release | {"packages": list(packages())}
