"""A Jupyter notebook → one program in the order of its cells, every character known by its place in the file."""

from __future__ import annotations

import ast
import json
import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

_BLANK = re.compile(r"[ \t\n\r]*")
_CHARACTER = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S)
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\\n])*"?|\'(?:\\.|[^\'\\\n])*\'?|\#[^\n]*|[()\[\]{}]')
_MAGIC = re.compile(r"\s*(?:[%!]|\?{1,2}\s*[\w.*]|[\w.]+\?{1,2}\s*$|[\w., ]+=\s*[%!]\s*\w)")
_PYTHON_CELLS = frozenset({"%%time", "%%timeit", "%%capture", "%%prun", "%%memit", "%%mprun", "%%wandb"})
_OPENING, _CLOSING = "([{", ")]}"


scanstring: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]


class NotANotebook(Exception):
    """A text that is no notebook: why, and where in it."""

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


@dataclass(frozen=True, slots=True)
class Notebook:
    """The file's text, the rows of the program, and which statements, counted at the top, end a cell and are shown."""

    stored: str
    rows: tuple[Row, ...]
    displayed: frozenset[int]

    def offset(self, line: int, column: int, ends: bool = False) -> int:
        """Where a place of the program is in the file; one that `ends` a stretch does not reach into another cell."""
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
    rows: list[Row] = []
    lines: list[str] = []
    displayed: set[int] = set()
    count = 0
    for number, (text, places, joint) in enumerate(_code_cells(stored), 1):
        python = _python(text)
        start = 0
        for line, (own, shown) in enumerate(zip(text.split("\n"), python, strict=True), 1):
            here = places[start : start + len(own) + 1]
            rows.append(Row(number, line, tuple(here if own == shown else here[:1]), joint))
            start += len(own) + 1
        lines += python
        statements, last_is_shown = _statements("\n".join(python))
        count += statements
        if last_is_shown:
            displayed.add(count - 1)
    return "\n".join([*lines, ""]) if lines else "", Notebook(stored, tuple(rows), frozenset(displayed))


def _code_cells(stored: str) -> Iterator[tuple[str, list[int], str]]:
    """The source of each code cell, the offset of each of its characters and of its end, and what ends its lines."""
    try:
        known = json.loads(stored)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise NotANotebook(f"it is not a notebook: {getattr(error, 'msg', error)}", line, column) from None
    if not isinstance(known, dict) or not isinstance(known.get("cells"), list):
        raise NotANotebook("it is not a notebook of format 4: it has no list of cells")
    if _language(known) != "python":
        return
    at = next(at for key, at in _members(stored, 0) if key == "cells")
    for cell in _elements(stored, at):
        values = dict(_members(stored, cell))
        if "source" in values and json.JSONDecoder().raw_decode(stored, values.get("cell_type", cell))[0] == "code":
            yield _source(stored, values["source"])


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


def _source(stored: str, at: int) -> tuple[str, list[int], str]:
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
    return "".join(parts), [*places, end - 1], f'\\n"{between}"' if listed else "\\n"


def _python(text: str) -> list[str]:
    """The lines of a cell with `pass`, or nothing, in the place of what is not Python but IPython's."""
    lines = text.split("\n")
    if _parses(text):
        return lines
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in _PYTHON_CELLS:
            return [""] * len(lines)
        lines[first] = ""
    return _without_magics(lines)


def _without_magics(lines: list[str]) -> list[str]:
    shown: list[str] = []
    depth, quotes, goes_on, magic = 0, "", False, False
    for line in lines:
        if goes_on and magic:
            shown.append("")
        elif not depth and not quotes and not goes_on and _MAGIC.match(line):
            magic = True
            shown.append(f"{line[: len(line) - len(line.lstrip())]}pass")
        else:
            magic = False
            depth, quotes = _state(line, depth, quotes)
            shown.append(line)
        goes_on = line.rstrip("\r").endswith("\\")
    return shown


def _state(line: str, depth: int, quotes: str) -> tuple[int, str]:
    """How many brackets, and which long string, are open after a line."""
    at = 0
    while at < len(line):
        if quotes:
            end = line.find(quotes, at)
            if end < 0:
                return depth, quotes
            at, quotes = end + 3, ""
            continue
        match = _TOKEN.search(line, at)
        if match is None:
            break
        at = match.end()
        if match[0] in ('"""', "'''"):
            quotes = match[0]
        depth += (match[0] in _OPENING) - (match[0] in _CLOSING)
    return max(depth, 0), quotes


def _parses(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _statements(text: str) -> tuple[int, bool]:
    """How many statements a cell has at its top, and whether the value of the last is shown below it."""
    tree = _parses(text)
    if tree is None or not tree.body:
        return 0, False
    return len(tree.body), isinstance(tree.body[-1], ast.Expr) and not re.search(r";\s*(#[^\n]*)?\s*$", text)


def cell_of(notebook: Notebook, line: int) -> int:
    """The number of the code cell that a line of the program is in."""
    return notebook.rows[min(line, len(notebook.rows)) - 1].cell


def lines_of(notebook: Notebook, cell: int) -> tuple[int, int]:
    """The first line of a cell in the program, and the last."""
    cells = [row.cell for row in notebook.rows]
    return cells.index(cell) + 1, bisect_right(cells, cell)
