"""String literals of Python's own tree, which joins those that stand side by side, taken apart again."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator

_PREFIX = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_ONE = re.compile(
    r"[A-Za-z]*(?:"
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'[^'\\]*(?:\\.[^'\\]*)*'"
    r'|"[^"\\]*(?:\\.[^"\\]*)*")',
    re.DOTALL,
)
_BETWEEN = re.compile(r"(?:[ \t\f\r\n]+|#[^\r\n]*|\\(?:\r\n|\r|\n))*")
_LONGEST_ESCAPED = 1000
NESTS = sys.version_info >= (3, 12)
"""Whether f-strings may hold their own quotation marks, and their expressions know where they stand."""


def raw_of(code: str) -> str:
    """What stands between the quotation marks of one literal."""
    match = _PREFIX.match(code)
    if match is None:
        raise ValueError(f"no literal: {code[:40]!r}")
    return code[match.end() : len(code) - len(match[2])]


def value_of(code: str, raw: str) -> object:
    """What one literal means, where escapes matter and it is not too long; else what stands in it."""
    if "\\" in raw and len(raw) < _LONGEST_ESCAPED:
        try:
            return ast.literal_eval(code)
        except (SyntaxError, ValueError):
            return raw
    return raw


def is_formatted(code: str) -> bool:
    """Whether one literal is an f-string."""
    match = _PREFIX.match(code)
    return match is not None and "f" in match[1].lower()


def literals(code: str) -> list[tuple[int, int]]:
    """Where in a stretch of side-by-side literals each one stands."""
    match = _PREFIX.match(code)
    if match is not None and code.endswith(match[2]) and match[2][0] not in code[match.end() : -len(match[2])]:
        return [(0, len(code))]
    return list(_by_token(code) if NESTS and is_formatted_anywhere(code) else _by_pattern(code))


def is_formatted_anywhere(code: str) -> bool:
    """Whether a cheap look leaves it open that an f-string is among the literals."""
    return re.search(r"[fF][rR]?['\"]", code) is not None


def _by_pattern(code: str) -> Iterator[tuple[int, int]]:
    place = 0
    while place < len(code):
        match = _ONE.match(code, place)
        if match is None:
            raise ValueError(f"no literal: {code[place : place + 40]!r}")
        yield match.span()
        between = _BETWEEN.match(code, match.end())
        place = between.end() if between else match.end()


def _by_token(code: str) -> Iterator[tuple[int, int]]:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", code))]
    depth, begun, opens, closes = 0, 0, tokenize.FSTRING_START, tokenize.FSTRING_END  # type: ignore[attr-defined]
    for token in tokenize.generate_tokens(io.StringIO(f"({code}\n)", newline="").readline):
        start, end = (starts[row - 1] + column - (row == 1) for row, column in (token.start, token.end))
        if token.type == opens:
            begun = begun if depth else start
            depth += 1
        elif token.type == closes:
            depth -= 1
            if not depth:
                yield begun, end
        elif token.type == tokenize.STRING and not depth:
            yield start, end


def count_fields(code: str) -> int:
    """How many expressions one f-string holds, not counting those in format specifications; before Python 3.12."""
    raw, count, depth, place = raw_of(code), 0, 0, 0
    while place < len(raw):
        if raw[place] == "{" and not depth and raw[place + 1 : place + 2] == "{":
            place += 1
        elif raw[place] in "{[(":
            count += raw[place] == "{" and not depth
            depth += raw[place] == "{" or depth > 0
        elif raw[place] in "}])" and depth:
            depth -= 1
        elif depth and raw[place] in "'\"":
            match = _ONE.match(raw, place)
            place = match.end() - 1 if match else place
        place += 1
    return count
