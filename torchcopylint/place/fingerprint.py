"""The position of a finding by content, not by line: the function and the statement, and a fingerprint of them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from torchcopylint.domain.finding import Finding, Span
from torchcopylint.files.source import Source
from torchcopylint.parse.newer import readable
from torchcopylint.parse.python import Complaint, TooDeep

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LINE_END = re.compile(r"\r\n|\r|\n")


def fingerprint(findings: Iterable[Finding], source: Source) -> tuple[Finding, ...]:
    """The findings of a file, in order, each with the function it is in and its fingerprint.

    The fingerprint is computed from the code, the function, the statement without comments and layout, and its number
    among equal ones: it stays the same when the code moves, and changes with the statement.
    """
    try:
        known = readable(source.text)
    except TooDeep:
        known = Complaint("", 1, 1)
    lines = source.lines()
    older = lines if isinstance(known, Complaint) else _LINE_END.split(known.text)
    seen: Counter[tuple[str, str, str]] = Counter()
    named = []
    for finding in findings:
        line, column = finding.span.line, finding.span.column
        statement = finding.source_lines.get(line, "")  # of a skipped cell the program has no line
        function, plain = "", statement
        if not isinstance(known, Complaint):
            offset = len(lines[line - 1][: column - 1].encode())
            function, node = _innermost(known.tree, (line, offset))
            if node is not None:
                stretch = _stretch(node, lines)
                statement, plain = _text(stretch, lines), _text(stretch, older)
        key = (finding.code, function, _normal(statement, plain))
        digest = sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass")).hexdigest()
        seen[key] += 1
        named.append(replace(finding, function=function, fingerprint=digest[:32]))
    return tuple(named)


def _innermost(tree: ast.Module, place: tuple[int, int]) -> tuple[str, ast.stmt | None]:
    """The qualified name of the function or class around a position, and the innermost statement there."""
    names: list[str] = []
    found: ast.stmt | None = None
    inside: ast.AST | None = tree
    while inside is not None:
        if isinstance(inside, _DEFINITIONS) and inside.body[0].lineno <= place[0]:
            names.append(inside.name)
        statements = [child for child in _children(inside) if _begin(child) <= place]
        inside = next((child for child in reversed(statements) if place < _end(child)), None)
        found = inside if isinstance(inside, ast.stmt) else found
    return ".".join(names), found


def _children(node: ast.AST) -> list[ast.AST]:
    """The statements directly below a node, with the handlers and cases that contain some."""
    below: list[ast.AST] = []
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        value = getattr(node, name, ())
        below += value if isinstance(value, list) else ()
    return below


def _begin(node: ast.AST) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", ())
    first: Any = decorators[0] if decorators else getattr(node, "pattern", node)
    return first.lineno, 0 if decorators else first.col_offset


def _end(node: ast.AST) -> tuple[int, int]:
    last = node.body[-1] if isinstance(node, ast.match_case) else node
    return getattr(last, "end_lineno", 0), getattr(last, "end_col_offset", 0)


def _stretch(node: ast.stmt, lines: list[str]) -> Span:
    """The span of a statement; for a compound statement, of its head."""
    end_line, end_column = _end(node)
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if isinstance(body, list):
        end_line, end_column = _begin(body[0])
    start_line, start_column = _begin(node)
    start, end = _characters(lines[start_line - 1], start_column), _characters(lines[end_line - 1], end_column)
    return Span(start_line, start + 1, end_line, end + 1)


def _characters(line: str, size: int) -> int:
    """How many characters of a line correspond to so many bytes."""
    before = line.encode("utf-8", "surrogatepass")[:size]
    return len(before.decode("utf-8", "surrogatepass"))


def _text(stretch: Span, lines: list[str]) -> str:
    rows = lines[stretch.line - 1 : stretch.end_line]
    rows[-1] = rows[-1][: stretch.end_column - 1]
    rows[0] = rows[0][stretch.column - 1 :]
    return "\n".join(rows)


def _normal(statement: str, older: str) -> str:
    """A statement without comments, whitespace and trailing commas, and with one kind of quotes.

    older: the same in words that the Python at hand knows, by which comments are told from strings.
    """
    lines = statement.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(older).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        pass  # a head without its body: its comments were handled before
    text = re.sub(r"[\s\\]+", "", "".join(lines)).replace("'", '"')
    return re.sub(r",(?=[)\]}])", "", text)
