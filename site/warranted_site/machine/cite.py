"""How a package or an idea is cited: the texts of its cite box, ready to copy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from warranted.citing import Work, styles
from warranted.namespaces import DCTERMS, NIC
from warranted_site.machine.pages import NAME, Page, Site, packages
from warranted_site.things import Thing


@dataclass(frozen=True, slots=True)
class Format:
    """A format one cites with: its key in ids, its name, the text."""

    key: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Cite:
    """A cite box.

    Attributes:
        apa: the reference as people write it. formats: the same for programs.
        version: the IRI of what is cited as it is in this release. latest: the record's own IRI, which
            leads to the newest.
        told: what it is made of, but for the release.
    """

    apa: str
    formats: tuple[Format, ...]
    version: str
    latest: str
    told: str


def box(site: Site, page: Page, digest: str = "") -> Cite | None:
    """The cite box of a package's or an idea's page; None on others, and for what is made up.

    Args:
        site: its release is the one the record has been as it is since.
        digest: SHA-256 of that release (`manifest["digest"]`). The formats for programs state it; without
            it there is the reference alone.
    """
    if page.thing is None or page.made_up or page.kind not in ("package", "idea"):
        return None
    work = _work(site, page, page.thing, digest)
    whole = site.release
    version = whole
    if page.kind == "package":  # within the release it is a data set with an IRI; see `description`
        version = f"{whole}#package-{page.thing.text('slug')}"
    told = repr((work.kind, work.iri, work.title, work.authors, work.publisher, work.rights))
    return Cite(styles.apa(work), _formats(work) if digest else (), version, page.thing.iri, told)


def _formats(work: Work) -> tuple[Format, ...]:
    csl = json.dumps([styles.csl(work)], indent=1, ensure_ascii=False)
    return (
        Format("bib", "BibTeX", styles.bibtex(work).rstrip()),
        Format("csl", "CSL-JSON", csl),
        Format("cff", "CITATION.cff", styles.cff(work).rstrip()),
    )


def _work(site: Site, page: Page, thing: Thing, digest: str) -> Work:
    id_ = site.data.id
    return Work(
        kind=page.kind,
        iri=thing.iri,
        url=thing.iri,
        title=str(thing.text(f"{DCTERMS}title") or thing.label),
        authors=tuple(str(network.label) for network in _networks(page, thing)),
        publisher=site.publisher,
        version=id_,
        issued=date.fromisoformat(id_[:10]),  # a release is named by its day
        digest=digest,
        rights=str(thing.text(f"{DCTERMS}rights")),
        part_of=f"{NAME}, release {id_}",
        part_of_iri=site.release,
    )


def _networks(page: Page, thing: Thing) -> list[Thing]:
    """Whose it is: organisations, never persons."""
    if page.kind == "package":
        return thing.all(f"{NIC}packageOf")
    own = thing.all(f"{NIC}ofNetwork")
    found = own or [network for package in packages(page) for network in package.all("packageOf")]
    return list({network.iri: network for network in found}.values())
