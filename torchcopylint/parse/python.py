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


class ParseFailure(Exception):
    """A text that is not Python as far as we can tell; carries the complaint."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint)
        self.complaint = complaint


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
    except UnicodeEncodeError as error:
        before = re.split(r"\r\n|\r|\n", text[: error.start])
        half = f"U+{ord(text[error.start]):04X}"
        return Complaint(f"{half} is half of a character, and no text", len(before), len(before[-1]) + 1)
    except (RecursionError, MemoryError):
        raise TooDeep from None
