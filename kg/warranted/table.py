"""Query results as a table to read at a terminal."""

from __future__ import annotations

import pyoxigraph as ox

from warranted.namespaces import PREFIXES


def render(found: ox.QuerySolutions | ox.QueryBoolean) -> str:
    """The answer as text: yes or no, or a table with a line that counts its rows."""
    if isinstance(found, ox.QueryBoolean):
        return "yes" if found else "no"
    names = [v.value for v in found.variables]
    rows = [[_cell(solution[name]) for name in names] for solution in found]
    widths = [max(len(row[i]) for row in [names, *rows]) for i in range(len(names))]
    lines = [_line(names, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    lines.append(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
    return "\n".join(lines)


def _line(cells: list[str], widths: list[int]) -> str:
    return "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip()


def _cell(term: ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple | None) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        return " ".join(term.value.split())
    if isinstance(term, ox.NamedNode):
        for prefix, namespace in PREFIXES.items():
            local = term.value.removeprefix(namespace)
            if local != term.value and "/" not in local and "#" not in local:
                return f"{prefix}:{local}"
        return f"<{term.value}>"
    return str(term)
