"""A Jupyter notebook → one program in the order of its cells, with the position of every character in the file."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from torchcopylint.files.cell import Cell, imported, read
from torchcopylint.parse.python import Complaint

_BLANK = re.compile(r"[ \t\n\r]*")
_CHARACTER = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S)

scanstring: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]


class NotANotebook(Exception):
    """A text that is not a notebook: why, and where."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column


class Row(NamedTuple):
    """A line of the program: the number of its code cell and of the line in it, from 1; where its characters begin.

    places: the offset in the file of each character, and of what ends the line; joint: what the file has for the end
    of a line here.
    """

    cell: int
    line: int
    places: tuple[int, ...]
    joint: str


class Skipped(NamedTuple):
    """Why a cell is skipped: its number, the reason, the line of the program and the column, that line as it stands."""

    cell: int
    reason: str
    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Notebook:
    """The file's text, the rows of the program, which statements, counted at the top, end a cell and are shown.

    skipped: the cells that are not Python; in their place the program has their imports, and forgets the names they
    define.
    """

    stored: str
    rows: tuple[Row, ...]
    displayed: frozenset[int]
    skipped: tuple[Skipped, ...] = ()

    def skips(self, line: int) -> bool:
        """Whether a line of the program belongs to a cell that is skipped."""
        return any(skipped.cell == cell_of(self, line) for skipped in self.skipped)

    def offset(self, line: int, column: int, ends: bool = False) -> int:
        """The position in the file of a position in the program; one that `ends` a span does not reach into another
        cell."""
        row = self.rows[min(line, len(self.rows)) - 1]
        if ends and column == 1 and line > 1 and self.rows[line - 2].cell != row.cell:
            return self.rows[line - 2].places[-1]
        return row.places[min(column, len(row.places)) - 1]

    def place(self, line: int, column: int) -> tuple[int, int]:
        """The line and column in the file of a place of the program."""
        offset = self.offset(line, column)
        start = self.stored.rfind("\n", 0, offset) + 1
        return self.stored.count("\n", 0, offset) + 1, offset - start + 1

    def written(self, text: str, line: int) -> str:
        """New text as it stands in the file, at a line of the program."""
        joint = self.rows[min(line, len(self.rows)) - 1].joint
        return joint.join(json.dumps(part, ensure_ascii=False)[1:-1] for part in re.split(r"\r\n|\r|\n", text))


def program(stored: str) -> tuple[str, Notebook]:
    """The program in a notebook's text, and where it is; raises NotANotebook."""
    texts = list(_code_cells(stored))
    cells = [read(own.text) for own in texts]
    modules = {name for cell in cells for name in imported(cell.lines)}
    rows: list[Row] = []
    lines: list[str] = []
    displayed: set[int] = set()
    skipped: list[Skipped] = []
    count = 0
    for number, (own, cell) in enumerate(zip(texts, cells, strict=True), 1):
        if cell.complaint:
            skipped.append(_skipped(number, own, cell.complaint, len(lines)))
        rows += _rows(number, own, cell)
        lines += cell.lines
        count += cell.statements
        if forgetting := _forgetting(cell, modules):
            rows.append(Row(number, len(cell.lines), (own.places[-1],), own.joint))
            lines.append("; ".join(forgetting))
            count += len(forgetting)
        if cell.shown:
            displayed.add(count - 1)
    text = "\n".join([*lines, ""]) if lines else ""
    return text, Notebook(stored, tuple(rows), frozenset(displayed), tuple(skipped))


class CellText(NamedTuple):
    """The source of a cell, the offset in the file of each of its characters and of its end, what ends its lines."""

    text: str
    places: list[int]
    joint: str


def _rows(number: int, own: CellText, cell: Cell) -> Iterator[Row]:
    start = 0
    for line, (before, now) in enumerate(zip(own.text.split("\n"), cell.lines, strict=True), 1):
        here = own.places[start : start + len(before) + 1]
        yield Row(number, line, tuple(here if cell.complaint or before == now else here[:1]), own.joint)
        start += len(before) + 1


