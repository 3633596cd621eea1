"""Syntax newer than the Python at hand → Python's own tree all the same, by way of what libcst reads.

A program that runs on Python 3.11 is asked about files written for 3.14. libcst reads them; Python's parser, whose tree
says where functions and statements are, does not. So what is newer is blanked out, without moving anything else: the
tree has the places of the text, and says nothing of what stood in the blanks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from torchcopylint.parse.python import Complaint, ParseFailure, TooDeep, tree_of

if TYPE_CHECKING:
    import libcst


def readable_tree(text: str) -> ast.Module | Complaint:
    """Python's own tree of a text, of newer Python too, or its complaint; raises TooDeep."""
    tree = tree_of(text)
    if not isinstance(tree, Complaint) or "\0" in text:
        return tree
    older = _as_older(text)
    again = tree_of(older) if older is not None else tree
    return tree if isinstance(again, Complaint) else again


def _as_older(text: str) -> str | None:
    """The text with what is newer blanked out, every other character in its place; None where it is no Python."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    from torchcopylint.parse.cst import module_of

    try:
        wrapper = MetadataWrapper(module_of(text), unsafe_skip_copy=True)
    except (ParseFailure, TooDeep, RecursionError):
        return None
    places = wrapper.resolve(PositionProvider)
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column

    pieces = list(text)
    for node, instead in _newer(wrapper.module):
        place = places[node]
        begin = offset(place.start.line, place.start.column)
        end = offset(place.end.line, place.end.column)
        pieces[begin:end] = _blank(text[begin:end], instead)
    return "".join(pieces)


def _newer(tree: libcst.Module) -> Iterator[tuple[libcst.CSTNode, str]]:
    """The nodes that an older Python may not read, each with what it reads in their place."""
    import libcst as cst

    waiting: list[cst.CSTNode] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.TypeAlias):
            yield node, "pass"
        elif isinstance(node, cst.TypeParameters):
            yield node, ""
        elif isinstance(node, cst.FormattedString | cst.TemplatedString):
            yield node, "''"
        elif isinstance(node, cst.ExceptHandler) and isinstance(node.type, cst.Tuple) and not node.type.lpar:
            yield node.type, "0"
            waiting.append(node.body)
        else:
            waiting += node.children


def _blank(old: str, instead: str) -> str:
    """As many characters, with the ends of lines where they were."""
    kept = "".join(char if char in "\r\n" else " " for char in old[len(instead) :])
    joined = re.sub(r" (?=\r\n|\r|\n)", "\\\\", kept) if instead == "''" else kept
    return instead + joined
