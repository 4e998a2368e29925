"""The choice among formats by an Accept header (RFC 9110, 12.5.1)."""

from __future__ import annotations

import pytest

from warranted.query.formats import choose

OFFERED = ["application/json", "text/csv", "text/turtle"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("text/*;q=0.5, text/turtle", "text/turtle"),
        ("text/csv;q=0.1, text/turtle;q=0.9", "text/turtle"),
        ("text/csv;q=0, */*", "application/json"),
        ("application/json;q=0, text/csv;q=0.2", "text/csv"),
        ("image/png", None),
        ("text/csv;q=0", None),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=nonsense", None),
    ],
)
def test_the_best_liked_format_is_chosen(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERED) == chosen
