"""Findings and the text they are in → the findings that no comment takes back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from torchcopylint.finding import Finding
from torchcopylint.source import Source

_WORDS = re.compile(r"noqa|torchcopylint:", re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa\b(?::\s?(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*torchcopylint:\s*ignore\[(?P<names>[^\]]*)\]", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")


class _Suppression(NamedTuple):
    """A comment that takes findings back: on which statement (its first and last line), of which rules."""

    first: int
    last: int
    names: tuple[str, ...]
    """Codes, prefixes of codes and slugs, in upper case; empty: all."""

    def covers(self, finding: Finding) -> bool:
        if not self.first <= finding.span.line <= self.last:
            return False
        if not self.names:
            return True
        return any(finding.code.startswith(name) or finding.slug.upper() == name for name in self.names)


def suppress(findings: Iterable[Finding], source: Source) -> tuple[Finding, ...]:
    """The findings without those that a `# noqa` or `# torchcopylint: ignore[...]` in their statement takes back."""
    found = tuple(findings)
    if not found or not _WORDS.search(source.text):
        return found
    suppressions = list(_suppressions(source.text))
    return tuple(finding for finding in found if not any(comment.covers(finding) for comment in suppressions))


def _suppressions(text: str) -> Iterator[_Suppression]:
    """Every suppressing comment of a text, with the first and last line of the statement it stands in."""
    import io
    import tokenize

    first, pending = 0, list[tuple[str, ...]]()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            line = token.start[0]
            if token.type == tokenize.COMMENT:
                pending += _names(token.string)
            elif token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER):
                if token.type == tokenize.NL and first:
                    continue  # inside brackets: the statement goes on
                yield from (_Suppression(first or line, line, names) for names in pending)
                first, pending = 0, []
            elif token.type not in (tokenize.INDENT, tokenize.DEDENT):
                first = first or line
    except (tokenize.TokenError, SyntaxError):
        yield from (_Suppression(first, first, names) for names in pending)


def _names(comment: str) -> Iterator[tuple[str, ...]]:
    """For each suppression in a comment, the names it gives."""
    if match := _NOQA.search(comment):
        yield tuple(_SEPARATOR.split(match["codes"].upper())) if match["codes"] else ()
    for match in _IGNORE.finditer(comment):
        if names := tuple(filter(None, _SEPARATOR.split(match["names"].upper()))):
            yield names
