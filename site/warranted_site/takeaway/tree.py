"""The driver diagram for print: a tree in reading order, cut into sheets that fit a page each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from warranted_site.takeaway.subject import Subject
from warranted_site.things import Thing

SHEET: float = 560
"""Points of height that the leaves of a sheet may take."""


@dataclass
class Node:
    """An aim, a driver or an idea, with what contributes to it."""

    thing: Thing
    kind: str
    column: int
    children: list[Node] = field(default_factory=list)

    def leaves(self) -> Iterator[Node]:
        """The nodes nothing contributes to, in reading order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def tree(subject: Subject) -> list[Node]:
    """The package's theory: aims with what contributes to them, then the drivers and ideas of no aim.

    A thing that contributes to several stands under the first of them only once a path; circles end
    where they began.
    """
    package = subject.package
    parts = {part.iri for part in package.parts}
    met: set[str] = set()

    def node(thing: Thing, kind: str, column: int, above: frozenset[str]) -> Node:
        met.add(thing.iri)
        made = Node(thing, kind, column)
        if kind == "idea":
            return made
        above |= {thing.iri}
        drivers = [t for t in thing.back("contributesTo") if t.iri in parts - above]
        made.children = [node(t, "driver", column + 1, above) for t in drivers]
        ideas = [i for i in package.ideas if thing.iri in {d.iri for d in i.all("addressesDriver")}]
        made.children += [node(i, "idea", column + 1, above) for i in ideas]
        return made

    roots = [node(aim, "aim", 0, frozenset()) for aim in package.aims]
    shift = 1 if roots else 0
    # Secondary drivers stand under their primary ones also where there is no aim.
    heads = [d for d in package.drivers if not any(t.iri in parts for t in d.all("contributesTo"))]
    roots.extend(
        node(driver, "driver", shift, frozenset())
        for driver in [*heads, *package.drivers]
        if driver.iri not in met  # asked anew for each: those before may hold it
    )
    after = shift + (1 if package.drivers else 0)
    roots += [node(i, "idea", after, frozenset()) for i in package.ideas if i.iri not in met]
    return roots


def sheets(roots: list[Node], columns: int) -> list[list[Node]]:
    """The trees cut between leaves so that each sheet fits a page; what is above is repeated."""
    wide = 44 if columns < 3 else 33 if columns == 3 else 24  # characters of a line in a box
    groups: list[set[int]] = [set()]
    room = SHEET
    for root in roots:
        for leaf in root.leaves():
            needs = (
                19 + 10.5 * -(-len(leaf.thing.label) // wide) + (12 if leaf.kind == "idea" else 0)
            )
            if needs > room and groups[-1]:
                groups.append(set())
                room = SHEET
            groups[-1].add(id(leaf))
            room -= needs
    return [[kept for root in roots if (kept := _pruned(root, group))] for group in groups]


def _pruned(node: Node, leaves: set[int]) -> Node | None:
    if not node.children:
        return node if id(node) in leaves else None
    children = [kept for child in node.children if (kept := _pruned(child, leaves))]
    return Node(node.thing, node.kind, node.column, children) if children else None


def blocks(subject: Subject) -> list[dict[str, Any]]:
    """The sheets of the diagram as `drawings.typ` draws them; none where nothing is to be drawn."""
    roots = tree(subject)
    if not any(root.children for root in roots):
        return []
    columns = 1 + max(node.column for root in roots for node in _every(root))
    cut = sheets(roots, columns)
    made = []
    for number, sheet in enumerate(cut, 1):
        boxes: list[dict[str, Any]] = []
        for root in sheet:
            _flatten(root, None, boxes, subject)
        start = subject.say("Driver diagram, sheet %(n)s of %(all)s. ", n=number, all=len(cut))
        alt = start + " ".join(_words(root, subject) for root in sheet)
        made.append({"kind": "diagram", "columns": columns, "boxes": boxes, "alt": alt})
    return made


def _every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _every(child)


def _flatten(node: Node, parent: int | None, boxes: list[dict[str, Any]], subject: Subject) -> None:
    level = subject.level(node.thing) if node.kind == "idea" else None
    place = len(boxes)
    boxes.append(
        {
            "column": node.column,
            "parent": parent,
            "label": node.thing.label,
            "aim": node.kind == "aim",
            "idea": level is not None,
            "rank": level.rank if level else 0,
            "word": level.label if level else "",
        }
    )
    for child in node.children:
        _flatten(child, place, boxes, subject)


def _words(node: Node, subject: Subject) -> str:
    """The tree in words: what a box says and what contributes to it."""
    if node.kind == "idea":
        return f"{node.thing.label} ({subject.level(node.thing).label})"
    kind = subject.say("Aim") if node.kind == "aim" else subject.say("Driver")
    below = "; ".join(_words(child, subject) for child in node.children)
    said = f"{kind}: {node.thing.label}"
    return f"{said} [{below}]" if below else said
