"""How templates become code: as Jinja has it, but a call is a call, and a text is escaped once.

A package's pages call two hundred thousand functions, and Jinja asks of each four times whether it
wants to be handed the template's context; none of ours does. What is written is looked at by one
function instead of two, which remembers texts it has escaped: labels come again and again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from warranted.language import Language
from warranted.language.catalogue import file
from warranted_site.things import Said
from warranted_site.words import marked


def form(language: Language) -> str:
    """A name for what this module makes of templates in a language, as long as it is made alike."""
    told = hashlib.sha256(Path(__file__).read_bytes() + repr(language).encode())
    catalogue = file(language.code)
    if catalogue.is_file():
        told.update(catalogue.read_bytes())
    return told.hexdigest()[:16]


class _Sentences(NodeTransformer):
    """Writes sentences without values into a template: they are the same whenever it is filled."""

    def __init__(self, say: Callable[[str], Markup]) -> None:
        self._say = say

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(message))]):
                if not (node.kwargs or node.dyn_args or node.dyn_kwargs):
                    return nodes.Const(self._say(message), lineno=node.lineno)
        return node


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
    """Where templates are compiled. Everything is escaped; nothing that is called gets the context.

    Args:
        say: gives a sentence in the language of the templates. cache: of that language alone; see `form`.
    """

    code_generator_class = _Generator

    def __init__(
        self,
        loader: jinja2.BaseLoader,
        cache: jinja2.BytecodeCache | None,
        say: Callable[..., Markup],
    ) -> None:
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
        self.globals["_"] = say
        self._sentences = _Sentences(say)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = self._sentences.visit(super()._parse(source, name, filename))
        return tree

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
