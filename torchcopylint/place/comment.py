"""Text → its suppression comments, with the lines they apply to and the names they give."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint.domain.finding import Edit, Finding, Span
from torchcopylint.parse.newer import tokens

_NAMES = r"[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*"
_NOQA = re.compile(rf"#\s*noqa\b(?::\s?(?P<names>{_NAMES}))?", re.IGNORECASE)
_WHOLE_FILE = re.compile(rf"#\s*flake8[:=]\s*noqa\b(?::\s?(?P<names>{_NAMES}))?", re.IGNORECASE)
_OURS = re.compile(r"#\s*torchcopylint:\s*ignore(?P<file>-file)?\b(?:\[(?P<names>[^\]]*)\])?", re.IGNORECASE)
_NAME = re.compile(r"[^,\s]+")
_PRAGMA = re.compile(r"\s*(noqa|flake8|torchcopylint|type|pylint|pyright|mypy|ruff|fmt|isort|pragma|nosec)\b\W?")
_OWN_WORDS = re.compile(r"(noqa|flake8).*TCL|torchcopylint:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comment:
    """A suppression comment: from which line to which (0: the whole file), for which rules.

    names: codes, code prefixes and slugs, in upper case; ours: whether the comment is only for this program;
    all: whether it gives no names and means everything; reasoned: whether it says why; span: its position.
    """

    first: int
    last: int
    names: tuple[str, ...]
    ours: bool
    all: bool
    reasoned: bool
    span: Span
    places: tuple[Span, ...] = ()

    def covers(self, finding: Finding) -> tuple[str, ...] | None:
        """The names with which it suppresses the finding (none for "all"), or None if it does not."""
        if self.first and not self.first <= finding.span.line <= self.last:
            return None
        if self.all:
            return ()
        return tuple(n for n in self.names if finding.code.startswith(n) or finding.slug.upper() == n) or None

    def own_names(self) -> tuple[str, ...]:
        """The names that can only mean rules of this program."""
        return self.names if self.ours else tuple(name for name in self.names if name.startswith("TCL"))

    def without(self, unused: tuple[str, ...], line: str) -> tuple[Edit, ...]:
        """The edit that removes these names, and the whole comment if none is left."""
        kept = [place for name, place in zip(self.names, self.places, strict=True) if name not in unused]
        row = self.span.line
        if kept:
            names = ", ".join(line[place.column - 1 : place.end_column - 1] for place in kept)
            inside = Span(row, self.places[0].column, row, self.places[-1].end_column)
            return (Edit(inside, names),)
        before, after = line[: self.span.column - 1], line[self.span.end_column - 1 :]
        if not before.strip() and not after.strip():
            return (Edit(Span(row, 1, row + 1, 1), ""),)
        start = self.span.column if after.strip() else len(before.rstrip()) + 1
        return (Edit(Span(row, start, row, self.span.end_column), ""),)


def speaks(text: str) -> bool:
    """Whether the text may contain a suppression comment, by a cheap test."""
    plain = text.lower()
    return "noqa" in plain or "torchcopylint:" in plain


def speaks_to_us(text: str) -> bool:
    """Whether such a comment may be for this program, by a cheap test."""
    return speaks(text) and _OWN_WORDS.search(text) is not None


def comments(text: str) -> Iterator[Comment]:
    """Every suppression comment of a text, in order; one inside a statement applies to the whole statement."""
    for first, last, token in statements(text):
        yield from _read(token, first, last)


def statements(text: str) -> Iterator[tuple[int, int, tokenize.TokenInfo]]:
    """Every comment token, with the first and last line of its statement (or its own line)."""
    first, pending = 0, list[tokenize.TokenInfo]()
    try:
        for token in tokens(text):
            line = token.start[0]
            if token.type == tokenize.COMMENT:
                pending.append(token)
            elif token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER):
                if token.type == tokenize.NL and first:
                    continue  # inside brackets: the statement goes on
                yield from ((first or line, line, comment) for comment in pending)
                first, pending = 0, []
            elif token.type not in (tokenize.INDENT, tokenize.DEDENT):
                first = first or line
    except (tokenize.TokenError, SyntaxError):
        yield from ((first, first, comment) for comment in pending)


def _read(token: tokenize.TokenInfo, first: int, last: int) -> Iterator[Comment]:
    """For each suppression in a comment: what it says."""
    text = token.string
    for pattern in (_NOQA, _WHOLE_FILE, _OURS):
        for match in pattern.finditer(text):
            ours = pattern is _OURS
            whole = pattern is _WHOLE_FILE or (ours and match["file"])
            if pattern is _WHOLE_FILE and token.line[: token.start[1]].strip():
                continue  # flake8 wants a line of its own
            places = tuple(_places(match, token))
            end = text.find("#", match.end())
            end = end if end >= 0 else len(text)
            yield Comment(
                first=0 if whole else first,
                last=0 if whole else last,
                names=tuple(place[0].upper() for place in places),
                ours=ours,
                all=match["names"] is None and (not ours or bool(whole)),
                reasoned=_reasoned(text[match.end() :]),
                span=_span(token, match.start(), end if text[end:] else len(text.rstrip())),
                places=tuple(place[1] for place in places),
            )


def _places(match: re.Match[str], token: tokenize.TokenInfo) -> Iterator[tuple[str, Span]]:
    start = match.start("names")
    for name in _NAME.finditer(match["names"] or ""):
        yield name[0], _span(token, start + name.start(), start + name.end())


def _span(token: tokenize.TokenInfo, start: int, end: int) -> Span:
    line, column = token.start
    return Span(line, column + start + 1, line, column + end + 1)


def _reasoned(rest: str) -> bool:
    """Whether words for a person follow a suppression, in any of the comments after it."""
    parts = rest.split("#")
    words = [parts[0], *(part for part in parts[1:] if not _PRAGMA.match(part))]
    return any(re.search(r"\w", part) for part in words)
