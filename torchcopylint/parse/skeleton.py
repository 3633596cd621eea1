"""Text → the same without comments and strings, as the parser tells them apart; what formatted strings hold stays."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STRING = (
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|'(?!'')[^'\\\n]*(?:\\.[^'\\\n]*)*'"
    r'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|"(?!"")[^"\\\n]*(?:\\.[^"\\\n]*)*"'
)
_SOMETHING = re.compile(rf"\#[^\n]*|{_STRING}|'|\"", re.DOTALL)
_IN_FIELD = re.compile(rf"{_SOMETHING.pattern}|[()\[\]{{}}:]", re.DOTALL)
_STOPS = {quote: re.compile(rf"[{{}}\\\n]|{quote}") for quote in ("'", '"', "'''", '"""')}
_PREFIXES = frozenset({"f", "t", "fr", "rf", "rt", "tr"})
_ESCAPED = frozenset("\n\\'\"abfnrtvxNuU0123456789")


@dataclass(slots=True)
class _Formatted:
    """An f-string or t-string that is being read: how it ends, and what is open in it."""

    quote: str
    raw: bool
    brackets: int = 0
    specs: int = 0

    @property
    def in_field(self) -> bool:
        """Whether an expression is being read, and not text."""
        return self.brackets > self.specs

    def pass_by(self, mark: str) -> None:
        """Takes account of a bracket or colon outside the strings in it."""
        if mark in "([{":
            self.brackets += 1
        elif mark == ":":
            self.specs += self.brackets - self.specs == 1
        else:
            self.specs -= self.specs > 0 and not self.in_field
            self.brackets -= 1


def skeleton(text: str) -> str:
    """The text with a `0` for each string; it ends early where the parser gives up too. Lines end with "\\n"."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    shown: list[str] = []
    inside: list[_Formatted] = []
    at = 0
    while True:
        if inside and not inside[-1].in_field:
            at = _after_text(text, at, inside, shown)
            if at < 0:
                break
            continue
        match = (_IN_FIELD if inside else _SOMETHING).search(text, at)
        if match is None:
            shown.append(text[at:])
            break
        start, end = match.span()
        shown.append(text[at:start])
        at, mark = end, text[start]
        if mark in "'\"":
            shown.append("0 ")
            if start and text[start - 1] in "fFtTrR" and _formatted(text, start):
                quote = mark * 3 if text.startswith(mark * 3, start) else mark
                inside.append(_Formatted(quote, "r" in text[start - 2 : start].lower()))
                at = start + len(quote)
            elif end == start + 1:
                break  # a string that does not end
        elif mark != "#":
            shown.append(mark)
            inside[-1].pass_by(mark)
    return "".join(shown)


def _formatted(text: str, start: int) -> bool:
    """Whether the letters before a quote make the string a formatted one."""
    first = start - 1
    while first and (text[first - 1].isalnum() or text[first - 1] == "_"):
        first -= 1
    return text[first:start].lower() in _PREFIXES


def _after_text(text: str, at: int, inside: list[_Formatted], shown: list[str]) -> int:
    """Where the text of a formatted string goes on after what ends a stretch of it; -1 where nothing does."""
    one = inside[-1]
    at = _stretch(text, at, one)
    if at < 0:
        return -1
    if text[at] in "{}":
        shown.append(text[at])
        one.pass_by(text[at])
        return at + 1
    inside.pop()
    return at + len(one.quote)


def _stretch(text: str, at: int, one: _Formatted) -> int:
    """Where a stretch of text in a formatted string ends: at its quotes or at a bracket; -1 where it does not."""
    in_spec, named = one.specs > 0, False
    while match := _STOPS[one.quote].search(text, at):
        at, stop = match.start(), match[0]
        if stop == one.quote:
            return at
        if stop == "\\":
            named = named or (not one.raw and not in_spec and text.startswith("N{", at + 1))
            at += _width(text, at, one.raw, in_spec)
        elif stop == "\n" and len(one.quote) == 1:
            return -1
        elif stop == "}" and named:
            named, at = False, at + 1
        elif stop in "{}":
            if in_spec or (stop == "{" and text[at + 1 : at + 2] != "{"):
                return at
            if text[at + 1 : at + 2] != stop:
                return -1
            at += 2
        else:
            at += 1
    return -1


def _width(text: str, at: int, raw: bool, in_spec: bool) -> int:
    """How many characters a backslash and what it escapes take."""
    following = text[at + 1 : at + 2]
    if raw:
        return 2 if following in ('"', "'", "\\") else 1
    if in_spec:
        return 1 if following in ("{", "}") else 2
    if text.startswith("N{", at + 1):
        return 3
    return 2 if following in _ESCAPED else 1
