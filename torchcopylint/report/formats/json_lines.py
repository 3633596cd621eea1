"""One JSON object per line and finding, as `json` has it in its array."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from torchcopylint.domain.finding import Finding
from torchcopylint.report.formats.json import record


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes."""
    for finding in findings:
        out.write(json.dumps(record(finding)) + "\n")
