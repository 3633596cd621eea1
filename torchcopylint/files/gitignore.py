"""The pattern language of .gitignore files, which the exclude options share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": "!-.:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class _Pattern(NamedTuple):
    regex: re.Pattern[str]
    on_name: bool
    only_directories: bool
    ignores: bool


class Patterns:
    """An ordered list of patterns, as of one .gitignore file; the last that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._patterns = [pattern for pattern in map(_compile, lines) if pattern]
        self._patterns.reverse()

    def verdict(self, path: str, is_directory: bool) -> bool | None:
        """Whether `path` (with slashes, relative to the patterns' directory) is ignored; None: nothing matches it."""
        name = path.rpartition("/")[2]
        for regex, on_name, only_directories, ignores in self._patterns:
            if (is_directory or not only_directories) and regex.fullmatch(name if on_name else path):
                return ignores
        return None

    def matches_within(self, path: str) -> bool:
        """Whether the file `path` or one of the directories on the way to it is ignored."""
        cut = path.find("/")
        while cut >= 0:
            if self.verdict(path[:cut], is_directory=True):
                return True
            cut = path.find("/", cut + 1)
        return bool(self.verdict(path, is_directory=False))


def _compile(line: str) -> _Pattern | None:
    line = _without_trailing_blanks(line.rstrip("\r\n"))
    if not line or line.startswith("#"):
        return None
    ignores = not line.startswith("!")
    line = line if ignores else line[1:]
    only_directories = line.endswith("/")
    line = line[:-1] if only_directories else line
    on_name = "/" not in line
    source = _translate(line if on_name else line.removeprefix("/"))
    try:
        return _Pattern(re.compile(source, re.DOTALL), on_name, only_directories, ignores) if line else None
    except re.error:
        return None


def _without_trailing_blanks(line: str) -> str:
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if backslashes % 2 and bare != line else bare


def _translate(glob: str) -> str:
    """The glob as a regular expression; `**` counts only as a whole part of the path."""
    parts, regex = glob.split("/"), ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if len(part) > 1 and len(parts) > 1 and not part.strip("*"):
            regex += ".+" if last else "(?:.+/)?"
        else:
            regex += _translate_part(part) + ("" if last else "/")
    return regex


def _translate_part(part: str) -> str:
    regex, at = "", 0
    while at < len(part):
        char, at = part[at], at + 1
        if char == "*":
            regex += "" if regex.endswith("[^/]*") else "[^/]*"
        elif char == "?":
            regex += "[^/]"
        elif char == "[":
            chars, at = _translate_class(part, at)
            regex += chars
        elif char == "\\":
            if at == len(part):
                return "(?!)"  # git: a lone backslash at the end makes the pattern invalid
            regex, at = regex + re.escape(part[at]), at + 1
        else:
            regex += re.escape(char)
    return regex


def _translate_class(part: str, at: int) -> tuple[str, int]:
    """A bracket expression whose `[` stands before `at`, and the place after it."""
    negated = part[at : at + 1] in ("!", "^")
    at += negated
    items, first = "", True
    while first or part[at : at + 1] != "]":
        if at >= len(part):
            return "(?!)", at  # git: an open bracket matches nothing
        first = False
        if match := re.compile(r"\[:(\w*):\]").match(part, at):
            if match[1] not in _CLASSES:
                return "(?!)", len(part)
            items, at = items + _CLASSES[match[1]], match.end()
            continue
        low, at = _class_char(part, at)
        if part[at : at + 1] == "-" and part[at + 1 : at + 2] not in ("", "]"):
            high, at = _class_char(part, at + 1)
            items += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
        else:
            items += re.escape(low)
    if not items:
        return ("[^/]" if negated else "(?!)"), at + 1
    return f"(?!/)[{'^' if negated else ''}{items}]", at + 1


def _class_char(part: str, at: int) -> tuple[str, int]:
    if part[at] == "\\" and at + 1 < len(part):
        return part[at + 1], at + 2
    return part[at], at + 1
