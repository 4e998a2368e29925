"""What changed, release by release: kept in `data/changes.json` and carried from site to site.

A release knows only the one before, so each build adds to what the site before it kept:

    {"releases": [{"id", "created", "from", "packages": [
        {"iri", "slug", "title", "titles", "change": "new" | "changed" | "gone", "illustrative",
         "counts": {type: {"new", "changed", "gone"}},
         "records": [{"iri", "type", "label", "labels", "change": "new" | "changed",
                      "said": […], "said_in": {language: […]}}],
         "levels": [{"idea", "label", "labels", "before", "after",
                     "way": "rose" | "fell" | null, "because": {language: […]}, "together"}]}]}]}

What `titles`, `labels`, `said` and `said_in` hold is told by `warranted.changes`, from which they come.
What a site of an earlier version kept has neither `said_in` nor the names in several languages.

Everything is made from releases; no draft is in one. A record that is gone is told by its kind alone,
and whatever the site before still said of it is taken out, for it may have been removed for privacy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from warranted import dumps, vocabulary
from warranted.changes import labels_of, titles_of
from warranted.language import ENGLISH
from warranted.language.quoting import Kept, cut, plain
from warranted.namespaces import DCTERMS, NIC, SCHEME
from warranted.records import Record

PATH: Final = "data/changes.json"
KEPT: Final = 50
"""Releases that are kept."""
MOST: Final = 1000
"""Records a release tells of one by one; what is beyond stands in the counts alone."""
SENTENCES, LETTERS = 12, 280
"""Sentences told of a record, and letters of each."""
_COMPUTED: Final = "assessment"
"""Made anew in each release, with its day in it: what it says is told by the levels."""
Reasons = Mapping[str, Mapping[str, Mapping[str, Any]]]
There = Mapping[str, Record]
"""IRI → the record, of those that are told of and still published."""


def history(
    previous_site: Path | None,
    changes: Mapping[str, Any] | None,
    created: datetime,
    id_: str,
    *,
    records: Iterable[Record],
    removed: Iterable[Record] = (),
    reasons: Reasons | None = None,
) -> list[dict[str, Any]]:
    """All releases that are known of, the newest first.

    Args:
        previous_site: the folder of the site before, if there is one.
        changes: `ReleaseData.changes`. created, id_: of the release.
        records: what is published now. removed: what the release before had and `changes` does not tell
            of, for it was removed for privacy.
        reasons: code of a language → idea → what made its level change, as `Changed.to_json` has it
            (see `Views.changes`); the first language first.
    """
    earlier = [r for r in _kept(previous_site) if r["id"] != id_][: KEPT - 1]
    told = {"id": id_, "from": None, "packages": []} | dict(changes or {})
    named = {iri for release in (told, *earlier) for iri in _named(release)}
    there = {r.iri: r for r in records if r.iri in named}
    now = _release(told, created, id_, there, reasons or {})
    gone = _names_gone(told, there, removed)
    return [now, *(_carried(release, there, gone) for release in earlier)]


def to_json(history: list[dict[str, Any]]) -> bytes:
    """The content of `data/changes.json`."""
    told = json.dumps({"releases": history}, ensure_ascii=False, indent=1)
    return f"{told}\n".encode()


def days(history: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Record IRI → the day of the last release that tells of it."""
    found: dict[str, str] = {}
    for release in history:
        for iri in _named(release):
            found.setdefault(iri, release["created"][:10])
    return found


def _named(release: Mapping[str, Any]) -> Iterator[str]:
    """The records a release tells of, by their IRIs."""
    for package in release["packages"]:
        yield package["iri"]
        yield from (record["iri"] for record in package["records"])
        yield from (level["idea"] for level in package["levels"])


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
    there: There,
    reasons: Reasons,
) -> dict[str, Any]:
    left, packages = MOST, []
    for package in changes.get("packages", ()):
        told = _package(package, there, reasons, left)
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
    package: Mapping[str, Any], there: There, reasons: Reasons, most: int
) -> dict[str, Any]:
    records = [r for r in package["records"] if r["type"] != _COMPUTED]
    counts: dict[str, dict[str, int]] = {}
    for record in records:
        of_type = counts.setdefault(record["type"], {"new": 0, "changed": 0, "gone": 0})
        of_type[record["change"]] += 1
    told: list[dict[str, Any]] = []
    levels: list[dict[str, Any]] = []
    if package["change"] == "changed":  # of a package that came or went, the counts say it all
        listed = [r for r in records if r["iri"] != package["iri"] or r["said"]]
        told = [
            {k: r[k] for k in ("iri", "type", "label", "labels", "change") if k in r} | _short(r)
            for r in listed
            if r["change"] != "gone"
        ][:most]
        levels = [_level(m, reasons) for m in package["levels"] if m["idea"] in there]
    return {
        "iri": package["iri"],
        "slug": package["slug"],
        "title": package["title"],
        "titles": package.get("titles", {}),
        "change": package["change"],
        "illustrative": _made_up(there.get(package["iri"])),
        "counts": counts,
        "records": told,
        "levels": levels,
    }


