"""Findings → the text with comments that take them back: one for each statement, with a reason if one is given."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torchcopylint.comment import Comment, comments
from torchcopylint.finding import Finding
from torchcopylint.source import Source

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Annotated:
    """The text with the comments, what they take back, and the findings that no comment can take back."""

    text: str
    done: tuple[Finding, ...]
    left: tuple[Finding, ...]


def annotate(source: Source, findings: Iterable[Finding], reason: str = "") -> Annotated:
    """The text of a source with a comment behind each statement that has findings.

    A comment of ours that is there already takes in the new names. Findings about the file itself are left.
    """
    ends = dict(_statements(source.text))
    wanted: dict[int, list[Finding]] = {}
    left = []
    for finding in findings:
        last = next((last for last, first in ends.items() if first <= finding.span.line <= last), None)
        if last is None or finding.code.startswith("TCL9"):
            left.append(finding)
        else:
            wanted.setdefault(last, []).append(finding)
    lines = _LINE.findall(source.text)
    known = [comment for comment in comments(source.text) if comment.ours and comment.first and comment.places]
    for last, group in wanted.items():
        slugs = sorted({finding.slug for finding in group})
        there = next((comment for comment in known if comment.first <= last <= comment.last), None)
        row = there.span.line if there else last
        lines[row - 1] = _extended(lines[row - 1], there, slugs) if there else _behind(lines[row - 1], slugs, reason)
    done = tuple(finding for group in wanted.values() for finding in group)
    return Annotated("".join(lines), done, tuple(left))


def _behind(line: str, slugs: list[str], reason: str) -> str:
    text = line.rstrip("\r\n")
    why = f" {reason}" if reason else ""
    return f"{text.rstrip()}  # torchcopylint: ignore[{', '.join(slugs)}]{why}{line[len(text) :]}"


def _extended(line: str, there: Comment, slugs: list[str]) -> str:
    end = there.places[-1].end_column - 1
    new = [slug for slug in slugs if slug.upper() not in there.names]
    return "".join((line[:end], *(f", {slug}" for slug in new), line[end:]))


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """The last and the first line of each statement (of one that holds others, of its head)."""
    first = last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):  # the last statement may have no end of its own
                if first:
                    yield last, first
                first = 0
            elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
                first, last = first or token.start[0], token.end[0]
    except (tokenize.TokenError, SyntaxError):
        return
