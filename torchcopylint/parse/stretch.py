"""How the nodes of Python's own tree are written: stretches of the text, with the parentheses that are theirs."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from torchcopylint.ir.site import Site

_LINE_END = re.compile(r"\r\n|\r|\n")


class Piece(NamedTuple):
    """A stretch of the text that no node stands for, between two places in it."""

    start: int
    end: int


class Run(NamedTuple):
    """The beginning of `a or b or c`, up to one of its parts: Python has one node for the whole."""

    whole: ast.BoolOp
    last: ast.expr


class Handed(NamedTuple):
    """What follows `yield` in `yield from x`."""

    whole: ast.YieldFrom


class Bare(NamedTuple):
    """A name that no node stands for, and whose place is not known."""

    name: str


class Stretches:
    """The text of a file, and where in it each node stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self.ascii = text.isascii()
        self.alone: dict[int, ast.expr | None] = {}
        """The arguments that are the only one of their call, by identity, with the call; None: what alone a `with`
        opens. Parentheses around them may be those of the call or statement."""
        self.first: ast.stmt | None = None
        """The first statement of the file: the comments above it are the file's."""

    def at(self, line: int, column: int) -> int:
        """The place in the text of a line, from 1, and a column in bytes."""
        start = self.starts[line - 1]
        if self.ascii or self.text[start : start + column].isascii():
            return start + column
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode(errors="ignore"))

    def own(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node stands, without parentheses around it."""
        end = self.at(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self.at(node.lineno, node.col_offset), end

    def code(self, site: Site) -> str:
        """The syntax as it stands in the text."""
        if isinstance(site.origin, Bare):
            return site.origin.name
        start, end = self._stretch(site.origin)
        return self.text[start:end]

    def in_parentheses(self, site: Site) -> bool:
        """Whether the syntax has parentheses of its own."""
        return isinstance(site.origin, ast.expr) and len(self._layers(site.origin)) > 1

    def begins_line(self, site: Site) -> bool:
        """Whether the syntax is a statement that has its line for itself."""
        if not isinstance(site.origin, ast.stmt) or hasattr(site.origin, "body"):
            return False
        start, end = self.own(site.origin)
        last = bisect_right(self.starts, end)
        rest = self.text[end : self.starts[last] if last < len(self.starts) else None].strip().removeprefix(";").strip()
        return not self.text[self.starts[site.origin.lineno - 1] : start].strip() and (not rest or rest[0] == "#")

    def _stretch(self, origin: object) -> tuple[int, int]:
        if isinstance(origin, ast.expr):
            return self._layers(origin)[-1]
        if isinstance(origin, Piece):
            return origin
        if isinstance(origin, Run):
            return self.at(origin.whole.lineno, origin.whole.col_offset), self._layers(origin.last)[-1][1]
        if isinstance(origin, Handed):
            start, end = self.own(origin.whole)
            return self._after(start + len("yield")), end
        if isinstance(origin, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self._definition(origin)
        if isinstance(origin, ast.stmt):
            return self.own(origin)
        if isinstance(origin, ast.Module):
            return 0, len(self.text)
        parts = [part for part in ast.iter_child_nodes(origin) if isinstance(part, ast.expr | ast.stmt)]  # type: ignore[arg-type]
        return (self._stretch(parts[0])[0], max(self._stretch(part)[1] for part in parts)) if parts else (0, 0)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> tuple[int, int]:
        """The lines of a definition: with the comments above it, its decorators, and the comments at its end."""
        line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        while line > 1 and node is not self.first and self._is_comment(self._line(line - 1)):
            line -= 1
        last = node.end_lineno or node.lineno
        while last < len(self.starts) and self._is_comment(below := self._line(last + 1)):
            if below.strip() and len(below) - len(below.lstrip()) <= node.col_offset:
                break
            last += 1
        return self.starts[line - 1], self.starts[last] if last < len(self.starts) else len(self.text)

    def _line(self, number: int) -> str:
        return self.text[self.starts[number - 1] : self.starts[number] if number < len(self.starts) else None]

    def _is_comment(self, line: str) -> bool:
        return line.lstrip()[:1] in ("", "#")

    def _layers(self, node: ast.expr) -> list[tuple[int, int]]:
        """Where a node stands, from within to without: bare, and with each pair of parentheses that is its own."""
        start, end = self.own(node)
        layers = [(start, end)]
        if isinstance(node, ast.GeneratorExp) or (isinstance(node, ast.Tuple) and self.encloses(node)):
            layers.insert(0, (self._after(start + 1), self._before(end - 1) + 1))
        while True:
            before, after = self._before(start), self._after(end)
            if self.text[before : before + 1] != "(" or self.text[after : after + 1] != ")" or before < 0:
                break
            start, end = before, after + 1
            layers.append((start, end))
        if id(node) in self.alone and len(layers) > 1 and self._is_others(self.alone[id(node)], end):
            layers.pop()
        return layers

    def _is_others(self, call: ast.expr | None, end: int) -> bool:
        """Whether parentheses that end here are those of the call or of the `with`."""
        if call is None:
            after = self._after(end)
            return self.text[after : after + 1] == ":"
        return end == self.own(call)[1]

    def encloses(self, node: ast.Tuple) -> bool:
        """Whether a tuple's own stretch begins and ends with its parentheses, not with those of its elements."""
        start, end = self.own(node)
        if self.text[start] != "(" or self.text[end - 1] != ")":
            return False
        if not node.elts:
            return True
        first, last = self.own(node.elts[0])
        opened = 0
        place = first
        while (place := self._before(place)) >= start and self.text[place] == "(":
            opened += 1
        place = last
        while opened and (place := self._after(place)) < end and self.text[place] == ")":
            opened -= 1
            place += 1
        return opened > 0

    def _before(self, place: int) -> int:
        """The nearest place before this one that holds code."""
        place -= 1
        while place >= 0:
            if self.text[place] in "\r\n":
                line = bisect_right(self.starts, place) - 1
                comment = "#" in self.text[self.starts[line] : place] and self._comments.get(line + 1)
                place = comment - 1 if comment else place - 1
                if place >= 0 and self.text[place] == "\\":
                    place -= 1
            elif self.text[place] in " \t\f":
                place -= 1
            else:
                break
        return place

    def _after(self, place: int) -> int:
        """The nearest place from this one on that holds code."""
        match = _BLANK.match(self.text, place)
        return match.end() if match else place

    @cached_property
    def _comments(self) -> dict[int, int]:
        """Where the comment of each line begins."""
        found: dict[int, int] = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
                if token.type == tokenize.COMMENT:
                    found[token.start[0]] = self.starts[token.start[0] - 1] + token.start[1]
        except (tokenize.TokenError, SyntaxError):
            pass
        return found


_BLANK = re.compile(r"(?:[ \t\f\r\n]+|#[^\r\n]*|\\(?:\r\n|\r|\n))*")


class Unparsed:
    """Python before 3.12 does not know where the expressions in f-strings stand: they are written anew."""

    def code(self, site: Site) -> str:
        """The syntax, as Python would write it."""
        return ast.unparse(site.origin) if isinstance(site.origin, ast.AST) else ""

    def in_parentheses(self, site: Site) -> bool:
        """Never."""
        return False

    def begins_line(self, site: Site) -> bool:
        """Never."""
        return False
