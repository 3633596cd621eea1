"""The parts of a text that speak of some words, as a tree: for a look at what a file calls of others."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from torchcopylint.ir import syntax
from torchcopylint.parse.from_ast import FromAst
from torchcopylint.parse.newer import readable
from torchcopylint.parse.python import Complaint, TooDeep

_MOST_KEPT = 32
_LINES = re.compile(r"\r\n|\r|\n")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def excerpt(text: str, words: Collection[str]) -> syntax.Module | None:
    """The text without the functions and methods that have none of the words; None where it cannot be read."""
    speaks = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, words)))})\b")
    try:
        known = _readable(text)
        if isinstance(known, Complaint):
            return None
        lines = _LINES.split(known.text)
        return FromAst(known.text).module(ast.Module(list(_kept(known.tree.body, lines, speaks)), []))
    except (ValueError, TooDeep, RecursionError):
        return None


_readable = lru_cache(_MOST_KEPT)(readable)


def _kept(body: Iterable[ast.stmt], lines: list[str], speaks: re.Pattern[str]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            kept = list(_kept(node.body, lines, speaks)) or [ast.copy_location(ast.Pass(), node)]
            made = ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": kept, "decorator_list": []})
            yield ast.copy_location(made, node)
        elif not isinstance(node, _DEFINITIONS) or speaks.search("\n".join(lines[node.lineno - 1 : node.end_lineno])):
            yield node
