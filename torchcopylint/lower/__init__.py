"""tree → ir: one pass over the syntax, dispatched by hand, no metadata."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchcopylint.ir import TOP, Block, Function, Module, Operand
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.statement import lower_body
from torchcopylint.lower.text import (
    code_of,
    decorators,
    is_statement,
    last_name,
    lines_of,
    operand_of,
    source_of,
    text_of,
    under,
)

__all__ = [
    "code_of",
    "decorators",
    "is_statement",
    "last_name",
    "lines_of",
    "lower",
    "lower_text",
    "operand_of",
    "source_of",
    "text_of",
    "under",
]


def lower(tree: cst.Module, name: str = "", displayed: frozenset[int] = frozenset()) -> Module:
    """A parsed file as IR; every instruction keeps the node it came from.

    name: what the qualified names of its functions begin with, where it is not the file that is linted.
    displayed: which of its statements, counted at the top of the file, show their value.
    """
    top = f"{name}:{TOP}" if name else TOP
    scope = Scope(name=TOP, qualname=top)
    if displayed:
        scope.displayed = frozenset(id(node) for place, node in enumerate(_at_the_top(tree)) if place in displayed)
    lower_body(scope, tree.body)
    function = Function(
        name=TOP,
        qualname=top,
        node=tree,
        parameters=(),
        body=scope.take(),
        uses=scope.frozen_uses(),
        bound=frozenset(scope.bound),
        attributes=frozenset(scope.attributes),
        dropped=frozenset(scope.dropped),
    )
    return Module(function)


def _at_the_top(tree: cst.Module) -> Iterator[cst.CSTNode]:
    for line in tree.body:
        yield from line.body if isinstance(line, cst.SimpleStatementLine) else [line]


def lower_text(text: str, function: Function, statement: bool) -> tuple[Block, Operand]:
    """Source text that takes the place of some of a function's: its instructions, and the operand that holds its value.

    Text that is no Python gives no instructions.
    """
    from torchcopylint.lower.expression import lower_expression

    scope = Scope(function.name, function.qualname, function.owner, temporaries=_FRESH)
    try:
        if not statement:
            return _taken(scope, lower_expression(scope, cst.parse_expression(text)))
        lower_body(scope, cst.parse_module("\n".join(line.strip() for line in text.splitlines()) + "\n").body)
        return _taken(scope, "")
    except cst.ParserSyntaxError:
        return (), ""


def _taken(scope: Scope, value: Operand) -> tuple[Block, Operand]:
    return scope.take(), value


_FRESH = 100_000
"""No function has so many temporaries: those of text that is put into it begin here."""
