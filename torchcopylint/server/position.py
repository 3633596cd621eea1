"""Lines and columns from 1, in characters ↔ positions from 0, in the units that client and server agreed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from torchcopylint.domain.finding import Span


@dataclass(frozen=True, slots=True)
class Units:
    """What columns are counted in: "utf-8", "utf-16" or "utf-32"."""

    encoding: str = "utf-16"

    def range(self, span: Span, lines: Sequence[str]) -> types.Range:
        """A range of a text in the client's units."""
        start = self.position(span.line, span.column, lines)
        return types.Range(start, self.position(span.end_line, span.end_column, lines))

    def position(self, line: int, column: int, lines: Sequence[str]) -> types.Position:
        """A position in a text in the client's units; the end of the last line is valid too."""
        row = lines[line - 1] if line <= len(lines) else ""
        return types.Position(line - 1, self._width(row[: column - 1]))

    def place(self, position: types.Position, lines: Sequence[str]) -> tuple[int, int]:
        """The line and the column, from 1, of a client's position."""
        row = lines[position.line] if position.line < len(lines) else ""
        column = width = 0
        while width < position.character and column < len(row):
            width += self._width(row[column])
            column += 1
        return position.line + 1, column + 1

    def _width(self, text: str) -> int:
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + (sum(char > "\uffff" for char in text) if self.encoding == "utf-16" else 0)
