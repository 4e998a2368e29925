"""Typst as a function: a template of this folder and values in, a PDF/UA-1 out, the same bytes each time.

Values go in as JSON, so that text of records stays text, whatever it looks like. Only the fonts that
typst carries are used (Libertinus Serif first), so no system font can change a page.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import typst

HERE: Final = Path(__file__).parent
STANDARD: Final = "ua-1"
"""PDF/UA-1 (ISO 14289-1): typst refuses to write what cannot be accessible."""

LONGEST: Final = 28
"""Characters of a word beyond which it may be broken anywhere."""

_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# One shape of the font stands for all hyphens, and a reader would copy the last it was used for.
_HYPHENS: dict[int, str | None] = {0x00AD: None, 0x2010: "-", 0x2011: "-"}
_JOINERS = "\u200d\ufe0e\ufe0f"
_LONG = re.compile(rf"\S{{{LONGEST + 1},}}")
_BREAK = "\u200b"


class Typesetter:
    """A compiler that is used again and again; it remembers which characters its fonts have."""

    def __init__(self) -> None:
        self._compiler = typst.Compiler(root=HERE, ignore_system_fonts=True)
        self._drawable = {chr(code): True for code in range(0x20, 0x7F)}

    def pdf(self, template: str, values: dict[str, Any], created: datetime) -> bytes:
        """The PDF of `template` with `values`; `created` is the date it bears.

        Raises:
            typst.TypstError: the template is wrong.
        """
        told = self.shown(values)
        made = self._compiler.compile(
            input=HERE / f"{template}.typ",
            sys_inputs={"values": json.dumps(told, ensure_ascii=False)},
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=int(created.timestamp()),
        )
        assert isinstance(made, bytes)
        return made

    def shown(self, values: Any) -> Any:
        """The values with every text as the fonts can show it; see `readable`."""
        self._learn(frozenset(json.dumps(values, ensure_ascii=False)))
        return self._told(values)

    def readable(self, text: str) -> str:
        """The text without controls; a character no font has is named: 🎉 is [party popper].

        Overrides of the direction of writing go, for they could turn the words after them around.
        Words too long for a line may break.
        """
        is_plain = text.isascii() and text.isprintable()
        if is_plain and (len(text) <= LONGEST or not _LONG.search(text)):
            return text
        text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).translate(
            _OVERRIDES | _HYPHENS
        )
        self._learn(frozenset(text))
        if not all(self._drawable[char] for char in text):
            text = "".join(self._named(text))
        return _LONG.sub(_broken, text)

    def _told(self, values: Any) -> Any:
        if isinstance(values, str):
            return self.readable(values)
        if isinstance(values, dict):
            # An address is not text to be read: it is followed, character for character.
            return {k: v if k == "to" else self._told(v) for k, v in values.items()}
        return [self._told(v) for v in values] if isinstance(values, list) else values

    def _named(self, text: str) -> Iterator[str]:
        after_named = False
        for char in text:
            if self._drawable[char] and not (after_named and char in _JOINERS):
                after_named = False
                yield char
            elif char not in _JOINERS:
                after_named = True
                name = unicodedata.name(char, f"U+{ord(char):04X}")
                yield f"[{name.lower() if name[:2] != 'U+' else name}]"

    def _learn(self, chars: frozenset[str]) -> None:
        """Ask typst which of the characters it can show: halves of the new ones, until it is known."""
        asked = [sorted(chars - self._drawable.keys())]
        while asked:
            some = asked.pop()
            if not some or self._accepts(some):
                self._drawable |= dict.fromkeys(some, True)
            elif len(some) == 1:
                self._drawable[some[0]] = False
            else:
                asked += [some[: len(some) // 2], some[len(some) // 2 :]]

    def _accepts(self, chars: list[str]) -> bool:
        try:
            self._compiler.compile(
                input=HERE / "characters.typ",
                sys_inputs={"values": json.dumps(chars, ensure_ascii=False)},
                format="pdf",
                pdf_standards=[STANDARD],
            )
        except typst.TypstError:
            return False
        return True


def digest(template: str, values: Mapping[str, Any]) -> str:
    """The same for PDFs that say the same in the same look, but for their foot, which names the release."""
    told = json.dumps({**values, "foot": ""}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{_look()} {template} {told}".encode()).hexdigest()[:24]


@lru_cache(maxsize=1)
def _look() -> str:
    """A digest of all that looks come from: the templates, this module, typst with its fonts."""
    found = hashlib.sha256(version("typst").encode())
    for file in (*sorted(HERE.glob("*.typ")), Path(__file__)):
        found.update(file.read_bytes())
    return found.hexdigest()


@lru_cache(maxsize=1)
def typesetter() -> Typesetter:
    """The typesetter of this process."""
    return Typesetter()


def _broken(found: re.Match[str]) -> str:
    """A long word with places to break: after its punctuation, else anywhere."""
    word = re.sub(r"(?<=[/._?&=#:;,-])(?=\w)", _BREAK, found.group())
    pieces = word.split(_BREAK)
    return _BREAK.join(_BREAK.join(piece) if len(piece) > LONGEST else piece for piece in pieces)
