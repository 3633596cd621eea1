"""Text → what Python itself says against it, at a fraction of what a full parse costs."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple


class Complaint(NamedTuple):
    """Why a text is not Python: the reason, the line and column from 1."""

    reason: str
    line: int
    column: int


class TooDeep(Exception):
    """A text nested too deeply to be analysed."""


def tree_of(text: str) -> ast.Module | Complaint:
    """Python's own tree of a text, or its complaint; raises TooDeep."""
    if "\0" in text:
        before = re.split(r"\r\n|\r|\n", text[: text.index("\0")])
        return Complaint("the file contains a null byte", len(before), len(before[-1]) + 1)
    try:
        return ast.parse(text)
    except SyntaxError as error:
        return Complaint(error.msg, error.lineno or 1, max(error.offset or 1, 1))
    except (RecursionError, MemoryError):
        raise TooDeep from None


def depth_exceeds(tree: ast.Module, limit: int) -> bool:
    """Whether a tree has more than `limit` levels."""
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True
