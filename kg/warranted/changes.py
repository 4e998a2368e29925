"""What changed from one release to the next, package by package, in the words of the forms.

    {"from": "2026-03-02", "to": "2026-04-01", "packages": [
      {"iri", "slug", "title", "titles", "change": "new" | "changed" | "gone",
       "records": [{"iri", "type", "label", "labels", "change": "new" | "changed" | "gone",
                    "said": […], "said_in": {language: […]}}],
       "levels": [{"idea", "label", "labels", "before", "after"}]}]}

A record that stands in several packages is told in each. A level is null where there was none.

`said` has sentences in English, and `said_in` the same in each other language of the interface. What
records say stays in its own language: a sentence of `said_in` that quotes another is a list of pieces,
each a text in the sentence's language or [text, its language tag]; see `language.quoting`. (It has the
English ones too where they quote another language.) `titles` and `labels` have, by its language tag,
each text that `title` and `label` choose from, and `titles` a package's label where it has no title.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from warranted import dumps, vocabulary
from warranted.compare import Label, compare_in
from warranted.language import ENGLISH, Language, available
from warranted.language.quoting import UNKNOWN, Kept, Quoted, kept, pieces
from warranted.language.text import primary
from warranted.namespaces import DCTERMS, NIC, RDFS, SCHEME
from warranted.records import Record

_LEVELS = f"{SCHEME}warrant"
Side = tuple[list[Record], list[Record]]
"""A release's records, and those computed from them."""


def changes(
    name: str,
    after: Side,
    before_name: str | None,
    before: Side,
    *,
    purged: Collection[str] = (),
) -> dict[str, Any]:
    """What the release `name` has that the one before, if there was one, had not, and the other way.

    Args:
        purged: IRIs of records that were removed for privacy: of what they were nothing is told, and where
            another record no longer names one, it is told by its IRI.
    """
    old = {r.iri: r for r in before[0] if r.iri not in purged}
    new = {r.iri: r for r in after[0]}
    levels = _levels(before[1]), _levels(after[1])
    told = []
    packages = {iri for side in (old, new) for iri, r in side.items() if r.type == "package"}
    for iri in packages:
        package = new.get(iri) or old[iri]
        members = [
            {r.iri: r for r in dumps.members(side[iri], side)} if iri in side else {}
            for side in (old, new)
        ]
        records = list(_records(members[0], members[1]))
        moved = list(_moved(levels, {**members[0], **members[1]}))
        if records or moved:
            told.append(
                {
                    "iri": iri,
                    "slug": dumps.value(package, f"{NIC}slug"),
                    "title": dumps.value(package, f"{DCTERMS}title"),
                    "titles": titles_of(package),
                    "change": _kind(iri in old, iri in new),
                    "records": records,
                    "levels": moved,
                }
            )
    return {"from": before_name, "to": name, "packages": sorted(told, key=lambda p: p["slug"])}


def _kind(was: bool, is_: bool) -> str:
    return "changed" if was and is_ else "new" if is_ else "gone"


def _records(old: Mapping[str, Record], new: Mapping[str, Record]) -> Iterator[dict[str, Any]]:
    def label(language: Language) -> Label:
        def called(iri: str) -> str | None:
            record = new.get(iri) or old.get(iri)
            return _quoted(record, language) if record else None

        return called

    for iri in sorted(old.keys() | new.keys()):
        before, after = old.get(iri), new.get(iri)
        if before is not None and after is not None and before.digest == after.digest:
            continue
        # What is new or gone is told by its name; all it says would be a second copy of the dump.
        told = dict[str, list[Kept]]()
        english = list[str]()
        if before is not None and after is not None:
            found = compare_in(available(), before, after, label=label)
            english = [str(c.sentence) for c in found[ENGLISH.code]]
            told = {code: [kept(c.sentence) for c in changed] for code, changed in found.items()}
            tags = {tag for s in told[ENGLISH.code] for _, tag in pieces(s)}
            if tags <= {"", UNKNOWN}:
                del told[ENGLISH.code]
        record = after or before
        assert record is not None
        yield {
            "iri": iri,
            "type": record.type,
            "label": label_of(record),
            "labels": labels_of(record),
            "change": _kind(before is not None, after is not None),
            "said": english,
            "said_in": told,
        }


def _moved(
    levels: tuple[Mapping[str, str], Mapping[str, str]], members: Mapping[str, Record]
) -> Iterator[dict[str, Any]]:
    before, after = levels
    for iri in sorted(members.keys() & (before.keys() | after.keys())):
        if before.get(iri) != after.get(iri):
            yield {
                "idea": iri,
                "label": label_of(members[iri]),
                "labels": labels_of(members[iri]),
                "before": before.get(iri),
                "after": after.get(iri),
            }


def _levels(computed: list[Record]) -> dict[str, str]:
    """Idea → what its computed level is called."""
    scheme = vocabulary.shipped()[_LEVELS]
    found = {}
    for record in computed:
        said = {
            t.predicate.value: t.object
            for t in record.triples
            if str(t.subject) == f"<{record.iri}>"
        }
        idea, level = said.get(f"{NIC}aboutIdea"), said.get(f"{NIC}warrantLevel")
        if isinstance(idea, ox.NamedNode) and isinstance(level, ox.NamedNode):
            concept = scheme.of(level.value)
            found[idea.value] = concept.label if concept else level.value
    return found


def label_of(record: Record) -> str:
    """What readers of English call a record."""
    found = ENGLISH.pick((text, tag) for tag, text in labels_of(record).items())
    return found.value or record.iri.rpartition("/id/")[2]


def labels_of(record: Record) -> dict[str, str]:
    """Language tag ("" for none) → what a record is called: its label, else its title."""
    return dumps.texts(record, f"{RDFS}label") or dumps.texts(record, f"{DCTERMS}title")


def titles_of(package: Record) -> dict[str, str]:
    """Language tag → the title of a package; its label in languages that have no title."""
    return dumps.texts(package, f"{RDFS}label") | dumps.texts(package, f"{DCTERMS}title")


def _quoted(record: Record, language: Language) -> Quoted:
    """What readers of a language call a record, with the language of that name."""
    found = language.pick((text, tag) for tag, text in labels_of(record).items())
    if not found:
        return Quoted.of([(label_of(record), "")])
    is_own = primary(found.tag) == primary(language.code)
    return Quoted.of([(found.value, "" if is_own else found.tag or UNKNOWN)])
