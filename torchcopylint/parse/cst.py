"""Text → libcst's own tree, or what speaks against the text."""

from __future__ import annotations

import libcst

from torchcopylint.parse.depth import too_deep
from torchcopylint.parse.python import Complaint, ParseFailure, TooDeep, tree_of

_OF_NEWER_SYNTAX = (
    "invalid syntax",
    "expected '('",
    "f-string: ",
    "multiple exception types must be parenthesized",
    "iterable unpacking cannot be used in comprehension",
)


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
    if not isinstance(own, Complaint) or (own.reason.startswith(_OF_NEWER_SYNTAX) and theirs.line > own.line):
        return theirs
    return own
