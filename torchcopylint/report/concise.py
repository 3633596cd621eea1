"""One line per finding, in the form of flake8: `path:line:column: CODE message`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from torchcopylint.finding import Finding


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes."""
    for finding in findings:
        place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
        verdict = f" [{finding.verdict}]" if finding.verdict else ""
        out.write(f"{place}: {finding.code} {finding.message}{verdict}\n")
