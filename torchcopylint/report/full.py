"""For a person: each finding with its source line, what is meant in it underlined, and the path that led there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from textwrap import wrap
from typing import Any, TextIO
from unicodedata import combining, east_asian_width

from torchcopylint.finding import Finding, Note, Span

_WIDEST = 120
_MESSAGE_WIDTH = 100
_WHOLE_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}
_BOLD, _RED, _CYAN, _PLAIN = "\033[1m", "\033[31m", "\033[36m", "\033[0m"


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes, with colour where `out` is a terminal that wants it."""
    colour = out.isatty() and not os.environ.get("NO_COLOR")
    for finding in findings:
        text = "\n".join(_finding(finding)) + "\n\n"
        for mark in (_BOLD, _RED, _CYAN, _PLAIN) if not colour else ():
            text = text.replace(mark, "")
        out.write(text)


def _finding(finding: Finding) -> Iterable[str]:
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
    yield f"{_BOLD}{place}: {_RED}{finding.code}{_PLAIN}{_BOLD} {finding.slug}{_PLAIN}"
    yield from wrap(finding.message, _MESSAGE_WIDTH, initial_indent="  ", subsequent_indent="  ", **_WHOLE_WORDS)
    if finding.verdict:
        words = str(finding.verdict)
        yield from wrap(words, _MESSAGE_WIDTH, initial_indent="  ", subsequent_indent="    ", **_WHOLE_WORDS)
    gutter = max((len(str(number)) for number in finding.source_lines), default=1)
    notes = finding.notes
    if all(note.span != finding.span for note in notes):
        notes = (Note(finding.span, ""), *notes)
    for note in notes:
        line = finding.source_lines.get(note.span.line)
        if line is None:
            continue
        shown, marks = _underlined(line, note.span, "^" if note.span == finding.span else "-")
        yield f"  {_CYAN}{note.span.line:>{gutter}} |{_PLAIN} {shown}"
        yield f"  {_CYAN}{'':>{gutter}} |{_PLAIN} {marks} {note.phrase}".rstrip()


def _underlined(line: str, span: Span, mark: str) -> tuple[str, str]:
    """The line, cut to a width that a terminal shows, and the marks that go under the span."""
    begin = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    left = max(0, begin - _WIDEST // 3) if len(line) > _WIDEST else 0
    right = min(len(line), left + _WIDEST)
    before, inside, after = line[left:begin], line[begin : min(end, right)], line[max(begin, min(end, right)) : right]
    dots = "..." if left else ""
    shown = f"{dots}{_safe(before + inside + after)}{'...' if right < len(line) else ''}"
    blank = "".join("\t" if char == "\t" else " " * _columns(char) for char in _safe(before))
    return shown.rstrip(), " " * len(dots) + blank + mark * max(1, sum(map(_columns, _safe(inside))))


def _safe(text: str) -> str:
    """The text without characters that a terminal would obey."""
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _columns(char: str) -> int:
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
