"""For people: each finding with its source line, the relevant part underlined, and the path that led there."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import Any, TextIO
from unicodedata import category, combining, east_asian_width

from torchcopylint.cards import find
from torchcopylint.domain.finding import Finding, Note, Span
from torchcopylint.report.harmless import harmless, harmless_finding
from torchcopylint.report.terminal import Style, style_for

_WIDEST = 120
_MESSAGE_WIDTH = 100
_WHOLE_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes, with colour and links where `out` is a terminal that wants them."""
    style = style_for(out)
    for finding in map(harmless_finding, findings):
        out.write("\n".join(_finding(finding, style)) + "\n\n")


def _finding(finding: Finding, style: Style) -> Iterable[str]:
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
    rule = find(finding.code) if style.on else None
    code = style.link(style.red(finding.code), rule.path) if rule else finding.code
    sure = f"{finding.severity.name.lower()}, {finding.confidence.name.lower()} confidence"
    yield f"{style.bold(place)}: {code} {style.bold(finding.slug)} ({sure})"
    yield from wrap(finding.message, _MESSAGE_WIDTH, initial_indent="  ", subsequent_indent="  ", **_WHOLE_WORDS)
    if finding.verdict:
        words = str(finding.verdict)
        yield from wrap(words, _MESSAGE_WIDTH, initial_indent="  ", subsequent_indent="    ", **_WHOLE_WORDS)
    notes = finding.notes
    if all(note.path or note.span != finding.span for note in notes):
        notes = (Note(finding.span, ""), *notes)
    gutter = max(len(str(note.span.line)) for note in notes)
    for note in notes:
        if note.path:
            yield f"  {style.cyan(f'{note.path}:{note.span.line}:')} {note.phrase}"
            continue
        line = finding.source_lines.get(note.span.line)
        if line is None:
            continue
        shown, marks = _underlined(line, note.span, "^" if note.span == finding.span else "-")
        yield f"  {style.cyan(f'{note.span.line:>{gutter}} |')} {shown}"
        yield f"  {style.cyan(f'{chr(32):>{gutter}} |')} {marks} {note.phrase}".rstrip()
    yield from _fix(finding, gutter, style)


def _fix(finding: Finding, gutter: int, style: Style) -> Iterable[str]:
    """The lines that the finding's fix would write."""
    if finding.fix:
        yield f"  {style.bold('fix')} ({finding.fix}):{'' if finding.preview else ' removes it'}"
    for number, row in finding.preview:
        shown, _ = _underlined(row, Span(number, 1, number, 1), "")
        margin = f"{number or '':>{gutter}} +"
        yield f"  {style.cyan(margin)} {shown}"


def _underlined(line: str, span: Span, mark: str) -> tuple[str, str]:
    """The line, cut to the width of a terminal, and the marks under the span."""
    begin = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    left = max(0, begin - _WIDEST // 3) if len(line) > _WIDEST else 0
    right = min(len(line), left + _WIDEST)
    before, inside, after = line[left:begin], line[begin : min(end, right)], line[max(begin, min(end, right)) : right]
    dots = "..." if left else ""
    shown = f"{dots}{harmless(before + inside + after)}{'...' if right < len(line) else ''}"
    blank = "".join("\t" if char == "\t" else " " * _columns(char) for char in harmless(before))
    return shown.rstrip(), " " * len(dots) + blank + mark * max(1, sum(map(_columns, harmless(inside))))


def _columns(char: str) -> int:
    if combining(char) or category(char) == "Cf":
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
