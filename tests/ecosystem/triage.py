"""Findings against the verdicts that people gave them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

VERDICTS = ("true", "false", "debatable")
_FINDING = re.compile(r"(?P<path>.+?):(?P<line>\d+):\d+: (?P<rule>TCL\d{3}) (?P<message>.*)")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A finding's identity: package, path inside it, line, rule."""

    package: str
    path: str
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of triage.jsonl: a place at a version, the verdict on it, why, and whether it is still reported."""

    package: str
    version: str
    path: str
    line: int
    rule: str
    verdict: str
    reason: str
    found: bool

    @property
    def place(self) -> Place:
        """Where the verdict applies, whatever the version."""
        return Place(self.package, self.path, self.line, self.rule)


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of repositories.jsonl: a finding in a repository at a commit, whether it is shown by default."""

    repository: str
    commit: str
    path: str
    line: int
    rule: str
    shown: bool
    verdict: str
    reason: str


Row = TypeVar("Row", Verdict, Seen)


def read_findings(package: str, output: str) -> dict[Place, str]:
    """The program's concise output about one package, as places with their messages."""
    matches = (match for row in output.splitlines() if (match := _FINDING.match(row)))
    return {Place(package, Path(m["path"]).as_posix(), int(m["line"]), m["rule"]): m["message"] for m in matches}


def read_verdicts(path: Path) -> list[Verdict]:
    """All lines of a triage.jsonl; none where there is no such file."""
    verdicts = _rows(path, Verdict)
    counted = Counter(verdict.place for verdict in verdicts)
    for place, times in counted.items():
        if times > 1:
            raise ValueError(f"{path}: {times} verdicts on {place.package} {place.path}:{place.line} {place.rule}")
    return verdicts


def read_seen(path: Path) -> list[Seen]:
    """All lines of a repositories.jsonl; none where there is no such file."""
    return _rows(path, Seen)


def figures_of(seen: Iterable[Seen]) -> dict[str, dict[bool, Counter[str]]]:
    """Per rule, how the findings in repositories were judged: those that are shown, and those only shown on request."""
    counts: dict[str, dict[bool, Counter[str]]] = {}
    for one in seen:
        counts.setdefault(one.rule, {True: Counter(), False: Counter()})[one.shown].update(["findings", one.verdict])
    return dict(sorted(counts.items()))


def blank_rows(findings: dict[Place, str], versions: dict[str, str]) -> str:
    """Findings as lines for triage.jsonl, the verdict to be filled in and the message in the reason's place."""
    rows = (
        Verdict(place.package, versions[place.package], place.path, place.line, place.rule, "", message, True)
        for place, message in sorted(findings.items())
    )
    return "".join(json.dumps(asdict(row)) + "\n" for row in rows)


def recorded(verdicts: Iterable[Verdict], found: Iterable[Place], versions: dict[str, str]) -> str:
    """The lines of triage.jsonl anew, with what a run over the packages at these versions found."""
    found = set(found)
    ran = versions.items()
    rows = (replace(v, found=v.place in found) if (v.package, v.version) in ran else v for v in verdicts)
    return "".join(json.dumps(asdict(row)) + "\n" for row in rows)


def figures(verdicts: Iterable[Verdict]) -> dict[str, Counter[str]]:
    """Per rule, how the findings that the program still gives were judged."""
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        if verdict.found:
            counts.setdefault(verdict.rule, Counter()).update(["findings", verdict.verdict])
    return dict(sorted(counts.items()))


def table(found: Iterable[Place], verdicts: Iterable[Verdict]) -> str:
    """Per rule: findings, how they were judged, how many were not, and true ones that are no longer found."""
    judged = {verdict.place: verdict.verdict for verdict in verdicts}
    found = set(found)
    counts: dict[str, Counter[str]] = {}
    for place in found:
        counts.setdefault(place.rule, Counter()).update(["findings", judged.get(place, "untriaged")])
    for place, verdict in judged.items():
        if verdict == "true" and place not in found:
            counts.setdefault(place.rule, Counter()).update(["lost"])
    columns = ("findings", *VERDICTS, "untriaged", "lost")
    total = sum(counts.values(), Counter[str]())
    rows = [*sorted(counts.items()), ("total", total)]
    lines = ["rule    " + "".join(f"{column:>11}" for column in columns)]
    lines += [f"{rule:8}" + "".join(f"{count[column]:>11}" for column in columns) for rule, count in rows]
    return "\n".join(lines)


def _rows(path: Path, kind: type[Row]) -> list[Row]:
    rows = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [_row(row, f"{path}:{number}", kind) for number, row in enumerate(rows, start=1) if row.strip()]


def _row(row: str, where: str, made: type[Row]) -> Row:
    try:
        given = json.loads(row)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where}: not JSON: {error}") from error
    if not isinstance(given, dict):
        raise ValueError(f"{where}: not a JSON object")
    for key, kind in made.__annotations__.items():
        if key not in given:
            raise ValueError(f"{where}: {key} is missing")
        if type(given[key]).__name__ != kind:
            raise ValueError(f"{where}: {key}: must be {kind}, not {given[key]!r}")
    if unknown := sorted(given.keys() - made.__annotations__.keys()):
        raise ValueError(f"{where}: unknown key {unknown[0]}")
    if given["verdict"] not in VERDICTS:
        raise ValueError(f"{where}: verdict: must be one of {', '.join(VERDICTS)}, not {given['verdict']!r}")
    return made(**given)
