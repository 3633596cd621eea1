"""Where a finding stands by content, not by line: the function and the statement, and a fingerprint of them."""

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

from torchcopylint.domain.finding import Finding
from torchcopylint.files.source import Source
from torchcopylint.parse.newer import readable_tree
from torchcopylint.parse.python import Complaint, TooDeep

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def fingerprint(findings: Iterable[Finding], source: Source) -> tuple[Finding, ...]:
    """The findings of a file, in order, each with the function it is in and its fingerprint.

    The fingerprint is made of the code, the function, the statement without comments and layout, and which one of
    its kind it is: it stays the same when the code moves, and changes when the statement does.
    """
    try:
        tree = readable_tree(source.text)
    except TooDeep:
        tree = Complaint("", 1, 1)
    lines = source.lines()
    seen: Counter[tuple[str, str, str]] = Counter()
    named = []
    for finding in findings:
        line, column = finding.span.line, finding.span.column
        function, statement = "", finding.source_lines.get(line, "")  # of a skipped cell the program has no line
        if not isinstance(tree, Complaint):
            offset = len(lines[line - 1][: column - 1].encode())
            function, node = _innermost(tree, (line, offset))
            statement = _text(node, lines) if node is not None else statement
        key = (finding.code, function, _normal(statement))
        digest = sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass")).hexdigest()
        seen[key] += 1
        named.append(replace(finding, function=function, fingerprint=digest[:32]))
    return tuple(named)


def _innermost(tree: ast.Module, place: tuple[int, int]) -> tuple[str, ast.stmt | None]:
    """The qualified name of the function or class around a place, and the innermost statement there."""
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
    """The statements right below a node, with the handlers and cases that hold some."""
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


def _text(node: ast.stmt, lines: list[str]) -> str:
    """A statement as written; of one that holds others, its head."""
    end_line, end_column = _end(node)
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if isinstance(body, list):
        end_line, end_column = _begin(body[0])
    start_line, start_column = _begin(node)
    rows = [row.encode("utf-8", "surrogatepass") for row in lines[start_line - 1 : end_line]]
    rows[-1] = rows[-1][:end_column]
    rows[0] = rows[0][start_column:]
    return b"\n".join(rows).decode("utf-8", "replace")


def _normal(statement: str) -> str:
    """A statement without comments, blanks, commas before a closing bracket, and with one kind of quotes."""
    lines = statement.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(statement).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        pass  # a head without its body: its comments were seen before that
    text = re.sub(r"[\s\\]+", "", "".join(lines)).replace("'", '"')
    return re.sub(r",(?=[)\]}])", "", text)
