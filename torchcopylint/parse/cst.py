"""Text → libcst's own tree, or what speaks against the text."""

from __future__ import annotations

import re
from functools import lru_cache

import libcst

from torchcopylint.parse.depth import too_deep
from torchcopylint.parse.python import Complaint, ParseFailure, TooDeep, tree_of

_KEPT = 4
"""Texts whose trees are kept at a time: a file of newer syntax is asked about by one stage after the other."""

_OF_NEWER_SYNTAX = (
    "invalid syntax",
    "expected '('",
    "f-string: ",
    "multiple exception types must be parenthesized",
    "iterable unpacking cannot be used in comprehension",
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_checked = libcst.ConcatenatedString._validate


def _check(node: libcst.ConcatenatedString) -> None:
    """What libcst holds against strings side by side; up to its version 1.9 it knows no t-string on the right."""
    try:
        _checked(node)
    except Exception as error:
        known = "b" in node.left.prefix or type(node.right).__name__ != "TemplatedString"
        if known or str(error) != "Logic error!":
            raise


libcst.ConcatenatedString._validate = _check  # type: ignore[assignment, method-assign]


@lru_cache(_KEPT)
def module_of(text: str) -> libcst.Module:
    """libcst's own tree of a text; raises ParseFailure, or TooDeep."""
    if "\0" in text:
        raise ParseFailure(_complaint(text, Complaint("the file contains a null byte", 1, 1)))
    if too_deep(text):
        raise TooDeep
    try:
        return libcst.parse_module(text)
    except (MemoryError, RecursionError, KeyboardInterrupt):
        raise
    except UnicodeEncodeError:  # half of a pair of surrogates: Python says where
        theirs = Complaint("it holds half a character", 1, 1)
    except libcst.ParserSyntaxError as error:
        reason = error.message.removeprefix("parser error: ").removeprefix("tokenizer error: ")
        reason = "invalid syntax" if "expected one of" in reason else reason
        theirs = Complaint(reason, error.raw_line, error.raw_column + 1)
    except BaseException as error:  # what comes of its native part need not be an Exception
        theirs = Complaint(f"libcst cannot read it: {error}", 1, 1)
    raise ParseFailure(_complaint(text, theirs))


def _complaint(text: str, theirs: Complaint) -> Complaint:
    """What to say against a text that libcst does not read: in Python's words, which users know, as far as it has any.

    Unless that is about syntax that is newer than this Python: libcst has got past it.
    """
    own = tree_of(text)
    if not isinstance(own, Complaint):
        return theirs
    newer = own.reason.startswith(_OF_NEWER_SYNTAX) and theirs.line > own.line and _gets_past(text, own.line)
    return theirs if newer else own


def _gets_past(text: str, line: int) -> bool:
    """Whether libcst reads the text as far as this line, as a whole or with a block begun there."""
    head = "".join(_LINE.findall(text)[:line])
    blanks = len(head.splitlines()[-1]) - len(head.splitlines()[-1].lstrip())
    return any(_reads(f"{head}{rest}") for rest in ("\n", f"\n{' ' * blanks} pass\n"))


def _reads(text: str) -> bool:
    try:
        libcst.parse_module(text)
    except libcst.ParserSyntaxError:
        return False
    return True
