"""How much room texts take in print, reckoned ahead, so that typst lays them out once and measures nothing.

Lines are broken as typst breaks them, by the widths of the font without its kerning; what is reckoned
is a little more than is needed, never less.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from warranted_site.takeaway.typesetting import typesetter

# Libertinus Serif and its bold, from the space to the tilde, in thousandths of the size of the type.
_REGULAR = """
    250 288 336 465 465 637 705 190 298 298 369 550 220 338 220 323 465 465 465 465 465 465 465 465
    465 465 236 236 550 550 550 435 895 695 588 646 701 557 485 685 730 297 322 637 528 839 699 702
    541 702 587 485 597 661 652 951 660 575 604 356 287 356 518 486 392 457 493 428 506 447 310 500
    538 271 272 512 264 790 542 504 519 503 372 390 316 531 497 747 490 515 424 277 205 277 449"""
_BOLDER = """
    250 266 376 514 514 637 729 215 315 315 433 537 244 358 244 316 514 514 514 514 514 514 514
    514 514 514 256 256 512 551 512 430 988 740 654 706 734 609 545 732 817 367 373 736 577 899
    740 730 614 730 716 504 652 732 700 1028 718 624 624 397 307 397 518 486 392 506 542 456 561
    489 391 521 619 322 312 613 325 905 616 551 581 573 428 427 358 598 529 777 561 558 452 307
    220 307 473"""


class _Widths(dict[str, float]):
    """Character → its width; beyond ASCII that of its letter without accents, else a whole em."""

    def __missing__(self, char: str) -> float:
        return self.get(unicodedata.normalize("NFD", char)[:1], 1.0)


def _widths(told: str) -> _Widths:
    found = _Widths({chr(code): int(w) / 1000 for code, w in enumerate(told.split(), 0x20)})
    found["\u200b"] = 0
    return found


_PLAIN, _BOLD = _widths(_REGULAR), _widths(_BOLDER)
_BREAK = re.compile("(?<=[-\u2013\u2014\u200b])(?=[^-\u2013\u2014\u200b])")
"""Where a word may be broken."""
_SPARE = 1.01
"""What every width is multiplied with, for good measure."""
TERM = 7.7
"""Width of the column of terms in the report, in the size of its largest type."""
LINE = 0.66
"""Height of a line without its leading, from its foot to the top of a capital, in the size of its type."""


def width(text: str, *, bold: bool = False) -> float:
    """Width of a text on one line, in the size of its type."""
    return sum(map((_BOLD if bold else _PLAIN).__getitem__, text)) * _SPARE


def lines(text: str, room: float, *, bold: bool = False) -> int:
    """Lines that a text takes in a column `room` wide, in the size of its type; none has no line."""
    text = typesetter().readable(text)
    if width(text, bold=bold) <= room:
        return 1 if text else 0
    count, left = 0, 0.0
    space = width(" ", bold=bold)
    for word in text.split():
        for piece in _BREAK.split(word):
            needs = width(piece, bold=bold)
            if count and needs <= left:
                left -= needs
            else:  # a piece longer than a line is broken
                over = math.ceil(needs / room)
                count += over
                left = over * room - needs
        left -= space
    return count


def facts(rows: Iterable[Sequence[Any]], room: float = TERM) -> list[list[Any]]:
    """Terms and what is said of them, each with whether the term fits a column, as `facts` in `look.typ` asks."""
    return [[term, width(f"{term}M", bold=True) <= room, said] for term, said in rows]


def stacked(rows: Iterable[int], leading: float, gap: float) -> float:
    """Height of paragraphs of so many lines under each other, in the size of their type."""
    found = [LINE * n + leading * (n - 1) for n in rows if n]
    return sum(found) + gap * max(len(found) - 1, 0)
