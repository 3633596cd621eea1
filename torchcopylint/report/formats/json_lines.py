"""One JSON object per line and finding, the same as in the array of `json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from torchcopylint.domain.finding import Finding
from torchcopylint.report.formats.json import record
from torchcopylint.report.harmless import harmless_json


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes each finding to `out` as it comes."""
    for finding in findings:
        out.write(harmless_json(json.dumps(record(finding))) + "\n")
