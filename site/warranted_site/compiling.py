"""How templates become code: as Jinja has it, but a call is a call, and a text is escaped once.

A package's pages call two hundred thousand functions, and Jinja asks of each four times whether it
wants to be handed the template's context; none of ours does. What is written is looked at by one
function instead of two, which remembers texts it has escaped: labels come again and again.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from warranted_site.things import Said
from warranted_site.words import marked


@lru_cache(maxsize=1)
def form() -> str:
    """What tells code that this module made from code that another version of it made."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


class _Generator(CodeGenerator):
    """Writes a template's Python."""

    def visit_Call(  # noqa: N802
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        if forward_caller or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        if isinstance(node.node, nodes.Getattr):  # what is called is a method, never an item
            self.write("(")
            self.visit(node.node.node, frame)
            self.write(f").{node.node.attr}(")
        else:
            self.visit(node.node, frame)
            self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for keyword in node.kwargs:
            self.write(f"{keyword.key}=")
            self.visit(keyword.value, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, *_: Any) -> None:
        self.write("environment.shown(")

    def _output_child_post(self, *_: Any) -> None:
        self.write(")")


class Environment(jinja2.Environment):
    """Where templates are compiled. Everything is escaped; nothing that is called gets the context."""

    code_generator_class = _Generator

    def __init__(self, loader: jinja2.BaseLoader, cache: jinja2.BytecodeCache | None) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            auto_reload=False,
            bytecode_cache=cache,
            finalize=marked,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @staticmethod
    def shown(value: Any) -> str:
        """What a template writes for a value: HTML, and which language it is in if it is another."""
        kind = type(value)
        if kind is str:
            return _escaped(value)
        if kind is Markup:
            return value  # type: ignore[no-any-return]
        if kind is Said:
            return marked(value) if value.is_fallback else _escaped(value)
        return escape(value)


def escaped(value: Any) -> str:
    """A value as HTML, without a mark of its language."""
    kind = type(value)
    if kind is str or kind is Said:
        return _escaped(value)
    return escape(value)


@lru_cache(maxsize=16384)
def _escaped(text: str) -> str:
    return escape(text)
