"""JUnit's XML: a suite per file, a failed case per finding; without findings one case that passed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from torchcopylint.domain.finding import Finding
from torchcopylint.report.harmless import harmless, harmless_xml

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes the document to `out`; the findings of one file come together."""
    groups = [(path, list(group)) for path, group in groupby(findings, key=lambda finding: finding.path)]
    total = sum(len(group) for _, group in groups)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<testsuites name="torchcopylint" tests="{max(total, 1)}" failures="{total}" errors="0">\n')
    for path, group in groups:
        out.write(f'  <testsuite name={_attribute(path)} tests="{len(group)}" failures="{len(group)}" errors="0">\n')
        for finding in group:
            out.write(_case(finding))
        out.write("  </testsuite>\n")
    if not groups:
        out.write('  <testsuite name="torchcopylint" tests="1" failures="0" errors="0">\n')
        out.write('    <testcase classname="torchcopylint" name="no findings"/>\n  </testsuite>\n')
    out.write("</testsuites>\n")


def _case(finding: Finding) -> str:
    line, column = finding.span.line, finding.span.column
    name = f"{finding.code} {finding.slug} ({line}:{column})"
    steps = [
        f"{note.path or finding.path}:{note.span.line}:{note.span.column}: {note.phrase}" for note in finding.notes
    ]
    text = "\n".join(map(harmless, [f"{finding.path}:{line}:{column}: {finding.message}", *steps]))
    place = f'file={_attribute(finding.path)} line="{line}"'
    return (
        f"    <testcase classname={_attribute(finding.path)} name={_attribute(name)} {place}>\n"
        f"      <failure type={_attribute(finding.severity.name.lower())} message={_attribute(finding.message)}>"
        f"{escape(_xml(text))}</failure>\n"
        "    </testcase>\n"
    )


def _attribute(text: str) -> str:
    return harmless_xml(quoteattr(_xml(text)))


def _xml(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
