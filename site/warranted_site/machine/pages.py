"""What the functions of this package are given: the site, a page of it, and links that work anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from warranted.description import release_iri
from warranted.errors import InputError
from warranted.language import ENGLISH, Language
from warranted.namespaces import DCTERMS
from warranted.rdfio import Format
from warranted.release_data import ReleaseData
from warranted_site.things import Thing
from warranted_site.views import is_made_up

NAME = "Warranted"
FORMATS = (Format.TURTLE, Format.JSONLD, Format.NQUADS)
"""Formats of the dumps, in the order pages name them."""


def address(text: str) -> str:
    """The site's public base address with one slash at its end; empty stays empty.

    Raises:
        InputError: it is no plain web address.
    """
    text = text.strip()
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise InputError(
            f"'{text[:80]}' is no address of a site.",
            fix="Give it as https://example.org/ or https://example.org/folder/.",
        )
    return text.rstrip("/") + "/"


def _nowhere(_thing: Thing) -> None:
    """Of a page about no record: it names no other's page."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same on every page of one language.

    Attributes:
        data: the release, or as much of it as the pages are made from.
        path: the page of a thing, from the language's folder; None if it has none.
        address: where the site stands, with a slash at its end (see `address`), or empty: then no
            line holds an absolute address of a page.
        language: whose pages these are; sentences are in it.
        folders: code of each language the site has → its folder ("" or "es/") from the site's root.
        beside: the folder whose pages have their data beside them: the first language's.
        dumps: whether the dumps are on the site, below `data/dumps/`.
        publisher: the organisation that publishes the releases.
        image: path from the root of a picture that stands for the site, or empty.
    """

    data: ReleaseData
    path: Callable[[Thing], str | None] = _nowhere
    address: str = ""
    language: Language = ENGLISH
    folders: Mapping[str, str] = field(default_factory=lambda: {"en": ""})
    beside: str = ""
    dumps: bool = True
    publisher: str = NAME
    image: str = ""

    @property
    def folder(self) -> str:
        """The folder of this language."""
        return self.folders.get(self.language.code, "")

    @property
    def release(self) -> str:
        """The release's persistent IRI."""
        return release_iri(self.data.base, self.data.id)

    @property
    def catalogue(self) -> str:
        """The IRI of the catalogue of all releases."""
        return f"{self.data.base}/releases/"

    def dumped(self, slug: str, packing: str = "") -> list[Download]:
        """The dumps of that name, as far as they are on the site."""
        if not self.dumps:
            return []
        return [
            Download(f"data/dumps/{slug}.{fmt.extension}{packing}", fmt.media_type)
            for fmt in FORMATS
        ]


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take away: its path from the site's root, and its media type."""

    path: str
    media: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        path: from the folder of its language. title: as readers see it.
        kind: the name of its template. thing: the record it is about.
        description: a sentence on a page that is about no record.
        trail: names and paths (from the language's folder) of the pages between home and this one.
        downloads: files to take away besides the dumps.
    """

    path: str
    title: str
    kind: str
    thing: Thing | None = None
    description: str = ""
    trail: tuple[tuple[str, str], ...] = ()
    downloads: tuple[Download, ...] = ()

    @property
    def made_up(self) -> bool:
        """Whether the record is illustrative."""
        return self.thing is not None and is_made_up(self.thing)

    @property
    def summary(self) -> str:
        """What the page is about, in the record's own words; empty where it has none."""
        if self.thing is None:
            return self.description
        return self.thing.text("summary") or self.thing.text("operationalDefinition")


def href(site: Site, page: Page, path: str) -> str:
    """The way from a page to `path` (from the site's root): absolute where an address is known."""
    if site.address:
        return site.address + path
    return beside(site, page, path)


def beside(site: Site, page: Page, path: str) -> str:
    """The relative way from a page to `path` (from the site's root)."""
    *here, _ = f"{site.folder}{page.path}".split("/")
    there = path.split("/")
    same = 0
    while same < min(len(here), len(there)) and here[same] == there[same]:
        same += 1
    return "/".join([*[".."] * (len(here) - same), *there[same:]]) or "."


def files(site: Site, page: Page) -> list[Download]:
    """What a page offers to take away: of a package, its dumps first."""
    own = []
    if page.thing is not None and page.kind == "package":
        own = site.dumped(page.thing.text("slug"))
    return [*own, *page.downloads]


def packages(page: Page) -> list[Thing]:
    """The packages that have the page's record as a part."""
    return page.thing.back(f"{DCTERMS}hasPart") if page.thing is not None else []


def licence(thing: Thing) -> str:
    """The address of a licence, where the rights are told by one; the site gives none of its own."""
    rights = thing.text(f"{DCTERMS}rights").strip()
    parts = urlsplit(rights) if rights.startswith(("http://", "https://")) else None
    return rights if parts is not None and parts.netloc and " " not in rights else ""
