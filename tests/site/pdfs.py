"""How a PDF is read: its pages as text, and what it says of its drawings."""

from __future__ import annotations

import io
import os
import re
from typing import Any

import pytest

if os.environ.get("CI"):
    import pypdf
else:
    pypdf = pytest.importorskip("pypdf")


def opened(pdf: bytes) -> Any:
    return pypdf.PdfReader(io.BytesIO(pdf))


def pages(pdf: bytes) -> list[str]:
    """The text of each page; lines and places where a word may break are joined."""
    found = [page.extract_text() for page in opened(pdf).pages]
    return [re.sub(r"\s+", " ", text.replace("\u200b", "")) for text in found]


def alternatives(reader: Any) -> list[str]:
    """The alternative texts of figures, in the structure of the document."""
    found: list[str] = []
    ahead: list[Any] = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while ahead:
        node = ahead.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            ahead += node
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(str(node["/Alt"]))
            ahead += [node["/K"]] if "/K" in node else []
    return found
