"""By file: its path once, and below it a line per finding with place, code and message."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TextIO

from torchcopylint.cards import find
from torchcopylint.domain.finding import Finding
from torchcopylint.report.harmless import harmless_finding
from torchcopylint.report.terminal import style_for


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each file's findings to `out` as they come; those of one file come together."""
    style = style_for(out)
    for path, group in groupby(map(harmless_finding, findings), key=lambda finding: finding.path):
        of_file = list(group)
        places = [f"{finding.span.line}:{finding.span.column}" for finding in of_file]
        width = max(map(len, places))
        out.write(f"{style.bold(path)}\n")
        for finding, place in zip(of_file, places, strict=True):
            rule = find(finding.code) if style.on else None
            code = style.link(style.red(finding.code), rule.path) if rule else finding.code
            out.write(f"  {style.cyan(f'{place:>{width}}')}  {code} {finding.message}\n")
        out.write("\n")
