"""Two versions of a file → their diff, as a patch that is safe to show on a terminal."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torchcopylint.report.harmless import harmless

if TYPE_CHECKING:
    from torchcopylint.files.source import Source

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FORM_FEED = "\f"
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 /._-")


@dataclass(frozen=True, slots=True)
class Difference:
    """A unified diff as text, and whether it is a valid patch, that is, without escaped characters."""

    text: str
    is_patch: bool


def difference(before: Source, after: Source) -> Difference:
    """How two versions of a file differ."""
    from difflib import unified_diff

    old, new = (_LINE.findall(source.stored) for source in (before, after))
    head, names, lines = "", (_name(before.path), _name(after.path)), list[str]()
    for number, row in enumerate(unified_diff(old, new, *names)):
        if number < 2:
            head += row
        else:
            lines.append(row)
    shown = [_shown(line) for line in lines]
    is_patch = all(text == line.rstrip("\r\n") for text, line in zip(shown, lines, strict=True))
    return Difference(head + "".join(map(str.__add__, shown, map(_end, lines))), is_patch)


def _shown(line: str) -> str:
    """A line of a diff without its line end, made harmless except for form feeds, which are common in old files."""
    text = line[:-1].removesuffix("\r") if line.endswith("\n") else line
    return text[:1] + _FORM_FEED.join(map(harmless, text[1:].split(_FORM_FEED)))


def _end(line: str) -> str:
    if line.endswith("\n"):
        return "\r\n" if line.endswith("\r\n") else "\n"
    return "\n" if line.endswith("\r") else "\n\\ No newline at end of file\n"


def _name(path: str) -> str:
    """A file name in a diff; an unusual one is quoted, with bytes in octal, as git and patch expect."""
    if '"' not in path and "\t" not in path and harmless(path) == path:
        return path
    quoted = (chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in os.fsencode(path))
    return f'"{"".join(quoted)}"'
