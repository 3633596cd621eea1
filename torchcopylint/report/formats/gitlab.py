"""The code quality report of GitLab."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import TextIO

from torchcopylint.domain.finding import Finding, Severity
from torchcopylint.files.repository import relative
from torchcopylint.report.harmless import harmless_json

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFORMATION: "info"}


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes one array to `out`; its path and fingerprint identify each finding."""
    out.write(harmless_json(json.dumps([_issue(finding) for finding in findings], indent=2)) + "\n")


def _issue(finding: Finding) -> dict[str, object]:
    path = relative(finding.path)
    return {
        "description": f"{finding.slug}: {finding.message}",
        "check_name": finding.code,
        "fingerprint": sha256(f"{path}\0{finding.fingerprint}".encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": path, "lines": {"begin": finding.span.line, "end": finding.span.end_line}},
    }
