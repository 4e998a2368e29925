"""Brings the catalogues up to date with the code: `python -m warranted.language.update [CODE…]`.

Every sentence is found again in the templates, the site's frame, the code, the scripts and the
questions, and written to each catalogue, sorted, without dates, paths or line numbers. A sentence that
is gone keeps its translation as an obsolete entry, which comes back with it; `--prune` drops those.
`--check` only tells what is missing. A CODE that has no catalogue begins one.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.plurals import get_plural
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from warranted import queries, questions, resources
from warranted.language import catalogue

PACKAGES: Final = ("warranted", "warranted_site", "warranted_api")
"""The packages whose code and templates are read."""

KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "gettext": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "say": None,
    "count": (1, 2),
}
"""The calls a sentence stands in, and at which place."""

IN_SCRIPTS: Final[dict[str, Any]] = {"_": None, "ngettext": (1, 2)}
"""The same in scripts, where `say(_("…"))` would hide what stands in it."""

TEMPLATES: Final = {"trim_blocks": "true", "lstrip_blocks": "true", "trimmed": "true"}
"""As the site's templates are read: white space around line ends of a {% trans %} counts as one."""

_HEADERS: Final = "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8"
_PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
_IN_FRAME = re.compile(r"@@SAY ([^@{}]+)@@")
"""A sentence of the site's frame, which is filled in when a page is; see `warranted_site.shell`."""
_MARKUP = re.compile(r"</?\w+[^<>]*>|%%")
_OF_COUNTS: Final = frozenset({"n", "num", "count"})

Key = tuple[str, str]
"""A message's English (the singular) and its context."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of the code: English, its plural, and what tells it from its like."""

    one: str
    many: str | None = None
    context: str | None = None

    @property
    def key(self) -> Key:
        """What a catalogue knows it by."""
        return self.one, self.context or ""

    @property
    def id(self) -> str | tuple[str, str]:
        """What a catalogue writes."""
        return self.one if self.many is None else (self.one, self.many)


def found() -> list[Found]:
    """Every sentence, in the order of its English."""
    held: dict[Key, Found] = {}
    for one in (*_in_code(), *_in_questions()):
        before = held.get(one.key)
        if one.one and (before is None or before.many is None):
            held[one.key] = one
    return [held[key] for key in sorted(held)]


def _in_code() -> Iterator[Found]:
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        folder = Path(spec.origin).parent
        for file in sorted(folder.rglob("*.py")):
            yield from _in_file(file, _calls, {})
        for file in sorted([*folder.rglob("*.html"), *folder.rglob("*.j2")]):
            yield from _in_file(file, babel_extract, TEMPLATES)
            yield from map(Found, _IN_FRAME.findall(file.read_text(encoding="utf-8")))
        for part in ("query/editor", "assets/query"):  # their pages give scripts their sentences
            for file in sorted((folder / part).glob("*.js")):
                yield from _in_file(file, "javascript", {}, IN_SCRIPTS)


def _in_file(
    file: Path, method: Any, options: dict[str, str], keywords: dict[str, Any] = KEYWORDS
) -> Iterator[Found]:
    with file.open("rb") as opened:
        for _, message, _, context in extract(method, opened, keywords, options=options):
            if isinstance(message, tuple):
                yield Found(message[0], message[1], context)
            else:
                yield Found(message, None, context)


