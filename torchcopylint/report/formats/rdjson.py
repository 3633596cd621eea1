"""The diagnostic format of reviewdog, with fixes as suggestions; its columns count bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from torchcopylint.domain.finding import Finding, Severity, Span
from torchcopylint.files.repository import relative
from torchcopylint.report.harmless import harmless_json

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFORMATION: "INFO"}


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes one document to `out`."""
    diagnostics = [_diagnostic(finding) for finding in findings]
    document = {"source": {"name": "torchcopylint"}, "diagnostics": diagnostics}
    out.write(harmless_json(json.dumps(document, indent=2)) + "\n")


def _diagnostic(finding: Finding) -> dict[str, Any]:
    path = relative(finding.path)
    found: dict[str, Any] = {
        "message": finding.message,
        "location": {"path": path, "range": _range(finding, finding.span)},
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    if finding.notes:
        found["related_locations"] = [
            {
                "message": note.phrase,
                "location": {"path": relative(note.path or finding.path), "range": _range(finding, note.span)},
            }
            for note in finding.notes
        ]
    if finding.fix and not finding.imports:  # an import would be missing
        found["suggestions"] = [{"range": _range(finding, edit.span), "text": edit.text} for edit in finding.edits]
    return found


def _range(finding: Finding, span: Span) -> dict[str, Any]:
    return {
        "start": {"line": span.line, "column": _byte(finding, span.line, span.column)},
        "end": {"line": span.end_line, "column": _byte(finding, span.end_line, span.end_column)},
    }


def _byte(finding: Finding, line: int, column: int) -> int:
    text = finding.source_lines.get(line, "")
    return column + len(text[: column - 1].encode("utf-8", "surrogatepass")) - len(text[: column - 1])
