"""The driver diagram as inline SVG: aim ← drivers ← ideas, in columns, every box a link.

A layout of our own: each leaf takes the height its wrapped text needs, a parent stands beside its
children. Warrant is shown on ideas by shape and words. The nested list beside it says the same to
those who cannot see it, and on a phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from warranted_site.packages import Level, Package
from warranted_site.things import Thing

COLUMN, WIDE, GAP_X, GAP_Y, TOP = 200, 276, 40, 10, 28
PADDING, LINE, CHAR = 9, 15, 6.6
MANY = 20
"""Ideas from which their boxes are wider, so that they are lower, and parents stand at the top of their
children, not in their middle: in a tall diagram the middle is a screen away."""


@dataclass
class Box:
    """A box of the diagram: text in lines, a link, and what contributes to it.

    `left_out`: how many ideas act on it that have no box.
    """

    thing: Thing
    kind: str
    href: str
    level: Level | None = None
    children: list[Box] = field(default_factory=list)
    left_out: int = 0
    width: int = COLUMN
    x: float = 0
    y: float = 0

    @property
    def lines(self) -> list[str]:
        """The label, wrapped to the width of the box."""
        return wrap(self.thing.label, int((self.width - 2 * PADDING) / CHAR))

    @property
    def height(self) -> float:
        """Height in user units."""
        return 2 * PADDING + LINE * (len(self.lines) + (1 if self.level or self.left_out else 0))

    @property
    def shape(self) -> str:
        """The level in dots and words."""
        return f"{self.level.dots} {self.level.label}" if self.level else ""

    @property
    def ideas(self) -> int:
        """How many ideas act on it, directly or through what contributes to it."""
        drawn = sum(1 if c.kind == "idea" else c.ideas for c in self.children)
        return drawn + self.left_out


@dataclass(frozen=True)
class Diagram:
    """A laid-out diagram: boxes with positions, lines between them, size in user units.

    `heads`: where each column begins, and what stands in it.
    """

    boxes: list[Box]
    lines: list[str]
    roots: list[Box]
    heads: list[tuple[float, str]]
    width: float
    height: float


def wrap(text: str, width: int = 27, most: int = 4) -> list[str]:
    """Text in lines of at most `width` characters; what does not fit ends in an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 <= width or not lines[-1]:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    lines = [line if len(line) <= width + 2 else line[: width + 1] + "…" for line in lines]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip(",;:") + " …"]
    return lines


def tree(package: Package, link: Callable[[Thing], str], *, has_ideas: bool = True) -> list[Box]:
    """The package's theory as boxes: aims with what contributes to them; the rest after them.

    Args:
        has_ideas: whether ideas get boxes; if not, a driver's box says how many act on it.
    """
    parts = package.iris
    wide = WIDE if len(package.ideas) > MANY else COLUMN
    boxes: dict[str, Box] = {}

    def below(thing: Thing, seen: frozenset[str]) -> list[Box]:
        found = [t for t in thing.back("contributesTo") if t.iri in parts and t.iri not in seen]
        made = [box(t, "driver", seen) for t in found]
        ideas = [t for t in thing.back("addressesDriver") if t.iri in parts]
        ideas.sort(key=lambda t: -package.level(t).rank)
        return made + [box(t, "idea", seen) for t in ideas]

    def box(thing: Thing, kind: str, seen: frozenset[str]) -> Box:
        level = package.level(thing) if kind == "idea" else None
        width = wide if kind == "idea" else COLUMN
        made = Box(thing, kind, link(thing), level, width=width)
        boxes[thing.iri] = made
        if kind != "idea":
            every = below(thing, seen | {thing.iri})
            made.children = [b for b in every if has_ideas or b.kind != "idea"]
            made.left_out = len(every) - len(made.children)
        return made

    roots = [box(aim, "aim", frozenset()) for aim in package.aims]
    loose = [driver for driver in package.drivers if driver.iri not in boxes]
    roots += [box(driver, "driver", frozenset()) for driver in loose]
    if has_ideas:
        alone = [idea for idea in package.ideas if idea.iri not in boxes]
        roots += [box(idea, "idea", frozenset()) for idea in alone]
    return roots


def layout(roots: list[Box]) -> Diagram:
    """Positions for every box, and the curves that join them."""
    placed: list[tuple[Box, int]] = []
    lines: list[str] = []
    bottom = float(TOP)
    many = sum(_drawn(root) for root in roots) > MANY

    def place(box: Box, depth: int) -> None:
        nonlocal bottom
        box.x = 4 + depth * (COLUMN + GAP_X)
        placed.append((box, depth))
        if not box.children:
            box.y = bottom
            bottom += box.height + GAP_Y
            return
        top = bottom
        for child in box.children:
            place(child, depth + 1)
        first, last = box.children[0], box.children[-1]
        middle = (first.y + first.height / 2 + last.y + last.height / 2) / 2
        box.y = top if many else max(top, middle - box.height / 2)
        bottom = max(bottom, box.y + box.height + GAP_Y)
        for child in box.children:
            x1, y1 = box.x + box.width, box.y + (20 if many else box.height / 2)
            x2, y2 = child.x, child.y + (20 if many else child.height / 2)
            half = (x1 + x2) / 2
            lines.append(f"M{x1:g} {y1:g}C{half:g} {y1:g} {half:g} {y2:g} {x2:g} {y2:g}")

    # A root without children that is no aim stands where boxes of its kind stand.
    aims = any(root.kind == "aim" for root in roots)
    for root in roots:
        place(root, {"aim": 0, "driver": 1}.get(root.kind, 2) if aims else 0)
    boxes = [box for box, _ in placed]
    width = max((b.x + b.width for b in boxes), default=COLUMN) + 4
    return Diagram(boxes, lines, roots, _heads(placed), width, bottom)


def _drawn(box: Box) -> int:
    """How many boxes of ideas it and those below it are."""
    return (box.kind == "idea") + sum(_drawn(child) for child in box.children)


def _heads(placed: list[tuple[Box, int]]) -> list[tuple[float, str]]:
    """What each column holds, where it holds one kind of thing."""
    columns: dict[int, list[Box]] = {}
    for box, depth in placed:
        columns.setdefault(depth, []).append(box)
    return [(boxes[0].x, kind) for _, boxes in sorted(columns.items()) if (kind := _kind(boxes))]


def _kind(boxes: list[Box]) -> str:
    kinds = {box.kind for box in boxes}
    if kinds != {"driver"}:
        return kinds.pop() if len(kinds) == 1 else ""
    primary = ["PrimaryDriver" in box.thing.classes() for box in boxes]
    secondary = ["SecondaryDriver" in box.thing.classes() for box in boxes]
    return "primary" if all(primary) else "secondary" if all(secondary) else "driver"
