"""Workflow commands of GitHub Actions: each finding is shown at its line of a pull request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from torchcopylint.domain.finding import Finding, Severity
from torchcopylint.files.repository import relative
from torchcopylint.report.harmless import harmless

_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "notice"}


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes; paths are those of the repository."""
    for finding in findings:
        span = finding.span
        place = {"file": relative(finding.path), "line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:  # columns on two different lines would be rejected
            place |= {"col": span.column, "endColumn": span.end_column}
        place["title"] = f"{finding.code} {finding.slug}"
        properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
        out.write(f"::{_KINDS[finding.severity]} {properties}::{_data(finding.message)}\n")


def _data(text: str) -> str:
    return harmless(_encoded(text))


def _property(text: str) -> str:
    return harmless(_encoded(text).replace(":", "%3A").replace(",", "%2C"))


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
