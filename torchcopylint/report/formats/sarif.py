"""SARIF 2.1.0: rules with their help, paths as code flows, fixes as replacements, fingerprints that survive moves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, TextIO
from urllib.parse import quote

from torchcopylint import __version__, cards
from torchcopylint.domain.finding import Confidence, Finding, Severity, Span
from torchcopylint.files.repository import relative
from torchcopylint.report.harmless import harmless_json

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}
_PRECISIONS = {Confidence.HIGH: "very-high", Confidence.MEDIUM: "high", Confidence.LOW: "medium"}


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes one log with one run to `out`; places are relative to the top of the repository."""
    found = list(findings)
    used = {finding.code for finding in found}
    rules = [rule for rule in cards.rules() if rule.code in used]
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    driver = {"name": "torchcopylint", "semanticVersion": __version__, "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the repository."}}},
        "results": [_result(finding, numbers[finding.code]) for finding in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    out.write(harmless_json(json.dumps(log, indent=2)) + "\n")


def _rule(rule: cards.Rule) -> dict[str, Any]:
    card = cards.load(rule)
    markdown = cards.prose(rule)
    return {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": card.summary.replace("`", "")},
        "fullDescription": {"text": " ".join(card.sections[1].text.split())},
        "help": {"text": markdown, "markdown": markdown},
        "defaultConfiguration": {"enabled": card.on, "level": _LEVELS[card.severity]},
        "properties": {"tags": ["pytorch", card.family], "precision": _PRECISIONS[card.confidence]},
    }


def _result(finding: Finding, number: int) -> dict[str, Any]:
    path = relative(finding.path)
    unique = sha256(f"{path}\0{finding.fingerprint}".encode("utf-8", "surrogatepass")).hexdigest()
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(path, finding.span)],
        "partialFingerprints": {"torchcopylint/v1": unique},
        "properties": {"confidence": finding.confidence.name.lower()},
    }
    if finding.verdict:
        result["properties"]["verdict"] = str(finding.verdict)
    if finding.function:
        result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": finding.function}]
    if finding.notes:
        steps = [
            {"location": _location(relative(note.path or finding.path), note.span, note.phrase)}
            for note in finding.notes
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.fix and not finding.imports:  # an import would be missing
        replacements = [
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in finding.edits
        ]
        result["fixes"] = [
            {
                "description": {"text": f"{finding.slug}: the {finding.fix} fix"},
                "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
            }
        ]
    return result


def _location(path: str, span: Span, message: str = "") -> dict[str, Any]:
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path), "region": _region(span)}}
    return {**place, "message": {"text": message}} if message else place


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "SRCROOT"}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
