"""The pages of the shapes: an index at which every shape's address lands, and a page for each type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from warranted import reference
from warranted.language import Language
from warranted.namespaces import SHAPES
from warranted.reference import SHARED, Row, Table
from warranted_site.filling import Fill
from warranted_site.reference_texts import Texts
from warranted_site.term_pages import Terms
from warranted_site.things import Said

INDEX: Final = "shapes/index.html"


@dataclass(frozen=True, slots=True)
class Fields:
    """What a page shows of a type of record, of a part of records, or of what many of them share.

    Attributes:
        table: what the type is; None of what many share.
        name: what it is called, in the reader's language.
        rules: local names of the shapes of its rules about several fields.
        own_rules: those of them that no other type has. What several have stands with what many share.
    """

    table: Table | None
    anchor: str
    name: Said | str
    rows: tuple[Row, ...]
    rules: tuple[str, ...]
    own_rules: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its page, from the language's folder."""
        return f"shapes/{self.anchor}/index.html"


def fields(language: Language, texts: Texts) -> list[Fields]:
    """Record types, then parts of records, each in alphabetical order; last what many share."""
    tables = texts.in_order(
        reference.tables(language=language), lambda t: (t.type is None, t.shape)
    )
    rules = [anchor for table in tables for anchor, _said in table.rules]
    many = tuple(dict.fromkeys(anchor for anchor in rules if rules.count(anchor) > 1))
    found = []
    for table in tables:
        asked = tuple(anchor for anchor, _said in table.rules)
        own = tuple(anchor for anchor in asked if anchor not in many)
        name = texts.label(table.shape)
        found.append(Fields(table, table.anchor, name, table.rows, asked, own))
    shared = tuple(reference.shared_rows(language=language))
    title = language.gettext("Fields many records share")
    return [*found, Fields(None, SHARED, title, shared, many, many)]


def pages(fill: Fill, language: Language, texts: Texts, terms: Terms) -> Iterator[Any]:
    """The pages of the shapes in a language."""
    say, found = language.gettext, fields(language, texts)
    values = {"texts": texts, "terms": terms, "shape": SHAPES}
    yield fill(INDEX, "fields", say("The fields of each record"), fields=found, **values)
    way = ((say("The fields of each record"), INDEX),)
    for n, one in enumerate(found):
        title = one.name
        if one.table is not None:
            title = language.say("%(name)s: fields", name=one.name)
        yield fill(
            one.path,
            "record_fields",
            title,
            trail=way,
            f=one,
            before=found[n - 1] if n else None,
            after=found[n + 1] if n + 1 < len(found) else None,
            curie=reference.short,
            **values,
        )
