"""tree → ir: one pass over the syntax, dispatched by hand, no metadata."""

from __future__ import annotations

import libcst as cst

from torchcopylint.ir import TOP, Function, Module
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.statement import lower_body
from torchcopylint.lower.text import code_of, operand_of, source_of, text_of

__all__ = ["code_of", "lower", "operand_of", "source_of", "text_of"]


def lower(tree: cst.Module, name: str = "") -> Module:
    """A parsed file as IR; every instruction keeps the node it came from.

    name: what the qualified names of its functions begin with, where it is not the file that is linted.
    """
    top = f"{name}:{TOP}" if name else TOP
    scope = Scope(name=TOP, qualname=top)
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
