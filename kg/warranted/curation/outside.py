"""What someone outside may send: a test of a published idea, or an adaptation of a published package.

It is judged against what is published, and nothing else: an answer can tell a stranger nothing of a
draft. Its records get IRIs of ours, and name one site of their own, which makes what comes back the
word of one more place. A prediction counts from the day it reached the hub: whoever sends plan and
result together predicts after the fact, whatever the file says. (Taylor et al. 2014)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

import pyoxigraph as ox

from warranted import checking, validation
from warranted.curation import content
from warranted.errors import InputError, InvalidRecord
from warranted.namespaces import DCTERMS, NIC, OWL, PROV, RDF, XSD
from warranted.neighbourhood import Index
from warranted.records import Record

REPORT: Final = "report"
ADAPTATION: Final = "adaptation"
TYPES: Final[Mapping[str, frozenset[str]]] = {
    REPORT: frozenset(["test", "site", "specification"]),
    ADAPTATION: frozenset(
        ["theory", "site", "specification", "uptake", "aim", "driver", "measure"]
    ),
}
"""Kind → the types of the records that may be in it."""
HEAD: Final[Mapping[str, str]] = {REPORT: "test", ADAPTATION: "theory"}
"""Kind → the type of the one record that it is about."""
ONE: Final[Mapping[str, tuple[str, ...]]] = {
    REPORT: ("test", "site"),
    ADAPTATION: ("theory", "site"),
}
MOST: Final = 200
"""Records that may come at once."""

OURS: Final[Mapping[str, str]] = {
    f"{NIC}lifecycle": "Status",
    f"{NIC}ofNetwork": "Network",
    f"{NIC}cleared": "Cleared",
    f"{NIC}harvested": "Harvested",
    f"{OWL}deprecated": "Deprecated",
    f"{DCTERMS}isReplacedBy": "Replaced by",
    f"{DCTERMS}identifier": "Key",
}
"""Properties that a hub sets, by what a form calls them."""

EARLIEST: Final = timezone(timedelta(hours=-12))
"""Where a day lasts longest: what came on a day anywhere came on that day (anywhere on Earth)."""

_PREDICTION: Final = f"{NIC}hasPrediction"
_STATED: Final = f"{NIC}statedOn"
_DATE: Final = ox.NamedNode(f"{XSD}date")

Released = Callable[[str], Record | None]
"""The record with that IRI as the latest release has it, or None."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent and may be kept.

    Attributes:
        kind: `report` or `adaptation`. label: the name of its head record.
        records: under the IRIs their sender gave. about: the published records they name.
        results: what the shapes say beyond what must be: warnings and advice.
    """

    kind: str
    label: str
    records: tuple[Record, ...]
    about: tuple[str, ...]
    results: tuple[validation.Result, ...]


def look(found: Sequence[Record], released: Released, base: str) -> Sent:
    """What was sent, if it may be kept.

    Raises:
        InputError: it is neither a report nor an adaptation; with the field and what to do.
        InvalidRecord: a record breaks a shape, those on privacy among them.
    """
    kind = _kind(found)
    _hub_sets(found)
    own = {record.iri for record in found}
    for iri in sorted(own):
        if released(iri) is not None:
            raise InputError(
                f"<{iri}> is published already.",
                field="id",
                fix="Give your own records IRIs of their own, and name the published ones.",
            )
    about = {iri: _published(iri, released) for iri in _named(found, base) - own}
    if not about:
        raise InputError(
            "It names nothing that is published here.",
            field="Version tried" if kind == REPORT else "Made from",
            fix="Make it from the page of a published idea or package.",
        )
    _one_site(kind, found)
    near = Index(t for record in about.values() for t in record.triples)
    results = checking.check(list(found), near)
    if validation.violations(results):
        raise InvalidRecord(results)
    head = next(r for r in found if r.type == HEAD[kind])
    label = next(iter(content.values(head, content.LABEL)), "")
    return Sent(kind, label, tuple(found), tuple(sorted(about)), tuple(results))


def moved(found: Iterable[Record], names: Mapping[str, str]) -> list[Record]:
    """The records under other IRIs, their parts and what names them with them."""

    def change(iri: str) -> str:
        record, hash_, part = iri.partition("#")
        return names.get(record, record) + hash_ + part

    return [
        Record(names.get(r.iri, r.iri), r.type, content.mapped(r, change).triples) for r in found
    ]


def arrived(test: Record, predicted: datetime) -> Record:
    """The test with its prediction dated no earlier than the day it reached the hub.

    Where the sender gives an earlier day, and it came after the start, a note on the prediction keeps
    what the sender says. One that came by the start keeps its own date.
    """
    day = predicted.astimezone(EARLIEST).date()
    start = _day(test, test.iri, f"{NIC}startDate")
    triples = list(test.triples)
    for node in sorted(set(_nodes(test, _PREDICTION))):
        stated = _day(test, node, _STATED)
        if stated is not None and (stated >= day or (start is not None and day <= start)):
            continue
        at = ox.NamedNode(node)
        triples = [t for t in triples if not (t.subject == at and t.predicate.value == _STATED)]
        triples.append(
            ox.Triple(at, ox.NamedNode(_STATED), ox.Literal(day.isoformat(), datatype=_DATE))
        )
        if stated is not None:
            note = (
                f"Its sender says that it was written on {stated.isoformat()}; it reached the hub "
                f"on {day.isoformat()}, and that is the day that counts."
            )
            triples.append(ox.Triple(at, ox.NamedNode(f"{NIC}curatorNote"), ox.Literal(note)))
    return Record(test.iri, test.type, tuple(sorted(set(triples), key=str)))


def _kind(found: Sequence[Record]) -> str:
    types = [record.type for record in found]
    kind = REPORT if "test" in types else ADAPTATION
    if len(found) > MOST:
        raise InputError(f"It holds more than {MOST} records.", fix="Send less at once.")
    for record in found:
        if record.type not in TYPES[kind]:
            listed = ", ".join(sorted(TYPES[kind]))
            raise InputError(
                f"A record of the type {record.type} cannot be sent here.",
                field="type",
                fix=f"With a {HEAD[kind]}, these can: {listed}.",
            )
    for type_ in ONE[kind]:
        if types.count(type_) != 1:
            raise InputError(
                f"It should hold exactly one {type_}, and holds {types.count(type_)}.",
                field=type_,
                fix="A report is a test at a site; an adaptation a theory at a site.",
            )
    if kind == REPORT and not any(
        t.predicate.value == f"{RDF}type" and t.object == ox.NamedNode(f"{NIC}PDSACycle")
        for record in found
        if record.type == "test"
        for t in record.triples
    ):
        raise InputError(
            "The test should be a PDSA cycle.", field="type", fix="Its class is nic:PDSACycle."
        )
    return kind


def _hub_sets(found: Iterable[Record]) -> None:
    for record in found:
        for t in record.triples:
            name = OURS.get(t.predicate.value)
            if name is not None:
                raise InputError(
                    f"{name}: this is for the hub to say.", field=name, fix="Leave it out."
                )


def _one_site(kind: str, found: Sequence[Record]) -> None:
    """Each test and uptake is at the one site that was sent with it."""
    site = next(r.iri for r in found if r.type == "site")
    for record in found:
        if record.type in ("test", "uptake") and content.values(record, f"{NIC}atSite") != [site]:
            raise InputError(
                "Site: it should be at the site that is sent with it.",
                field="Site",
                fix=f"Put <{site}> there.",
            )
    head = next(r for r in found if r.type == HEAD[kind])
    if kind == ADAPTATION and not content.values(head, f"{PROV}wasDerivedFrom"):
        raise InputError(
            "Made from: say which package it was made from.",
            field="Made from",
            fix="Put the package's IRI there.",
        )


def _named(found: Iterable[Record], base: str) -> set[str]:
    prefix = f"{base}/id/"
    return {iri for record in found for iri in record.named if iri.startswith(prefix)}


def _published(iri: str, released: Released) -> Record:
    record = released(iri)
    if record is None:
        raise InputError(
            f"It names <{iri}>, which is not published here.",
            field="id",
            fix="Name records of the latest release only, or send them with it.",
        )
    return record


def _nodes(record: Record, predicate: str) -> Iterator[str]:
    for t in record.triples:
        if t.predicate.value == predicate and isinstance(t.object, ox.NamedNode):
            yield t.object.value


def _day(record: Record, node: str, predicate: str) -> date | None:
    """The day a literal names, its time zone aside; None if there is none."""
    for t in record.triples:
        if t.subject == ox.NamedNode(node) and t.predicate.value == predicate:
            try:
                return date.fromisoformat(str(getattr(t.object, "value", ""))[:10])
            except ValueError:  # a year of five digits
                return None
    return None
