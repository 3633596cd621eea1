"""Source → the same tree through Python's own, at a fraction of what libcst's costs: for a first look at a file."""

from __future__ import annotations

from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.parse.from_ast import FromAst
from torchcopylint.parse.python import Complaint, ParseFailure, tree_of


def parse(source: Source) -> syntax.Module:
    """The tree of a source; raises ParseFailure for what Python, or this reader, cannot read, or TooDeep."""
    try:
        tree = tree_of(source.text)
        if not isinstance(tree, Complaint):
            return FromAst(source.text).module(tree)
    except ValueError as error:
        tree = Complaint(str(error), 1, 1)
    raise ParseFailure(tree)
