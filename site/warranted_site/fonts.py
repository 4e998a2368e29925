"""The bundled typeface: Atkinson Hyperlegible, made by the Braille Institute so that letters are told
apart by readers with low vision. Without it (no npm) pages use the reader's own system typeface."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warranted import frontend

PACKAGE: Final = "@fontsource/atkinson-hyperlegible"
_FACES: Final = ((400, "normal"), (700, "normal"), (400, "italic"))
_SCRIPTS: Final = ("latin", "latin-ext")


@dataclass(frozen=True, slots=True)
class Font:
    """A file of the typeface: one weight and style for the characters in `range`."""

    weight: int
    style: str
    script: str
    range: str
    file: Path

    @property
    def path(self) -> str:
        """Where it stands in the site."""
        return f"assets/fonts/{self.file.name}"

    @property
    def first_view(self) -> bool:
        """Whether every page needs it at once."""
        return self.script == "latin" and self.style == "normal"


def found() -> list[Font]:
    """The files of the typeface, all or none."""
    listed = frontend.file(f"{PACKAGE}/unicode.json")
    if listed is None:
        return []
    ranges = json.loads(listed.read_text(encoding="utf-8"))
    fonts = []
    for weight, style in _FACES:
        for script in _SCRIPTS:
            name = f"atkinson-hyperlegible-{script}-{weight}-{style}.woff2"
            file = frontend.file(f"{PACKAGE}/files/{name}")
            if file is None:
                return []
            fonts.append(Font(weight, style, script, ranges[script], file))
    return fonts


def write(assets: Path) -> str:
    """Copy the files and their licence (OFL 1.1) below `assets`; the CSS that names them."""
    fonts = found()
    if not fonts:
        return ""
    (assets / "fonts").mkdir()
    for font in fonts:
        shutil.copyfile(font.file, assets / "fonts" / font.file.name)
    licence = frontend.file(f"{PACKAGE}/LICENSE")
    assert licence is not None, "the package carries its licence"
    shutil.copyfile(licence, assets / "fonts" / "LICENSE.txt")
    return "".join(
        f'@font-face{{font-family:"Atkinson Hyperlegible";font-style:{font.style};'
        f"font-weight:{font.weight};font-display:swap;"
        f'src:url("fonts/{font.file.name}") format("woff2");unicode-range:{font.range}}}\n'
        for font in fonts
    )
