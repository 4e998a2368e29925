"""The driver diagram as inline SVG: aim ← drivers ← ideas, in columns, every box a link.

A layout of our own: each leaf takes the height its wrapped text needs, a parent sits at the middle
of its children. Warrant is shown on ideas by shape and words. The nested list beside it says the
same to those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from warranted_site.things import Thing
from warranted_site.views import Level, Package

COLUMN, GAP_X, GAP_Y = 210, 46, 10
PADDING, LINE, CHARS = 9, 15, 29


@dataclass
class Box:
    """A box of the diagram: text in lines, a link, and what contributes to it."""

    thing: Thing
    kind: str
    href: str
    level: Level | None = None
    children: list[Box] = field(default_factory=list)
    x: float = 0
    y: float = 0

    @property
    def lines(self) -> list[str]:
        """The label, wrapped to the width of a box."""
        return wrap(self.thing.label)

    @property
    def height(self) -> float:
        """Height in user units."""
        return 2 * PADDING + LINE * (len(self.lines) + (1 if self.level else 0))

    @property
    def shape(self) -> str:
        """The level in dots and words."""
        return f"{self.level.dots} {self.level.label}" if self.level else ""


@dataclass(frozen=True)
class Diagram:
    """A laid-out diagram: boxes with positions, lines between them, size in user units."""

    boxes: list[Box]
    lines: list[str]
    roots: list[Box]
    width: float
    height: float


def wrap(text: str, width: int = CHARS, most: int = 4) -> list[str]:
    """Text in lines of at most `width` characters; what does not fit ends in an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 <= width or not lines[-1]:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    lines = [line if len(line) <= width + 4 else line[: width + 3] + "…" for line in lines]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip(",;:") + " …"]
    return lines


def tree(package: Package, link: Callable[[Thing], str]) -> list[Box]:
    """The package's theory as boxes: aims with what contributes to them; the rest after them."""
    parts = {part.iri for part in package.parts}
    boxes: dict[str, Box] = {}

    def below(thing: Thing, seen: frozenset[str]) -> list[Box]:
        found = [t for t in thing.back("contributesTo") if t.iri in parts and t.iri not in seen]
        made = [box(t, "driver", seen) for t in found]
        ideas = [t for t in thing.back("addressesDriver") if t.iri in parts]
        ideas.sort(key=lambda t: -package.level(t).rank)
        return made + [box(t, "idea", seen) for t in ideas]

    def box(thing: Thing, kind: str, seen: frozenset[str]) -> Box:
        level = package.level(thing) if kind == "idea" else None
        made = Box(thing, kind, link(thing), level)
        boxes[thing.iri] = made
        if kind != "idea":
            made.children = below(thing, seen | {thing.iri})
        return made

    roots = [box(aim, "aim", frozenset()) for aim in package.aims]
    loose = [driver for driver in package.drivers if driver.iri not in boxes]
    roots += [box(driver, "driver", frozenset()) for driver in loose]
    roots += [box(idea, "idea", frozenset()) for idea in package.ideas if idea.iri not in boxes]
    return roots


def layout(roots: list[Box]) -> Diagram:
    """Positions for every box, and the curves that join them."""
    placed: list[Box] = []
    lines: list[str] = []
    bottom = 4.0

    def place(box: Box, depth: int) -> None:
        nonlocal bottom
        box.x = 4 + depth * (COLUMN + GAP_X)
        placed.append(box)
        if not box.children:
            box.y = bottom
            bottom += box.height + GAP_Y
            return
        top = bottom
        for child in box.children:
            place(child, depth + 1)
        first, last = box.children[0], box.children[-1]
        middle = (first.y + first.height / 2 + last.y + last.height / 2) / 2
        box.y = max(top, middle - box.height / 2)
        bottom = max(bottom, box.y + box.height + GAP_Y)
        for child in box.children:
            x1, y1 = box.x + COLUMN, box.y + box.height / 2
            x2, y2 = child.x, child.y + child.height / 2
            half = (x1 + x2) / 2
            lines.append(f"M{x1:g} {y1:g}C{half:g} {y1:g} {half:g} {y2:g} {x2:g} {y2:g}")

    # A root without children that is no aim stands where boxes of its kind stand.
    for root in roots:
        depth = 0 if root.kind == "aim" else 1 if root.kind == "driver" else 2
        place(root, depth if any(r.kind == "aim" for r in roots) else 0)
    width = max((b.x for b in placed), default=0) + COLUMN + 4
    return Diagram(placed, lines, roots, width, bottom)
