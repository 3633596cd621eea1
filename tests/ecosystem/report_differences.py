"""Differences between two revisions as text or JSON."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from compare import Difference, Found, Kind, counted
from revision import Revision

_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-"}


@dataclass(slots=True)
class Comparison:
    """All that two revisions differ in.

    findings: how many each has in the sources that were compared. differences: each with its source and the line of
    code it speaks of. complaints: what only one of them said could not be done, by source. skipped: sources that were
    not compared, and why.
    """

    base: Revision
    head: Revision
    sources: list[str] = field(default_factory=list)
    findings: tuple[int, int] = (0, 0)
    differences: list[tuple[str, str, Difference]] = field(default_factory=list)
    complaints: list[tuple[str, Kind, str]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def differs(self, wording: bool) -> bool:
        """Whether anything differs; wording: also if it is only in words."""
        return bool(self.complaints) or any(wording or not one.only_worded for _, _, one in self.differences)


def line_of(files: Path, found: Found) -> str:
    """The line of code that a finding begins on; "" where it cannot be read."""
    try:
        lines = (files / found.path).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return lines[found.line - 1].strip() if found.line <= len(lines) else ""


def as_text(compared: Comparison, wording: bool) -> str:
    """The differences by rule, what was complained of, and the counts."""
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, line, one in compared.differences:
        if wording or not one.only_worded:
            shown[one.found.rule, one.found.name] += _lines(source, line, one)
    parts = ["\n".join([f"{rule} {name}", *lines, ""]) for (rule, name), lines in sorted(shown.items())]
    complaints = [f"  {_SIGNS[kind]} {source}: {said}" for source, kind, said in compared.complaints]
    if complaints:
        parts.append("\n".join(["What could not be done", *complaints, ""]))
    return "\n".join([*parts, *_summary(compared, wording)])


def as_json(compared: Comparison, wording: bool) -> str:
    """The same as one JSON object, which also says what a finding was before."""
    differences = [
        {
            "kinds": one.kinds,
            "package": source,
            **_record(one.found),
            "source_line": line,
            "before": _record(one.before) if one.before and one.after else None,
        }
        for source, line, one in compared.differences
        if wording or not one.only_worded
    ]
    whole = {
        "base": asdict(compared.base),
        "head": asdict(compared.head),
        "sources": compared.sources,
        "skipped": compared.skipped,
        "findings": dict(zip(("base", "head"), compared.findings, strict=True)),
        "summary": counted(one for _, _, one in compared.differences),
        "differences": differences,
        "complaints": [{"package": source, "kind": kind, "said": said} for source, kind, said in compared.complaints],
    }
    return json.dumps(whole, indent=2)


def _lines(source: str, line: str, one: Difference) -> Iterable[str]:
    found, before = one.found, one.before
    where = f"{source} {found.path}:{found.line}:{found.column}"
    if before is None or one.after is None:
        yield f"  {_SIGNS[one.kinds[0]]} {where}: ({found.confidence}) {found.message}"
    else:
        yield f"  ~ {where}: other {', '.join(one.kinds)}"
        for label, told in _told(before, found):
            yield f"      {label} {told}"
    if line:
        yield f"      | {line}"


def _told(before: Found, after: Found) -> Iterable[tuple[str, str]]:
    """What a finding says that it did not say before, each beside what it said."""
    said = [(f"({one.confidence}) {one.message}", *map(_step, one.steps, one.phrases)) for one in (before, after)]
    said[0] += (f"fix: {before.fix}",) if before.fix != after.fix else ()
    said[1] += (f"fix: {after.fix}",) if before.fix != after.fix else ()
    yield from (("was", line) for line in said[0] if line not in said[1])
    yield from (("is ", line) for line in said[1] if line not in said[0])


def _step(place: tuple[str, int, int], phrase: str) -> str:
    return f"{':'.join(map(str, place))}: {phrase}"


def _record(found: Found) -> dict[str, Any]:
    steps = [
        {"path": p, "line": n, "column": c, "text": t} for (p, n, c), t in zip(found.steps, found.phrases, strict=True)
    ]
    record = asdict(found)
    record["code"] = record.pop("rule")
    record["end_line"], record["end_column"] = record.pop("end")
    del record["phrases"]
    return record | {"steps": steps}


def _summary(compared: Comparison, wording: bool) -> list[str]:
    counts = counted(one for _, _, one in compared.differences)
    before, after = compared.findings
    differing = [
        f"{number} {'only in ' if kind is Kind.WORDING else ''}{kind}" for kind, number in counts.items() if number
    ]
    hidden = " (--wording shows those in wording)" if counts[Kind.WORDING] and not wording else ""
    return [
        *(f"skipped: {reason}" for reason in compared.skipped.values()),
        f"{compared.base} has {before} findings, {compared.head} {after}, in {len(compared.sources)} sources",
        f"differences: {', '.join(differing) or 'none'}{hidden}",
    ]
