"""Source → tree by way of Python's own, at a fraction of what libcst's costs; for a first look at a file."""

from __future__ import annotations

import ast

from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.parse.from_ast import FromAst


def read(source: Source) -> syntax.Module | None:
    """The same tree that `concrete.parse` makes, but for what only libcst knows; None where Python cannot read it."""
    try:
        return FromAst(source.text).module(ast.parse(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
