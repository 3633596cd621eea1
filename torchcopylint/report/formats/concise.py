"""One line per finding, in the form of flake8: `path:line:column: CODE message`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from torchcopylint.cards import find
from torchcopylint.domain.finding import Finding
from torchcopylint.report.harmless import harmless_finding
from torchcopylint.report.terminal import style_for


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes."""
    style = style_for(out)
    for finding in map(harmless_finding, findings):
        place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
        rule = find(finding.code) if style.on else None
        code = style.link(style.red(finding.code), rule.path) if rule else finding.code
        verdict = f" [{finding.verdict}]" if finding.verdict else ""
        out.write(f"{style.bold(place)}: {code} {finding.message}{verdict}\n")
