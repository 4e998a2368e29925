"""The room that texts take in print: what is reckoned ahead is what typst needs, or a little more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import typst
from tests.site.taken import SHIPPED, read, shown

from warranted.namespaces import RDFS
from warranted_site.takeaway.fitting import LINE, facts, lines, stacked, width

TEMPLATE = """
#set text(font: "Libertinus Serif", hyphenate: false, size: 100pt)
#set par(leading: 50pt)
#let asked = json(bytes(sys.inputs.asked))
#context metadata(asked.texts.map(t => measure(
  width: asked.room * 100pt, text(weight: if asked.bold { "bold" } else { "regular" }, t),
).height.pt()))
"""


def heights(texts: list[str], room: float, bold: bool, folder: Path) -> list[float]:
    """Heights of texts that typst sets in a column, in the size of their type."""
    file = folder / "heights.typ"
    file.write_text(TEMPLATE, encoding="utf-8")
    asked = json.dumps({"texts": texts, "room": room, "bold": bold})
    told = typst.query(
        file, "metadata", field="value", one=True, sys_inputs={"asked": asked}, root=folder
    )
    return [height / 100 for height in json.loads(told)]


def texts() -> Iterator[str]:
    """Names and summaries of what the shipped packages hold."""
    for name in SHIPPED:
        for part in shown(read(name)).packages[0].parts:
            yield from (" ".join(part.text(n).split()) for n in (f"{RDFS}label", "summary"))


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("room", [8, 15, 32, 60])
def test_a_text_takes_no_more_lines_than_are_reckoned(
    room: float, bold: bool, tmp_path: Path
) -> None:
    told = sorted({text for text in texts() if text})
    reckoned = [lines(text, room, bold=bold) for text in told]
    real = [round((h - 0.658) / 1.158) + 1 for h in heights(told, room, bold, tmp_path)]
    assert [t for t, n, r in zip(told, reckoned, real, strict=True) if n < r] == []
    spare = Counter(n - r for n, r in zip(reckoned, real, strict=True))
    assert spare[0] > 0.85 * len(told), spare


def test_paragraphs_are_as_high_as_reckoned(tmp_path: Path) -> None:
    text = "A sentence of some words that goes on for a while."
    (real,) = heights([text], 9, False, tmp_path)
    assert stacked([lines(text, 9)], 0.5, 0) == pytest.approx(real, abs=0.02)
    assert stacked([2, 0, 1], 0.5, 0.75) == pytest.approx(3 * LINE + 0.5 + 0.75)
    assert stacked([], 0.5, 0.75) == 0


def test_letters_with_accents_are_as_wide_as_without() -> None:
    assert width("ñandú") == pytest.approx(width("nandu"))
    assert width("中") > width("M")
    assert lines("", 10) == 0


def test_a_term_says_whether_it_fits_its_column() -> None:
    rows = facts([["Who", "A teacher"], ["What the source says came of it", ["Less"]]])
    assert rows == [
        ["Who", True, "A teacher"],
        ["What the source says came of it", False, ["Less"]],
    ]
