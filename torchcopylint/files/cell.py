"""The text of a notebook cell → its Python lines; or why it is skipped, and what is lost with it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from keyword import iskeyword

from torchcopylint.parse.depth import too_deep
from torchcopylint.parse.newer import readable_tree
from torchcopylint.parse.python import Complaint, TooDeep

_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\\n])*"?|\'(?:\\.|[^\'\\\n])*\'?|\#[^\n]*|[()\[\]{}]')
_WORDS = re.compile(_TOKEN.pattern + r"|(?<![=!<>:])=(?!=)|:=|[\w.]+")
_MAGIC = re.compile(r"\s*(?:[%!]|\?{1,2}\s*[\w.*]|[\w.]+\?{1,2}\s*$|[\w., ]+=\s*[%!]\s*\w)")
_COMMAND = re.compile(r"(?:pip|conda|mamba|cd|ls|mkdir|cp|mv|rm)\s+(?!(?:and|if|in|is|not|or)\b)[-\w./~*]")
"""Commands that IPython runs in a shell without a prefix."""

_PYTHON_CELLS = frozenset({"%%time", "%%timeit", "%%capture", "%%prun", "%%memit", "%%mprun", "%%wandb"})
_OPENING, _CLOSING = "([{", ")]}"
_IMPORT = re.compile(r"(?:import|from)\s")
_NAME = re.compile(r"[^\W\d]\w*")
_BINDS_NEXT = frozenset({"def", "class", "as", "for", "import", "global"})


@dataclass(frozen=True, slots=True)
class Cell:
    """The Python lines, as many as the text has; how many statements they are, and whether the value of the last is
    displayed.

    complaint: why the cell is skipped, if it is. Then `lines` are its comments and the imports on lines of their own,
    each in its place. lost: the names that the rest may have bound; touched: those of which it may have changed a part,
    as `x.a = 1` does.
    """

    lines: tuple[str, ...]
    statements: int = 0
    shown: bool = False
    complaint: Complaint | None = None
    lost: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()


def read(text: str) -> Cell:
    """What a cell is to Python."""
    lines = _python(text)
    whole = "\n".join(lines)
    tree = _tree(whole)
    if isinstance(tree, Complaint):
        return _skipped(text.split("\n"), tree)
    ends = bool(tree.body) and isinstance(tree.body[-1], ast.Expr)
    return Cell(tuple(lines), len(tree.body), ends and not re.search(r";\s*(#[^\n]*)?\s*$", whole))


def imported(lines: Iterable[str]) -> Iterator[str]:
    """The names that imports among the lines may bind."""
    for line in lines:
        if _IMPORT.match(line.lstrip()):
            yield from _NAME.findall(line)


def _skipped(lines: list[str], complaint: Complaint) -> Cell:
    left = [_left(line) for line in lines]
    bound = [name for line, kept in zip(lines, left, strict=True) if line != kept for name in _bound(line)]
    return Cell(
        lines=tuple(left),
        statements=sum(_IMPORT.match(line) is not None for line in left),
        complaint=complaint,
        lost=frozenset(name for name, whole in bound if whole),
        touched=frozenset(name for name, whole in bound if not whole),
    )


def _tree(text: str) -> ast.Module | Complaint:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if not too_deep(text):
                return readable_tree(text)
        except TooDeep:
            pass
        return Complaint("it is nested too deeply", 1, 1)


def _python(text: str) -> list[str]:
    """The lines of a cell with `pass`, or nothing, instead of IPython syntax."""
    lines = text.split("\n")
    if not isinstance(_tree(text), Complaint):
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
        elif not depth and not quotes and not goes_on and (_MAGIC.match(line) or _COMMAND.match(line)):
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


def _left(line: str) -> str:
    """What remains of a line of a skipped cell: an import, or the comment, in its place."""
    if _IMPORT.match(line) and not isinstance(_tree(line), Complaint):
        return line
    comment = next((found for found in _TOKEN.finditer(line) if found[0].startswith("#")), None)
    return " " * comment.start() + comment[0] if comment else ""


def _bound(line: str) -> Iterator[tuple[str, bool]]:
    """The names that a line may bind, and whether it binds the name itself or changes a part of it.

    They come before `=`, outside brackets, and after `def`, `for`, `as` and the like. It does not matter why the line
    is not Python.
    """
    seen: list[tuple[str, bool]] = []
    depth, binds = 0, False
    for word in (found[0] for found in _WORDS.finditer(line)):
        if word == "[" and seen and not depth:
            seen[-1] = seen[-1][0], False
        depth = max(depth + (word in _OPENING) - (word in _CLOSING), 0)
        name = word.partition(".")[0]
        if word == "=" and not depth:
            yield from seen
        elif word == ":=":
            yield from seen[-1:]
        elif word in _BINDS_NEXT or word == "in":
            binds = word != "in"
        elif name.isidentifier() and not iskeyword(name):
            seen.append((name, name == word))
            if binds:
                yield name, True