def _calls(
    file: IO[bytes],
    keywords: Collection[str],
    _tags: Collection[str],
    *,
    options: object,  # noqa: ARG001
) -> Iterator[tuple[int, str, list[str | None], list[str]]]:
    """An extraction method of Babel's: its own fails on `data.count(b"x")`."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            name = str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
            if name in keywords:
                told = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
                texts = [value if isinstance(value, str) else None for value in told]
                yield node.lineno, name, texts, []


def _in_questions() -> Iterator[Found]:
    """The questions the graph answers, who asks them, and what each rule asks."""
    for question in questions.questions():
        yield from (Found(question.title), Found(question.asked_by))
    rules = resources.ontology() / "rules"
    for name in queries.names(rules):
        yield Found(queries.load(rules, name).question)


def updated(code: str, *, prune: bool = False) -> str:
    """The catalogue of a language as it should be written."""
    old = catalogue.read(code) if catalogue.file(code).is_file() else Catalog(locale=code)
    known: dict[Key, Message] = {}
    for message in (*old.obsolete.values(), *old):
        if message.id:
            known[_key(message)] = message
    made = Catalog(locale=code)
    for one in found():
        before = known.pop(one.key, None)
        told = before.string if before is not None else ""
        forms = [told] if isinstance(told, str) else list(told or [""])
        if one.many is None:
            told = forms[0]
        else:
            told = tuple(forms) if len(forms) == made.num_plurals else ("",) * made.num_plurals
        made.add(
            one.id,
            string=told,
            context=one.context,
            user_comments=before.user_comments if before else (),
            flags=before.flags - {"python-format"} if before else (),
        )
    if not prune:
        made.obsolete.update({str(key): m for key, m in known.items() if m.string})
    return _header(code, old) + _written(made)


def _header(code: str, old: Catalog) -> str:
    is_kept = catalogue.file(code).is_file()
    comment = old.header_comment if is_kept else f"# {Locale.parse(code, sep='-').english_name}."
    lines = [*_HEADERS, "Content-Transfer-Encoding: 8bit", f"Language: {code}"]
    lines.append(f"Plural-Forms: {get_plural(code).plural_forms}")
    told = "\n".join(f'"{line}\\n"' for line in lines)
    return f'{comment}\nmsgid ""\nmsgstr ""\n{told}\n\n'


def _written(made: Catalog) -> str:
    out = BytesIO()
    write_po(out, made, width=100, no_location=True, omit_header=True, sort_output=True)
    return out.getvalue().decode()


def problems(code: str) -> list[str]:
    """What is wrong with a catalogue, each with what to do; () if every sentence is translated."""
    told = {_key(m): m for m in catalogue.read(code) if m.id}
    wrong = []
    for one in found():
        message = told.get(one.key)
        if message is None:
            wrong.append(f"{one.one!r} is not in it; run python -m warranted.language.update.")
        elif message.fuzzy:
            wrong.append(f"{one.one!r} is marked fuzzy; read it and take the mark away.")
        else:
            wrong += [f"{one.one!r} {fault}" for fault in _faults(one, message)]
    return wrong


def _key(message: Message) -> Key:
    return (message.id if isinstance(message.id, str) else message.id[0]), message.context or ""


def _faults(one: Found, message: Message) -> Iterator[str]:
    said = message.string or ""
    forms = [said] if isinstance(said, str) else list(said)
    for number, form in enumerate(forms):
        english = one.one if one.many is None or number == 0 else one.many
        if not form.strip():
            yield "has no translation; write one."
            continue
        has, should = set(_PLACEHOLDER.findall(form)), set(_PLACEHOLDER.findall(english))
        # "One place" needs no number.
        spare = _OF_COUNTS if one.many is not None and number == 0 else frozenset()
        if has - should - spare or should - has - spare:
            yield f"has other placeholders in {form!r}; keep {', '.join(sorted(should)) or 'none'}."
        if Counter(_MARKUP.findall(form)) != Counter(_MARKUP.findall(english)):
            yield f"has other markup or percent signs in {form!r}; keep them as in the English."


def main(arguments: Sequence[str]) -> int:
    """Write every catalogue, or with --check tell what is wrong with each."""
    begun = [a for a in arguments if not a.startswith("-")]
    for code in begun:
        try:
            Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            sys.stderr.write(f"'{code}' is no language that CLDR knows; give a tag such as 'fr'.\n")
            return 2
    failed = False
    for code in sorted({*catalogue.codes(), *begun}):
        file = catalogue.file(code)
        if "--check" in arguments:
            wrong = problems(code)
            failed = failed or bool(wrong)
            sys.stdout.writelines(f"{code}: {fault}\n" for fault in wrong)
            continue
        text = updated(code, prune="--prune" in arguments)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        catalogue.translations.cache_clear()
        left = len(problems(code))
        sys.stdout.write(f"{code}: {len(found())} sentences, {left} to be looked at\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
