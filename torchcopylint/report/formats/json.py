"""One JSON array with an object per finding."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from torchcopylint.domain.finding import Finding, Span, Verdict
from torchcopylint.report.harmless import harmless_json


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes the array to `out`, a finding as it comes."""
    between = "[\n"
    for finding in findings:
        out.write(between + harmless_json(json.dumps(record(finding), indent=2)))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


def record(finding: Finding) -> dict[str, Any]:
    """A finding as plain data, in the form that `json` and `json-lines` share."""
    fix = None
    if finding.fix:
        edits = [{**_span(edit.span), "text": edit.text} for edit in finding.edits]
        fix = {"applicability": finding.fix, "edits": edits, "imports": list(finding.imports)}
    return {
        "path": finding.path,
        **_span(finding.span),
        **({"cell": {"number": cell.cell, **_span(cell.span)}} if (cell := finding.in_cell) else {}),
        "code": finding.code,
        "name": finding.slug,
        "message": finding.message,
        "severity": finding.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "function": finding.function,
        "fingerprint": finding.fingerprint,
        "steps": [
            {"path": note.path or finding.path, **_span(note.span), "text": note.phrase} for note in finding.notes
        ],
        "fix": fix,
        "verdict": _verdict(finding.verdict),
    }


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {"outcome": str(verdict.ruling), "reason": verdict.reason}


def _span(span: Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}
