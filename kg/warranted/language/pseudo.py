"""A made-up language for tests: every sentence is marked, lengthened and accented, still readable.

What then stands on a page without marks was never given to be translated.
"""

from __future__ import annotations

import re
from typing import Final

_KEPT = re.compile(r"%\(\w+\)[a-z]|%%|<[^<>]*>|&\w+;|&#\d+;")
_ACCENTS: Final = str.maketrans("aceilnorsuyzAEINOSUZ", "áçéíļñóŕšúýžÁÉÍÑÓŠÚŽ")
START, END = "⟦", "⟧"


def marked(message: str) -> str:
    """The message in the made-up language; placeholders, markup and entities stay."""
    if not message.strip():
        return message
    made, place = [], 0
    for kept in _KEPT.finditer(message):
        made += [_accented(message[place : kept.start()]), kept.group()]
        place = kept.end()
    made.append(_accented(message[place:]))
    return f"{START}{''.join(made)}{END}"


def _accented(text: str) -> str:
    # A third longer, as Spanish and German are.
    return re.sub(r"([aeiou])", r"\1\1", text).translate(_ACCENTS)