def _skipped(number: int, own: CellText, complaint: Complaint, before: int) -> Skipped:
    lines = own.text.split("\n")
    line = min(complaint.line, len(lines))
    column = min(complaint.column, len(lines[line - 1]) + 1)
    return Skipped(number, complaint.reason, before + line, column, lines[line - 1])


def _forgetting(cell: Cell, modules: set[str]) -> list[str]:
    """Statements after which nothing is known about the names that a skipped cell may have bound.

    That it changes a part of something that is imported (`plt.rcParams[...] = ...`) leaves the rest as it is.
    """
    return [f'{name} = eval("{name}")' for name in sorted(cell.lost | (cell.touched - modules))]


def _code_cells(stored: str) -> Iterator[CellText]:
    """The code cells in a notebook's text."""
    try:
        known = json.loads(stored)
    except RecursionError:
        raise NotANotebook("it is not a notebook: its JSON is nested too deeply") from None
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise NotANotebook(f"it is not a notebook: {getattr(error, 'msg', error)}", line, column) from None
    if not isinstance(known, dict) or not isinstance(known.get("cells"), list):
        raise NotANotebook("it is not a notebook of format 4: it has no list of cells")
    if _language(known) != "python":
        return
    at = dict(_members(stored, 0))["cells"]
    for number, (cell, place) in enumerate(zip(known["cells"], _elements(stored, at), strict=True)):
        if wrong := _wrong(cell):
            line, column = stored.count("\n", 0, place) + 1, place - stored.rfind("\n", 0, place)
            raise NotANotebook(f"it is not a notebook of format 4: cells[{number}]{wrong}", line, column)
        if cell["cell_type"] == "code":
            yield _source(stored, dict(_members(stored, place))["source"])


def _wrong(cell: object) -> str:
    """What is wrong with a cell, after its name; "" if nothing is."""
    if not isinstance(cell, dict):
        return " is not an object"
    if not isinstance(cell.get("cell_type"), str):
        return ".cell_type is not a string"
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    if cell["cell_type"] == "code" and not all(isinstance(line, str) for line in lines):
        return ".source is neither a string nor a list of strings"
    return ""


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    about: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        if isinstance(about.get(part), dict) and about[part].get(key):
            return str(about[part][key]).lower()
    return "python"


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The keys of a JSON object, and where their values begin."""
    at = _skip(text, _skip(text, at) + 1)
    while text[at] != "}":
        key, at = scanstring(text, at + 1, False)
        at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _after(text, at)


def _elements(text: str, at: int) -> Iterator[int]:
    """Where the elements of a JSON array begin."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at
        at = _after(text, at)


def _after(text: str, at: int) -> int:
    """Where the next member or element begins, or the end of what holds them."""
    _, at = json.JSONDecoder(strict=False).raw_decode(text, at)
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _source(stored: str, at: int) -> CellText:
    places: list[int] = []
    parts: list[str] = []
    listed = stored[at] == "["
    starts = list(_elements(stored, at)) if listed else [at]
    end = at + 1
    between = f",{stored[at + 1 : starts[0]]}" if listed and starts else ","
    for number, start in enumerate(starts):
        if number == 1:
            between = stored[end:start]
        part, end = scanstring(stored, start + 1, False)
        parts.append(part)
        places += (match.start() for match in _CHARACTER.finditer(stored, start + 1, end - 1))
    return CellText("".join(parts), [*places, end - 1], f'\\n"{between}"' if listed else "\\n")


def cell_of(notebook: Notebook, line: int) -> int:
    """The number of the code cell that a line of the program is in."""
    return notebook.rows[min(line, len(notebook.rows)) - 1].cell


def lines_of(notebook: Notebook, cell: int) -> tuple[int, int]:
    """The first line of a cell in the program, and the last."""
    cells = [row.cell for row in notebook.rows]
    return cells.index(cell) + 1, bisect_right(cells, cell)
