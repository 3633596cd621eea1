"""Findings → the text with comments that suppress them: one for each statement, with a reason if one is given."""

from __future__ import annotations

import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torchcopylint.domain.finding import Edit, Finding, Span
from torchcopylint.files.notebook import lines_of
from torchcopylint.files.source import Source
from torchcopylint.parse.newer import tokens
from torchcopylint.place.comment import Comment, comments


@dataclass(frozen=True, slots=True)
class Annotated:
    """The edits that write the comments, the findings they suppress, and those that no comment can suppress."""

    edits: tuple[Edit, ...]
    done: tuple[Finding, ...]
    left: tuple[Finding, ...]


def annotate(source: Source, findings: Iterable[Finding], reason: str = "") -> Annotated:
    """A comment after each statement with findings. An existing comment of ours gets the new names. Findings about the
    file itself remain.
    """
    ends = dict(_statements(source.text))
    wanted: dict[int, list[Finding]] = {}
    left = []
    for finding in findings:
        line = _line(finding, source)
        last = next((last for last, first in ends.items() if first <= line <= last), None)
        if last is None or finding.code.startswith("TCL9"):
            left.append(finding)
        else:
            wanted.setdefault(last, []).append(finding)
    lines = source.lines()
    known = [comment for comment in comments(source.text) if comment.ours and comment.first and comment.places]
    edits = []
    for last, group in wanted.items():
        slugs = sorted({finding.slug for finding in group})
        there = next((comment for comment in known if comment.first <= last <= comment.last), None)
        edits.append(_extended(there, slugs) if there else _behind(last, lines[last - 1], slugs, reason))
    return Annotated(tuple(edits), tuple(finding for group in wanted.values() for finding in group), tuple(left))


def _line(finding: Finding, source: Source) -> int:
    """The line of the program that a finding is on, also if its position is that in a notebook file."""
    if source.notebook is None or finding.in_cell is None:
        return finding.span.line
    return lines_of(source.notebook, finding.in_cell.cell)[0] + finding.in_cell.span.line - 1


def _behind(number: int, line: str, slugs: list[str], reason: str) -> Edit:
    why = f" {reason}" if reason else ""
    end = Span(number, len(line.rstrip()) + 1, number, len(line) + 1)
    return Edit(end, f"  # torchcopylint: ignore[{', '.join(slugs)}]{why}")


def _extended(there: Comment, slugs: list[str]) -> Edit:
    line, column = there.span.line, there.places[-1].end_column
    new = "".join(f", {slug}" for slug in slugs if slug.upper() not in there.names)
    return Edit(Span(line, column, line, column), new)


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """The last and the first line of each statement (for a compound statement, of its head)."""
    first = last = 0
    try:
        for token in tokens(text):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):  # the last statement may have no line end
                if first:
                    yield last, first
                first = 0
            elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
                first, last = first or token.start[0], token.end[0]
    except (tokenize.TokenError, SyntaxError):
        return
