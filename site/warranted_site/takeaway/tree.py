"""The driver diagram for print: a tree in reading order, cut into sheets that fit a page each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from warranted_site.takeaway.fitting import lines, stacked
from warranted_site.takeaway.subject import Subject
from warranted_site.things import Thing

SHEET: float = 560
"""Points of height that the leaves of a sheet may take."""
PAGE, WIDEST, APART, BETWEEN = 464.8, 165, 20, 7
"""Points: the width of a page within its margins, that of a box at most, between columns, between boxes."""
TYPE, SMALL, INSET = 8.3, 7.6, (6, 5.5)
"""Points: the types of a label and of a level, and what is kept free about them, across and down."""


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


def sheets(roots: list[Node], high: Callable[[Node], float]) -> list[list[Node]]:
    """The trees cut between leaves so that each sheet fits a page; what is above is repeated.

    `high`: the height of a node's box, in points.
    """
    groups: list[set[int]] = [set()]
    room = SHEET
    for root in roots:
        for leaf in root.leaves():
            needs = high(leaf) + BETWEEN
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
    wide = min((PAGE - APART * (columns - 1)) / columns, WIDEST)

    def high(node: Node) -> float:
        level = subject.level(node.thing).label if node.kind == "idea" else ""
        return _height(node.thing.label, level, wide - 2 * INSET[0])

    cut = sheets(roots, high)
    made = []
    for number, sheet in enumerate(cut, 1):
        drawing = _Drawing(subject, wide, high)
        for root in sheet:
            drawing.add(root)
        start = subject.say("Driver diagram, sheet %(n)s of %(all)s. ", n=number, all=len(cut))
        alt = start + " ".join(_words(root, subject) for root in sheet)
        made.append(drawing.block() | {"alt": alt})
    return made


def _every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _every(child)


def _height(label: str, level: str, room: float) -> float:
    """Height of a box whose texts are `room` wide."""
    rows = [TYPE * stacked([lines(label, room / TYPE, bold=True)], 0.42, 0)]
    if level:  # its dots are as wide as three letters
        rows.append(SMALL * stacked([lines(f"MMM {level}", room / SMALL, bold=True)], 0.46, 0))
    return 2 * INSET[1] + sum(rows) + 0.45 * TYPE * (len(rows) - 1)


@dataclass
class _Drawing:
    """A sheet: a leaf stands under the leaf before it, a parent at the middle of its children."""

    subject: Subject
    wide: float
    high: Callable[[Node], float]
    boxes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[list[float]] = field(default_factory=list)
    bottom: float = 0

    def add(self, node: Node) -> dict[str, Any]:
        """The box of a node, after those of all that contributes to it."""
        level = self.subject.level(node.thing) if node.kind == "idea" else None
        high = self.high(node)
        box: dict[str, Any] = {
            "x": round(node.column * (self.wide + APART), 2),
            "height": round(high, 2),
            "label": node.thing.label,
            "aim": node.kind == "aim",
            "idea": level is not None,
            "rank": level.rank if level else 0,
            "word": level.label if level else "",
        }
        self.boxes.append(box)  # before its children: the order of reading
        below = [self.add(child) for child in node.children]
        if below:
            box["y"] = round(max(0, (_middle(below[0]) + _middle(below[-1]) - high) / 2), 2)
        else:
            box["y"] = round(self.bottom, 2)
            self.bottom += high + BETWEEN
        right = round(box["x"] + self.wide, 2)
        self.lines += [[right, _middle(box), child["x"], _middle(child)] for child in below]
        return box

    def block(self) -> dict[str, Any]:
        """All of it, in points."""
        return {
            "kind": "diagram",
            "size": TYPE,
            "small": SMALL,
            "width": round(self.wide, 2),
            "height": max(box["y"] + box["height"] for box in self.boxes),
            "boxes": self.boxes,
            "lines": self.lines,
        }


def _middle(box: dict[str, Any]) -> float:
    return float(round(box["y"] + box["height"] / 2, 2))


def _words(node: Node, subject: Subject) -> str:
    """The tree in words: what a box says and what contributes to it."""
    if node.kind == "idea":
        return f"{node.thing.label} ({subject.level(node.thing).label})"
    kind = subject.say("Aim") if node.kind == "aim" else subject.say("Driver")
    below = "; ".join(_words(child, subject) for child in node.children)
    said = f"{kind}: {node.thing.label}"
    return f"{said} [{below}]" if below else said
