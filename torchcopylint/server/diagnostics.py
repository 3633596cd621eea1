"""An analysis → what the editor shows: diagnostics for each page, and the rule's card on hover."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lsprotocol import types
from pygls.uris import from_fs_path

from torchcopylint import cards
from torchcopylint.domain.finding import Finding, Note, Severity, Verdict
from torchcopylint.files.source import Unreadable, read
from torchcopylint.report.harmless import harmless
from torchcopylint.server.analysis import Analysis
from torchcopylint.server.position import Units
from torchcopylint.server.program import Page

SOURCE = "torchcopylint"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
}
_UNNECESSARY = frozenset({"TCL900"})
"""Rules whose findings mark unnecessary text."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding, its page, and its diagnostic."""

    finding: Finding
    page: Page
    diagnostic: types.Diagnostic


def diagnostics(analysis: Analysis, units: Units, verdicts: Mapping[str, Verdict]) -> list[Shown]:
    """The findings as diagnostics, with their verdicts by fingerprint."""
    elsewhere = _Elsewhere(units)
    return [
        _shown(analysis, finding, units, verdicts.get(finding.fingerprint), elsewhere) for finding in analysis.findings
    ]


def _shown(analysis: Analysis, finding: Finding, units: Units, verdict: Verdict | None, elsewhere: _Elsewhere) -> Shown:
    page, span = analysis.program.places(finding.span)
    rule = cards.find(finding.code)
    said = f" [{verdict}]" if verdict else ""
    notes = [_related(analysis, note, units, elsewhere) for note in finding.notes]
    diagnostic = types.Diagnostic(
        range=units.range(span, page.lines),
        message=harmless(f"{finding.message}{said}"),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(rule.path.resolve().as_uri()) if rule else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code in _UNNECESSARY else None,
        related_information=[note for note in notes if note is not None] or None,
        data={"fingerprint": finding.fingerprint},
    )
    return Shown(finding, page, diagnostic)


def _related(
    analysis: Analysis, note: Note, units: Units, elsewhere: _Elsewhere
) -> types.DiagnosticRelatedInformation | None:
    if note.path:
        location = elsewhere.location(note)
        return types.DiagnosticRelatedInformation(location, harmless(note.phrase)) if location else None
    page, span = analysis.program.places(note.span)
    location = types.Location(page.uri, units.range(span, page.lines))
    return types.DiagnosticRelatedInformation(location, harmless(note.phrase))


class _Elsewhere:
    """Positions in other files on disk; each file is read once."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._lines: dict[str, list[str]] = {}

    def location(self, note: Note) -> types.Location | None:
        """The position of a step in another file, or None if that file is gone."""
        path = os.path.abspath(note.path)
        uri = from_fs_path(path)
        try:
            if path not in self._lines:
                self._lines[path] = read(path).lines()
        except Unreadable:
            return None
        return types.Location(uri, self._units.range(note.span, self._lines[path])) if uri else None


def hover(shown: list[Shown], uri: str, position: types.Position) -> types.Hover | None:
    """The cards of the rules whose findings are at a position."""
    here = [one for one in shown if one.page.uri == uri and holds(one.diagnostic.range, position)]
    if not here:
        return None
    texts = {one.finding.code: text for one in here if (text := "\n".join(_card(one)))}
    markdown = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(texts.values()))
    return types.Hover(markdown, here[0].diagnostic.range)


def _card(one: Shown) -> Iterator[str]:
    yield f"### {one.finding.code} {one.finding.slug}\n\n{one.diagnostic.message}\n"
    rule = cards.find(one.finding.code)
    if rule is not None:
        yield cards.prose(rule)


def holds(range_: types.Range, position: types.Position) -> bool:
    """Whether a position is in a range, or at its end."""
    return range_.start <= position <= range_.end
