"""Syntax newer than the running Python → Python's own tree and tokens all the same, through what libcst reads.

A program that runs on Python 3.11 is asked about files written for 3.14. libcst reads them; Python's parser, whose tree
says where functions and statements are, does not, and its tokenizer takes the quotes within quotes for ends of strings.
So what is newer is written in older words, without moving anything else, and that is what Python is asked about.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from torchcopylint.parse.python import Complaint, ParseFailure, TooDeep, tree_of

_KEPT = 4
"""Texts whose trees are kept at a time: the same file is asked about by one stage after the other."""

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Readable:
    """A text as the running Python reads it, character for character in its place, and Python's own tree of it.

    The tree has the places of the text that was given, also where that has wider characters.
    """

    text: str
    tree: ast.Module


@lru_cache(_KEPT)
def readable(text: str) -> Readable | Complaint:
    """A text as the running Python reads it, or Python's complaint where libcst reads it neither; raises TooDeep."""
    tree = tree_of(text)
    if not isinstance(tree, Complaint):
        return Readable(text, tree)
    older = _in_older_words(text)
    again = tree_of(older) if older is not None else tree
    if older is None or isinstance(again, Complaint):
        return tree
    _settle(again, text, older)
    return Readable(older, again)


def readable_tree(text: str) -> ast.Module | Complaint:
    """Python's own tree of a text, of newer Python too, or its complaint; raises TooDeep."""
    known = readable(text)
    return known if isinstance(known, Complaint) else known.tree


def tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Python's tokens of a text, with the places and comments that a Python which knows its syntax would give them.

    Lines may end in any way. Raises TokenError or SyntaxError where the text is none, as tokenize does.
    """
    try:
        known = readable(text)
    except (TooDeep, RecursionError):
        known = Complaint("", 1, 1)
    older = text if isinstance(known, Complaint) else known.text
    return tokenize.generate_tokens(io.StringIO(older, newline=None).readline)


def _in_older_words(text: str) -> str | None:
    if "\0" in text:
        return None
    from torchcopylint.parse.older import in_older_words

    try:
        return in_older_words(text)
    except (ParseFailure, TooDeep, RecursionError):
        return None


def _settle(tree: ast.Module, text: str, older: str) -> None:
    """Python counts columns in bytes: those of lines that lost some are counted in the text again."""
    rows = zip(_LINE_END.split(text), _LINE_END.split(older), strict=True)
    narrower = {
        number: (old.encode("utf-8", "surrogatepass"), new.encode("utf-8", "surrogatepass"))
        for number, (old, new) in enumerate(rows, 1)
        if old != new and not old.isascii()
    }
    if not narrower:
        return
    for node in ast.walk(tree):
        for line, column in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
            if getattr(node, line, None) in narrower:
                old, new = narrower[getattr(node, line)]
                setattr(node, column, _counted_in(old, len(new[: getattr(node, column)].decode("utf-8", "ignore"))))


def _counted_in(line: bytes, characters: int) -> int:
    """The bytes that so many characters take."""
    before = line.decode("utf-8", "surrogatepass")[:characters]
    return len(before.encode("utf-8", "surrogatepass"))
