"""What tests of the files to take away share: shipped packages as views, and what is written of them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from warranted import checking, release, resources, warrant
from warranted.namespaces import ROOT
from warranted.records import Record
from warranted_site import takeaway
from warranted_site.links import Links
from warranted_site.packages import Package
from warranted_site.things import things_of
from warranted_site.views import Views

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHIPPED = sorted(file.stem for file in resources.packages().glob("*.ttl"))
MADE_UP = "illustrative-algebra-talk"


def say(text: str, **values: object) -> str:
    return text % values if values else text


@lru_cache(maxsize=1)
def schemes() -> tuple[ox.Triple, ...]:
    folder = resources.ontology()
    files = [folder / "warranted.ttl", *sorted((folder / "schemes").glob("*.ttl"))]
    return tuple(q.triple for f in files for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE))


def read(*names: str) -> list[Record]:
    """The records of shipped packages, with the policy."""
    files = [resources.packages() / f"{name}.ttl" for name in names]
    files.append(resources.ontology() / "policies" / "default-1.ttl")
    found = [record for file in files for record in checking.read_file(file, base=ROOT)]
    return list({record.iri: record for record in found}.values())


def shown(records: list[Record]) -> Views:
    computed = warrant.assessment_records(records, as_of=NOW.date(), base=ROOT)
    manifest = {"digest": "0" * 64}
    data = release.ReleaseData("2026-11-23", NOW, ROOT, records, computed, manifest)
    return Views(data, things_of(records, schemes()))


def write(views: Views, package: Package, out: Path) -> list[str]:
    edition = takeaway.Edition(views, Links(views), say)
    return takeaway.write(package, edition, out, release="2026-11-23", created=NOW).files


def taken(records: list[Record], out: Path) -> dict[str, bytes]:
    """File → content of the only package among the records."""
    views = shown(records)
    (package,) = views.packages
    paths = write(views, package, out)
    assert paths == sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    return {path.rpartition("/")[2]: (out / path).read_bytes() for path in paths}
