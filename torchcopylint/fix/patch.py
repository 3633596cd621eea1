"""Changes of a text by offsets: applying them, checking whether they overlap, tracking a position through them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from torchcopylint.domain.finding import Edit

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Patch:
    """A span of a text, by offsets, and its replacement; an empty span is an insertion."""

    start: int
    end: int
    text: str

    def meets(self, other: Patch) -> bool:
        """Whether both touch the same characters; a patch does not overlap itself."""
        return self != other and self.start < other.end and other.start < self.end


class Lines:
    """Where the lines of a text begin, and how they end."""

    def __init__(self, text: str) -> None:
        ends = list(_LINE_END.finditer(text))
        self.text = text
        self.starts = [0, *(end.end() for end in ends)]
        self.newline = ends[0][0] if ends else "\n"

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and a column, both from 1."""
        return self.starts[line - 1] + column - 1

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column, both from 1, of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def start_after(self, line: int) -> int:
        """Where the line after `line` begins; the end of the text after the last."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def indent(self, offset: int) -> str:
        """The indentation of the line of `offset`."""
        start = max(begin for begin in self.starts if begin <= offset)
        return self.text[start : start + len(self.text[start:]) - len(self.text[start:].lstrip(" \t\f"))]


def patches_of(edits: Iterable[Edit], lines: Lines) -> tuple[Patch, ...]:
    """The same changes by lines and columns, as patches."""
    spans = [(edit.span, edit.text) for edit in edits]
    return tuple(
        Patch(lines.offset(span.line, span.column), lines.offset(span.end_line, span.end_column), text)
        for span, text in spans
    )


def apply(text: str, patches: Iterable[Patch]) -> str:
    """The text with all patches applied; they must not overlap."""
    parts, done = list[str](), 0
    for patch in sorted(set(patches)):
        parts += (text[done : patch.start], patch.text)
        done = patch.end
    return "".join((*parts, text[done:]))


def moved(offset: int, patches: Iterable[Patch]) -> int:
    """The position after the patches are applied; inside a patch, the beginning of the patch."""
    shift = 0
    for patch in sorted(set(patches)):
        if patch.end <= offset:
            shift += len(patch.text) - (patch.end - patch.start)
        elif patch.start <= offset:
            return patch.start + shift
    return offset + shift


def within(offset: int, patches: Iterable[Patch]) -> bool:
    """Whether a position is inside a patch."""
    return any(patch.start <= offset < patch.end for patch in patches)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a finding of this code can be, by offsets: one position, or the whole text that replaced it."""

    code: str
    first: int
    last: int

    @classmethod
    def at(cls, code: str, offset: int) -> Stretch:
        """The stretch of one place."""
        return cls(code, offset, offset)

    def holds(self, code: str, offset: int) -> bool:
        """Whether a finding at this offset is the one."""
        return code == self.code and self.first <= offset <= self.last

    def moved(self, patches: Iterable[Patch]) -> Stretch:
        """The span after the patches are applied."""
        made = list(patches)
        over = [patch for patch in made if patch.start <= self.last < patch.end]
        last = moved(self.last, made) + (len(over[0].text) if over else 0)
        return Stretch(self.code, moved(self.first, made), last)
