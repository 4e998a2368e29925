"""The catalogue behind Find: a row for everything a reader can look for, merged into columns.

The browser loads `catalogue.js` (titles of ideas and packages, and what they can be filtered by), beside
it `pages.js` (where their pages are), and when both are shown `more.js` (the filter by measure; aims,
drivers, measures and networks by title). They hold columns, not rows: of each value the text stands
once, and a row has its number.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from warranted import frontend
from warranted.language import Language
from warranted.namespaces import DCTERMS, SCHEME, SKOS
from warranted_site.find import facets
from warranted_site.find.facets import Value, plain
from warranted_site.links import Links
from warranted_site.packages import Level, Package, level_of
from warranted_site.things import Thing, Things
from warranted_site.views import Views, is_made_up

ASSETS: Final = Path(__file__).resolve().parent.parent / "assets"
FOLDER: Final = "assets/find"
"""Where the page finds its files, from the site's root."""
_MINISEARCH: Final = "minisearch/dist/umd/index.js"
_SCRIPTS: Final = ("find-table.js", "find-says.js", "find-filters.js", "find.js")
"""The page's script: a reader gets these as one, in this order, to ask for one file and not for four."""
_STYLE: Final = "find.css"
KINDS: Final = {
    "idea": ("ideas/", ("ChangeIdea",)),
    "package": ("", ()),
    "aim": ("aims/", ("Aim",)),
    "driver": ("drivers/", ("Driver", "PrimaryDriver", "SecondaryDriver")),
    "measure": ("measures/", ("Measure",)),
    "network": ("networks/", ("Network",)),
}
"""Kind → the folder its pages stand in, and its classes."""
FIRST: Final = ("idea", "package")
"""Kinds in `catalogue.js`; the others are in `more.js`."""
LATER: Final = (facets.MEASURE,)
"""Filters in `more.js`: each package has measures of its own, so their names weigh most."""
NO_LEVEL: Final = -9
_PAGE: Final = "/index.html"
_MINTED: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters of ids that were minted here (see `warranted.records.mint`), which are twelve of them."""
_PACKED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One thing that can be found. Made of texts, numbers and tuples only.

    Attributes:
        path: its page, from the site's root.
        language: tag of the title's language where it is not the reader's; else "".
        packages: (path, title) of each package it is in.
        rank: of its warrant level; of a package, that of its strongest idea; else `NO_LEVEL`.
        places: (places where it went as predicted, places that could tell); (0, 0): none could.
        made_up: 1 for an illustrative record, else 0.
    """

    kind: str
    path: str
    title: str
    language: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    rank: int = NO_LEVEL
    places: tuple[int, int] = (0, 0)
    made_up: int = 0
    values: tuple[Value, ...] = ()

    def to_json(self) -> list[Any]:
        """Its fields as plain lists, to be kept in a file."""
        return list(astuple(self))

    @classmethod
    def from_json(cls, told: Sequence[Any]) -> Row:
        """The row that `to_json` told of, also after a file has made lists of its tuples."""
        kind, path, title, language, packages, rank, (held, of), made_up, values = told
        return cls(
            kind,
            path,
            title,
            language,
            tuple((where, name) for where, name in packages),
            rank,
            (held, of),
            made_up,
            tuple((facet, label, key, text) for facet, label, key, text in values),
        )


def rows(views: Views, links: Links) -> list[Row]:
    """A row for everything these views show on a page of its own."""
    inside: dict[str, list[Package]] = {}
    for package in views.packages:
        of_network = package.thing.all("packageOf")
        for thing in {part.iri: part for part in (*package.parts, *of_network)}.values():
            inside.setdefault(thing.iri, []).append(package)
    found = [_idea(t, views, links, inside) for t in _with_pages("idea", views, links)]
    by_path = {row.path: row for row in found}
    for package in views.packages:
        ideas = [by_path[p] for i in package.ideas if (p := links.path(i)) in by_path]
        found.append(_package(package, links, ideas))
    for kind in KINDS:
        if kind not in FIRST:
            things = _with_pages(kind, views, links)
            found += [_other(kind, thing, links, inside.get(thing.iri, [])) for thing in things]
    return found


def page(words: Things) -> dict[str, Any]:
    """What `find.html` needs besides what every template has; `words` are the schemes."""
    concepts = words.get(f"{SCHEME}warrant").back(f"{SKOS}inScheme")
    levels = [Level(int(concept.text("rank")), concept.label) for concept in concepts]
    return {"levels": sorted(levels, key=lambda level: -level.rank)}


