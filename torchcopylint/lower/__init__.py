"""tree → ir: one pass over the syntax, dispatched by hand."""

from __future__ import annotations

from torchcopylint.ir import TOP, Block, Function, Module, Operand, syntax
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.statement import lower_body

__all__ = ["lower", "lower_within"]


def lower(tree: syntax.Module, name: str = "", displayed: frozenset[int] = frozenset()) -> Module:
    """A parsed file as IR; every instruction keeps the syntax it came from.

    name: what the qualified names of its functions begin with, where it is not the file that is linted.
    displayed: which of its statements, counted at the top of the file, show their value.
    """
    top = f"{name}:{TOP}" if name else TOP
    scope = Scope(name=TOP, qualname=top)
    if displayed:
        scope.displayed = frozenset(node for place, node in enumerate(tree.body) if place in displayed)
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


def lower_within(function: Function, code: syntax.Expression | syntax.Body) -> tuple[Block, Operand]:
    """Code that takes the place of some of a function's: its instructions, and the operand that holds its value."""
    from torchcopylint.lower.expression import lower_expression

    scope = Scope(function.name, function.qualname, function.owner, temporaries=_FRESH)
    value = ""
    if isinstance(code, syntax.Expression):
        value = lower_expression(scope, code)
    else:
        lower_body(scope, code)
    return scope.take(), value


_FRESH = 100_000
"""No function has so many temporaries: those of text that is put into it begin here."""