def _level(moved: Mapping[str, Any], reasons: Reasons) -> dict[str, Any]:
    """A level that moved, and why where that is known."""
    ranks = {c.label: c.rank for c in vocabulary.shipped()[f"{SCHEME}warrant"].concepts}
    before, after = ranks.get(moved["before"]), ranks.get(moved["after"])
    if before is None or after is None or before == after:
        return {**_move(moved), "way": None, "because": {}, "together": False}
    found = {code: of[moved["idea"]] for code, of in reasons.items() if moved["idea"] in of}
    return {
        **_move(moved),
        "way": "rose" if after > before else "fell",
        "because": {
            code: [cause["words"] for cause in why["causes"]]
            for code, why in found.items()
            if why["before"] != why["after"]
        },
        "together": any(why["together"] for why in found.values()),
    }


def _move(moved: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("idea", "label", "labels", "before", "after")
    return {key: moved[key] for key in keys if key in moved}


def _short(record: Mapping[str, Any]) -> dict[str, Any]:
    def short(said: Iterable[Kept]) -> list[Kept]:
        return [cut(sentence, LETTERS) for sentence in islice(said, SENTENCES)]

    told = {code: short(said) for code, said in record.get("said_in", {}).items()}
    return {"said": short(record["said"]), "said_in": told}


def _names_gone(
    changes: Mapping[str, Any], there: There, removed: Iterable[Record]
) -> re.Pattern[str] | None:
    """Finds the names, in every language, of what this release no longer has."""
    names = {
        name
        for package in changes.get("packages", ())
        for record in package["records"]
        if record["change"] == "gone" and record["iri"] not in there
        for name in (record["label"], *record.get("labels", {}).values())
    }
    names |= {name for record in removed for name in labels_of(record).values()}
    listed = "|".join(re.escape(name) for name in sorted(names - {""}))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)") if listed else None


def _carried(release: dict[str, Any], there: There, gone: re.Pattern[str] | None) -> dict[str, Any]:
    """An earlier release without what is published no more; what remains has the name it has now."""

    def clean(said: list[Kept]) -> list[Kept]:
        return [s for s in said if gone is None or not gone.search(plain(s))]

    def cleaned(record: Mapping[str, Any]) -> dict[str, Any]:
        told = {code: clean(said) for code, said in record.get("said_in", {}).items()}
        return {"said": clean(record["said"])} | ({"said_in": told} if "said_in" in record else {})

    def packages() -> Iterator[dict[str, Any]]:
        for package in release["packages"]:
            now = there.get(package["iri"])
            yield package | {
                "title": dumps.value(now, f"{DCTERMS}title") if now else "",
                "titles": titles_of(now) if now else {},
                "records": [
                    r | _names(there[r["iri"]]) | cleaned(r)
                    for r in package["records"]
                    if r["iri"] in there
                ],
                "levels": [
                    m
                    | _names(there[m["idea"]])
                    | {"because": {c: w for c, w in m["because"].items() if w == clean(w)}}
                    for m in package["levels"]
                    if m["idea"] in there
                ],
            }

    return release | {"packages": list(packages())}


def _names(record: Record) -> dict[str, Any]:
    found = labels_of(record)
    label = ENGLISH.pick((text, tag) for tag, text in found.items()).value
    return {"label": label, "labels": found}


def _made_up(record: Record | None) -> bool:
    return record is not None and dumps.value(record, f"{NIC}illustrative") in ("true", "1")
