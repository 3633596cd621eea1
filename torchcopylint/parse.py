"""Source → libcst tree; and, for a file with something to report, tree and nodes → places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TypeVar

import libcst

from torchcopylint.finding import Span
from torchcopylint.source import Source

DEEPEST = 1000
"""Syntax nested deeper than this is refused: libcst needs time and memory that grow with the square of it."""

_LONG_LINE = re.compile(r"[^\n]{2000}")

Node = TypeVar("Node")


class ParseFailure(Exception):
    """A text that is not Python as far as we can tell: the reason, the line and column from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column


class TooDeep(Exception):
    """Valid Python that is nested too deeply to be analysed."""


def parse(source: Source) -> libcst.Module:
    """The tree of a source; raises ParseFailure, or TooDeep."""
    if "\0" in source.text:
        raise _failure_at(source.text, source.text.index("\0"), "the file contains a null byte")
    if _LONG_LINE.search(source.text) or source.text.count("elif ") > DEEPEST / 2:
        _refuse_deep(source)
    try:
        return libcst.parse_module(source.text)
    except libcst.ParserSyntaxError as error:
        raise _python_failure(source) or _libcst_failure(error) from None


def locate(tree: libcst.Module, nodes: Iterable[Node]) -> dict[Node, Span]:
    """Where each of the nodes stands in the text of the tree; columns count characters."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    places = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
    spans = {}
    for node in nodes:
        place = places[node]  # type: ignore[index]
        start, end = place.start, place.end
        spans[node] = Span(start.line, start.column + 1, end.line, end.column + 1)
    return spans


def _refuse_deep(source: Source) -> None:
    """Raises for a text whose nesting libcst would answer with a crash; Python's own parser has its own limits."""
    try:
        level: list[ast.AST] = [ast.parse(source.text)]
    except SyntaxError as error:
        raise _from_python(error) from None
    except (RecursionError, MemoryError):
        raise TooDeep from None
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise TooDeep


def _python_failure(source: Source) -> ParseFailure | None:
    """What Python itself says of a text that libcst refused: its words are those that users know."""
    try:
        ast.parse(source.text)
    except SyntaxError as error:
        return _from_python(error)
    except (RecursionError, MemoryError):
        return None
    return None


def _from_python(error: SyntaxError) -> ParseFailure:
    return ParseFailure(error.msg, error.lineno or 1, max(error.offset or 1, 1))


def _libcst_failure(error: libcst.ParserSyntaxError) -> ParseFailure:
    return ParseFailure(error.message.removeprefix("parser error: "), error.raw_line, error.raw_column + 1)


def _failure_at(text: str, offset: int, reason: str) -> ParseFailure:
    before = re.split(r"\r\n|\r|\n", text[:offset])
    return ParseFailure(reason, len(before), len(before[-1]) + 1)