def sources() -> list[Path]:
    """The files that `write` makes the page's from; MiniSearch's among them if it is there."""
    library = frontend.file(_MINISEARCH)
    own = [ASSETS / name for name in (*_SCRIPTS, _STYLE)]
    return [*own, library] if library is not None else own


def write(rows: Iterable[Row], out: Path, *, language: Language) -> list[str]:
    """Merge the rows and write what the page loads into `out`/assets/find/; gives the paths from `out`.

    `out` is the folder of the language's pages: the paths of the rows are seen from there.

    A record that several packages brought stands once, in all of them. MiniSearch is copied if it is
    there; without it the page looks for parts of words.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    merged = sorted(_merged(rows), key=_order)
    script = "".join((ASSETS / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    (folder / "find.js").write_text(script, encoding="utf-8")
    shutil.copyfile(ASSETS / _STYLE, folder / _STYLE)
    library = frontend.file(_MINISEARCH)
    if library is not None:
        shutil.copyfile(library, folder / "minisearch.js")
    shared = _Shared()
    first = _part([row for row in merged if row.kind in FIRST], shared)
    more = _part([row for row in merged if row.kind not in FIRST], shared)
    named = shared.facets()
    told = {
        "language": language.code,
        "minisearch": library is not None,
        "packages": _lines(title for _, title in shared.packages),
        "facets": [facet for facet in named if facet["key"] not in LATER],
        "rows": {name: column for name, column in first.items() if name not in ("ids", "minted")},
    }
    later = {
        "rows": more,
        "facets": [facet for facet in named if facet["key"] in LATER],
        "values": {key: first["values"].pop(key) for key in LATER if key in first["values"]},
    }
    pages = {
        "folders": {kind: where for kind, (where, _) in KINDS.items()},
        "packages": _lines(path for path, _ in shared.packages),
        "ids": first["ids"],
        "minted": first["minted"],
    }
    _assign(folder / "catalogue.js", "WARRANTED_FIND", told)
    _assign(folder / "pages.js", "WARRANTED_FIND_PAGES", pages)
    _assign(folder / "more.js", "WARRANTED_FIND_MORE", later)
    names = ["find.js", _STYLE, "catalogue.js", "pages.js", "more.js"]
    if library is not None:
        names.append("minisearch.js")
    return [f"{FOLDER}/{name}" for name in names]


def _with_pages(kind: str, views: Views, links: Links) -> Iterator[Thing]:
    for thing in views.things.of_class(*KINDS[kind][1]):
        path = links.path(thing)
        if path is not None and "#" not in path and thing.iri == thing.record:
            yield thing


def _idea(thing: Thing, views: Views, links: Links, inside: dict[str, list[Package]]) -> Row:
    packages = inside.get(thing.iri, [])
    told = views.assessments[thing.iri]
    seen = told.indicators
    return replace(
        _other("idea", thing, links, packages),
        rank=level_of(told, views.things).rank,
        places=(seen.R_s, seen.R_s + seen.R_m + seen.R_c),
        values=_sorted(facets.of_idea(thing, views, packages)),
    )


def _package(package: Package, links: Links, ideas: list[Row]) -> Row:
    """A package is found by what any of its ideas is found by."""
    own = [*facets.fields([package]), *facets.problems(package.aims), *facets.measures(package)]
    return replace(
        _other("package", package.thing, links, []),
        title=plain(package.title),
        rank=max((row.rank for row in ideas), default=NO_LEVEL),
        values=_sorted([*own, *(value for row in ideas for value in row.values)]),
    )


def _other(kind: str, thing: Thing, links: Links, inside: list[Package]) -> Row:
    title = thing.text(f"{DCTERMS}title") or thing.label
    aims = [aim for package in inside for aim in package.aims]
    return Row(
        kind,
        links.path(thing) or "",
        plain(title),
        title.tag if title.is_fallback else "",
        tuple(sorted((links.path(p.thing) or "", plain(p.title)) for p in inside)),
        made_up=int(is_made_up(thing)),
        values=_sorted([*facets.fields(inside), *facets.problems(aims)]),
    )


def _sorted(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(set(values)))


def _merged(rows: Iterable[Row]) -> list[Row]:
    """One row a page: in every package, with every value, and the telling that knows most places."""
    found: dict[str, Row] = {}
    for row in sorted(rows):
        old = found.get(row.path)
        if old is not None:
            fuller = max(old, row, key=lambda r: (r.places[1], r.places[0], r.rank))
            row = replace(
                fuller,
                packages=tuple(sorted({*old.packages, *row.packages})),
                values=_sorted([*old.values, *row.values]),
            )
        found[row.path] = row
    return list(found.values())


def _order(row: Row) -> tuple[int, tuple[tuple[str, str], ...], str]:
    # Neighbours of one package are alike: the columns compress to a third of what they would.
    return (list(KINDS).index(row.kind), row.packages, row.path)


class _Shared:
    """What the parts have in common: packages, and of each facet its values and sets of values."""

    def __init__(self) -> None:
        self.packages: dict[tuple[str, str], int] = {}
        self._labels: dict[str, str] = {}
        self._values: dict[str, dict[tuple[str, str], int]] = {}

    def package(self, package: tuple[str, str]) -> int:
        """The number of a package."""
        return self.packages.setdefault(package, len(self.packages))

    def value(self, value: Value) -> int:
        """The number of a value within its facet."""
        facet, label, key, text = value
        self._labels.setdefault(facet, label)
        known = self._values.setdefault(facet, {})
        return known.setdefault((key, text), len(known))

    def facets(self) -> list[dict[str, str]]:
        """Every facet with its values: `keys`, and `labels` where the labels are not the keys."""
        return [
            {
                "key": facet,
                "label": self._labels[facet],
                "keys": _lines(key for key, _ in values),
                "labels": _lines(t for _, t in values) if any(t for _, t in values) else "",
            }
            for facet, values in sorted(self._values.items())
        ]


def _part(rows: list[Row], shared: _Shared) -> dict[str, Any]:
    """The columns of some rows."""
    kinds = [[kind, sum(row.kind == kind for row in rows)] for kind in KINDS]
    names = sorted({value[0] for row in rows for value in row.values})
    ids = [_id(row) for row in rows]
    packed = [_pack(id_) for id_ in ids]
    return {
        "kinds": [pair for pair in kinds if pair[1]],
        "ids": _lines("" if p else id_ for id_, p in zip(ids, packed, strict=True)),
        "minted": "".join(packed),
        "titles": _lines(row.title for row in rows),
        "languages": _column(row.language for row in rows),
        "ranks": _column(row.rank for row in rows),
        "places": _column(row.places for row in rows),
        "made_up": _column(row.made_up for row in rows),
        "packages": _sets(tuple(shared.package(p) for p in row.packages) for row in rows),
        "values": {
            facet: _sets(
                tuple(sorted(shared.value(v) for v in row.values if v[0] == facet)) for row in rows
            )
            for facet in names
        },
    }


def _column(values: Iterable[Any]) -> list[Any]:
    """[the different values, each row's number among them; 0 where all rows have the first]."""
    known: dict[Any, int] = {}
    numbers = [known.setdefault(value, len(known)) for value in values]
    return [list(known), numbers if len(known) > 1 else 0]


def _sets(sets: Iterable[tuple[int, ...]]) -> list[Any]:
    """A column of sets of numbers, each number as its step from the one before.

    What a package has of its own was numbered when it was met, so the steps are small and repeat.
    """
    known, numbers = _column(sets)
    at = 0
    stepped = []
    for one in known:
        stepped.append([number - before for before, number in pairwise((at, *one))])
        at = one[-1] if one else at
    return [stepped, numbers and [now - before for before, now in pairwise((0, *numbers))]]


def _id(row: Row) -> str:
    """The page's path without what all pages of its kind share; a whole path begins with a slash."""
    folder = KINDS[row.kind][0]
    if row.path.startswith(folder) and row.path.endswith(_PAGE):
        return row.path[len(folder) : -len(_PAGE)]
    return f"/{row.path}"


def _pack(id_: str) -> str:
    """A minted id in ten letters of 6 bits for twelve of 5: nothing else makes chance smaller.

    Returns "" for an id that was not minted.
    """
    if len(id_) != 12 or not set(id_) <= set(_MINTED):
        return ""
    packed = ""
    for half in (id_[:6], id_[6:]):
        bits = sum(_MINTED.index(char) << (25 - 5 * n) for n, char in enumerate(half))
        packed += "".join(_PACKED[bits >> shift & 63] for shift in (24, 18, 12, 6, 0))
    return packed


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)


def _assign(file: Path, name: str, value: object) -> None:
    # JSON in a script: what could end the script or a line of it is escaped.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    file.write_text(f"window.{name}={text};\n", encoding="utf-8")
