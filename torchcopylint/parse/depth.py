"""Text → whether it goes too deep for the parser: a look at its brackets and operators, before anything is parsed.

What the parser takes of time and memory grows with the square of the depth, in patterns of `match` and targets of
`del` far faster, and when its stack is full it ends the process. None of that depends on where the lines end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint.parse.skeleton import skeleton

DEEPEST = 1000
"""Operators, keywords and brackets on the way down to the deepest part of a statement: each may be a level."""

BRACKET = 8
"""What a pair of brackets counts for: so much more of the parser's stack it takes than an operator."""

DEEPEST_BLOCK = 50
"""Blocks within each other: a block takes twice as much of the stack as a pair of brackets."""

DEEPEST_PATTERN = 6
"""Brackets around a part of a pattern: with each more the parser takes up to four times as long."""

DEEPEST_TARGET = 12
"""Brackets around what `del` removes: with each more the parser takes twice as long."""

_WORDS = tuple(
    (word, re.compile(rf"{word}(?<!\w{word})(?!\w)"), mark)
    for word, mark in (("for", "\1"), ("lambda", "\2"), ("case", "\3"), ("del", "\4"))
)
_NAMES = bytes(n for n in range(256) if n >= 128 or chr(n).isalnum() or n in b"_")
_MARKS = bytes.maketrans(b"\1\2\3\4[{]};/%@&|^~<>=!.*\t\x0c", b"FLCD(())\n++++++++++++-  ")
_INDENTATION = re.compile(r"\n[ \t\f]+")
_PIECE = re.compile(rb"[(),:FL]|[^(),:FL]+")
_PATTERN, _FRAGILE = re.compile(rb" *C[ (-]"), re.compile(rb"[CD]")


def too_deep(text: str) -> bool:
    """Whether a text may hold a statement that goes deeper than the parser bears."""
    code = skeleton(text)
    wide = any(gap in code for gap in (" " * DEEPEST_BLOCK, "\t", "\f"))
    blocks = wide and len(set(_INDENTATION.findall(code))) > DEEPEST_BLOCK
    if (blocks or code.count("elif") > DEEPEST) and _nested_too_deep(code):
        return True
    marks = _marks(code)
    return not _plain(marks) and any(_goes_too_deep(statement) for statement in _statements(marks))


def _nested_too_deep(code: str) -> bool:
    """Whether too many blocks lie within each other, or too many `elif` follow each other: the parser nests those."""
    blocks = list[tuple[int, int]]()
    for width, words in _first_lines(code):
        others = 0
        while blocks and blocks[-1][0] >= width:
            before, count = blocks.pop()
            others = count if before == width else 0
        others = others + 1 if words.startswith("elif") else 0
        blocks.append((width, others))
        if len(blocks) > DEEPEST_BLOCK + 1 or others > DEEPEST:
            return True
    return False


def _first_lines(code: str) -> Iterator[tuple[int, str]]:
    """The first line of each statement: how far it is indented, and what follows."""
    nested = 0
    for line in code.replace("\\\n", " ").split("\n"):
        words = line.lstrip()
        if words and nested <= 0:
            nested = 0
            yield len(line[: len(line) - len(words)].rpartition("\f")[2].expandtabs()), words
        nested += sum(map(words.count, "([{")) - sum(map(words.count, ")]}"))


def _marks(code: str) -> bytes:
    """A character for each operator and bracket, and for a few keywords; blanks stay between the other words."""
    for word, pattern, mark in _WORDS:
        if word in code:
            code = pattern.sub(mark, code)
    lines = map(bytes.strip, code.encode("utf-8", "surrogatepass").split(b"\n"))
    marks = b"\n".join(lines).replace(b"\\\n", b" ").translate(_MARKS, _NAMES)
    return marks.replace(b" +", b"+").replace(b"+ ", b"+")


def _plain(marks: bytes) -> bool:
    """Whether a cheap look shows that nothing goes too deep: few brackets within each other, little in each of them."""
    room = max(0, DEEPEST // (DEEPEST_PATTERN + 1) - BRACKET)
    innermost = re.compile(rb"\([^()]{0,%d}\)" % room)
    for _ in range(DEEPEST_PATTERN):
        marks, found = innermost.subn(b"+", marks)
        if not found:
            break
    return b"(" not in marks and b")" not in marks and max(map(len, marks.split(b"\n"))) <= room


def _statements(marks: bytes) -> Iterator[bytes]:
    """The statements that are large enough to go deep, or begin as those in which little depth is too much."""
    lines, size, nested = list[bytes](), 0, 0
    for line in marks.split(b"\n"):
        opened = line.count(b"(")
        nested += opened - line.count(b")")
        size += len(line) + 1 + opened * BRACKET
        lines.append(line)
        if nested <= 0:
            if size > DEEPEST or _FRAGILE.search(lines[0]):
                yield b" ".join(lines)
            lines, size, nested = [], 0, 0
    yield b" ".join(lines)


@dataclass(slots=True)
class _Part:
    """What is read within a pair of brackets, or outside all: the parts that commas separate, and which is the deepest.

    own: operators of the part being read; below: the depth of what brackets in it hold; before: the depth of the
    deepest part before it; lambdas: those whose colon is to come; whole: whether commas separate nothing any more,
    as behind the `for` of a comprehension.
    """

    own: int = 0
    below: int = 0
    before: int = 0
    lambdas: int = 0
    whole: bool = False

    @property
    def depth(self) -> int:
        """How deep it goes."""
        return max(self.before, self.own + self.below)

    def read(self, piece: bytes) -> None:
        """Takes in marks that are no brackets; a comma begins another part, unless it belongs to this one."""
        self.own += len(piece)
        self.whole |= piece == b"F"
        self.lambdas += (piece == b"L") - (piece == b":" and self.lambdas > 0)
        if piece == b"," and not self.whole and not self.lambdas:
            self.before, self.own, self.below = self.depth, 0, 0

    def close(self, inner: _Part) -> None:
        """Takes in what a pair of brackets held."""
        self.own += 1
        self.below = max(self.below, inner.depth + BRACKET)


def _goes_too_deep(statement: bytes) -> bool:
    """Whether the marks of a statement go too deep; brackets that are never closed reach to its end."""
    part, around, most = _Part(), list[_Part](), 0
    for piece in _PIECE.findall(statement):
        if piece == b"(":
            around.append(part)
            part, most = _Part(), max(most, len(around))
        elif piece != b")":
            part.read(piece)
        elif around:
            around[-1].close(part)
            part = around.pop()
    while around:
        around[-1].close(part)
        part = around.pop()
    limit = DEEPEST_PATTERN if _PATTERN.match(statement) else DEEPEST_TARGET if b"D" in statement else DEEPEST
    return part.depth > DEEPEST or most > limit
