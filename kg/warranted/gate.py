"""The gate before a release: what goes in, and every reason why it may not.

Published are the packages whose lifecycle status is published, the records they name as parts, and
what those need (their network, sites, sources, versions, series, policies), but nothing of another
package. Nothing else is there, so nothing else can show. A record that is being revised goes in as it
was last approved.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyoxigraph as ox

from warranted import across, checking, ladder, questions, shape_model
from warranted.errors import GateFailed
from warranted.ledger import Version
from warranted.namespaces import DCTERMS, NIC, RDFS, SCHEME
from warranted.records import Record
from warranted.repository import Repository

_PUBLISHED = ox.NamedNode(f"{SCHEME}lifecycle/published")
_HELD = {f"{SCHEME}lifecycle/{s}" for s in ("draft", "submitted", "returned", "withdrawn")}
_LIFECYCLE = ox.NamedNode(f"{NIC}lifecycle")
_ILLUSTRATIVE = ox.NamedNode(f"{NIC}illustrative")
_HARVESTED = ox.NamedNode(f"{NIC}harvested")
_CLEARED = ox.NamedNode(f"{NIC}cleared")
_PART = ox.NamedNode(f"{DCTERMS}hasPart")


def closure(repository: Repository, *, base: str) -> list[Record]:
    """Every record of the release, in the order of their IRIs.

    Raises:
        GateFailed: nothing is to be published, or a package names a record that is missing or held;
            with every reason.
    """
    packages = [p for p in _every_package(repository) if _has(p, _LIFECYCLE, _PUBLISHED)]
    if not packages:
        raise GateFailed(["No package has the lifecycle status published; set it on at least one."])
    found: dict[str, Record] = {}
    missing: set[str] = set()
    reasons: list[str] = []
    for package in packages:
        made_up = _is(package, _ILLUSTRATIVE)
        seen = {package.iri}
        ahead = [package]
        while ahead:
            record = ahead.pop()
            found[record.iri] = record
            for iri in sorted(_named(record, base) - seen):
                seen.add(iri)
                other = found.get(iri) or _stored(repository, iri)
                if other is None:
                    if iri not in missing:
                        reasons.append(
                            f"{label(record)} names <{iri}>, which is not recorded; "
                            "record it or take it out."
                        )
                    missing.add(iri)
                elif other.type == "package":
                    if not _has(other, _LIFECYCLE, _PUBLISHED):
                        reasons.append(
                            f"{label(record)} names {label(other)}, which is not published; "
                            "publish it or take it out."
                        )
                else:
                    reasons += _unfit(package, made_up, other)
                    ahead.append(other)
    if reasons:
        raise GateFailed(list(dict.fromkeys(reasons)))
    return [found[iri] for iri in sorted(found)]


def _stored(repository: Repository, iri: str) -> Record | None:
    version = repository.get(iri)
    return None if version is None else _approved(repository, version)


def _approved(repository: Repository, version: Version) -> Record:
    """The record as it was last approved, while a new version of it is written or reviewed.

    What was withdrawn is not brought back.
    """
    record = version.as_record()
    if _held(record) in (None, "withdrawn"):
        return record
    for earlier in reversed(repository.ledger.versions(version.record)):
        if earlier.n < version.n and earlier.body:
            before = earlier.as_record()
            if _held(before) == "withdrawn":
                break
            if _held(before) is None:
                return before
    return record


def _unfit(package: Record, made_up: bool, other: Record) -> list[str]:
    """Why `other` may not be published with `package`."""
    reasons = []
    if held := _held(other):
        reasons.append(
            f"{label(package)} needs {label(other)}, which is {held}; have it accepted first."
        )
    if other.type not in ("policy", "source") and made_up != _is(other, _ILLUSTRATIVE):
        if made_up:
            reasons.append(
                f"{label(package)} is made up and needs {label(other)}, which is not marked "
                "illustrative; mark it, or take it out."
            )
        else:
            reasons.append(
                f"{label(package)} is real and needs {label(other)}, which is marked "
                "illustrative; take it out."
            )
    return reasons


def judge(records: list[Record]) -> None:
    """Hold the release back if a record may not be published.

    A violation always holds. A warning holds unless the record was made from a publication, whose
    authors cannot be asked, or is about what is past and cannot be put right (a late prediction):
    that is shown instead. A warning on privacy always holds, until a reviewer has looked at it and
    the record says so (`nic:cleared`, with the shape's IRI).

    Raises:
        GateFailed: with a reason for each result that holds.
    """
    by_iri = {record.iri: record for record in records}
    reasons = []
    for result in (*checking.check(records), *across.check(records)):
        record = by_iri[result.record]
        info = shape_model.shipped().info(result.shape)
        past = info is not None and not info.holds
        public = result.group == ladder.PRIVACY or past or _is(record, _HARVESTED)
        warned = result.severity == "Warning" and not public
        private = (
            result.severity == "Warning"
            and result.group == ladder.PRIVACY
            and not _has(record, _CLEARED, ox.NamedNode(result.shape))
        )
        if result.severity == "Violation" or warned or private:
            reasons.append(f"{label(record)}: {result.message}")
    if reasons:
        raise GateFailed(list(dict.fromkeys(reasons)))


def ask(dataset: ox.Store, classes: Mapping[str, int]) -> dict[str, questions.Terms]:
    """Hold the release back if its dataset does not answer the competency questions as it should.

    Each is run. One that begins with `# Gate: none.` may find nothing, and one with `# Gate: some,
    where there is nic:…` must find something where the release holds a thing of that class.

    Args:
        classes: how many things of each class (local name) the release holds.

    Returns:
        The answers, by the keys of the questions.

    Raises:
        GateFailed: with a reason for each question.
    """
    reasons: list[str] = []
    answers: dict[str, questions.Terms] = {}
    for question in questions.questions():
        try:
            answers[question.key] = _, rows = questions.terms(question, dataset)
        except (SyntaxError, RuntimeError, ValueError, OSError) as error:
            reasons.append(f"The question '{question.key}' could not be asked: {error}.")
            continue
        if question.gate == questions.NONE and rows:
            first = ", ".join(questions.short(value) for value in rows[0] if value)
            more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
            reasons.append(
                f"The question '{question.key}' ({question.title}) should find nothing and finds "
                f"{first}{more}."
            )
        elif not rows and (count := classes.get(question.gate, 0)):
            reasons.append(
                f"The question '{question.key}' ({question.title}) finds nothing, though the release "
                f"holds {count:,} of the class {question.gate}."
            )
    if reasons:
        raise GateFailed(reasons)
    return answers


def label(record: Record) -> str:
    """What a person calls the record: its type and name."""
    for t in record.triples:
        if (
            t.predicate.value == f"{RDFS}label"
            and t.subject == ox.NamedNode(record.iri)
            and isinstance(t.object, ox.Literal)
        ):
            return f"{record.type} '{t.object.value}'"
    return f"{record.type} <{record.iri}>"


def _every_package(repository: Repository) -> list[Record]:
    packages, after = [], ""
    while page := repository.page("package", after=after):
        packages += [_approved(repository, version) for version in page]
        after = page[-1].record
    return packages


def _named(record: Record, base: str) -> set[str]:
    """IRIs of the other records that `record` names."""
    prefix = f"{base}/id/"
    return {iri for iri in record.named if iri.startswith(prefix)}


def _has(record: Record, predicate: ox.NamedNode, value: ox.NamedNode) -> bool:
    return ox.Triple(ox.NamedNode(record.iri), predicate, value) in record.triples


def _is(record: Record, flag: ox.NamedNode) -> bool:
    return any(
        t.subject == ox.NamedNode(record.iri)
        and t.predicate == flag
        and isinstance(t.object, ox.Literal)
        and t.object.value in ("true", "1")
        for t in record.triples
    )


def _held(record: Record) -> str | None:
    for t in record.triples:
        if (
            t.predicate == _LIFECYCLE
            and isinstance(t.object, ox.NamedNode)
            and t.object.value in _HELD
        ):
            return t.object.value.rpartition("/")[2]
    return None
