"""Markdown → its fenced blocks, each with the headings above it; Python with `# error: TCLxxx` → what it expects."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from torchcopylint import cards
from torchcopylint.config import Settings
from torchcopylint.domain.finding import Confidence, Finding
from torchcopylint.files.source import Source
from torchcopylint.fix import Fixed, fix
from torchcopylint.run import lint

_FENCE = re.compile(r"(`{3,})\s*([\w-]*)")
_MARK = re.compile(r"# error: (TCL\d{3}(?:, *TCL\d{3})*)")

Places = list[tuple[int, str]]


class Block(NamedTuple):
    """A fenced block: the headings it stands under, outermost first, its language, its text, where that begins."""

    headings: tuple[str, ...]
    language: str
    text: str
    line: int


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a Markdown file, in order."""
    found: list[Block] = []
    headings: dict[int, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    number = 0
    while number < len(lines):
        if match := _FENCE.match(lines[number]):
            end = next(i for i in range(number + 1, len(lines)) if lines[i].strip() == match[1])
            text = "".join(lines[number + 1 : end])
            found.append(Block(tuple(headings[level] for level in sorted(headings)), match[2], text, number + 2))
            number = end
        elif lines[number].startswith("#"):
            level = len(lines[number]) - len(lines[number].lstrip("#"))
            headings = {above: text for above, text in headings.items() if above < level}
            headings[level] = lines[number].strip("# \n")
        number += 1
    return found


def expected(text: str) -> Places:
    """The places that the marks in a block of Python name, as (line, code)."""
    marked = ((number, _MARK.search(line)) for number, line in enumerate(text.splitlines(), 1))
    return sorted((number, code) for number, match in marked if match for code in re.split(", *", match[1]))


def reported(path: Path, text: str, *codes: str, confidence: Confidence | None = None) -> Places:
    """What is reported in a block of Python, as (line, code), with these rules on even if they are off by default.

    confidence: the least that is shown, in place of what the rules' cards say.
    """
    outcome = lint(Source(str(path), text), Settings(extend_select=codes, confidence=confidence))
    assert not outcome.failure, outcome.failure
    return sorted((finding.span.line, finding.code) for finding in outcome.findings)


def unmarked(text: str) -> str:
    """A block of Python without its marks."""
    return re.sub(rf" *{_MARK.pattern}", "", text)


def fixed(path: Path, text: str, code: str) -> Fixed:
    """What becomes of a block of Python when all fixes of the rule `code` are made."""

    def findings(source: Source) -> tuple[Finding, ...]:
        outcome = lint(source, Settings(select=(code,)))
        assert not outcome.failure, outcome.failure
        return outcome.findings

    source = Source(str(path), text)
    return fix(source, findings(source), findings, frozenset({"safe", "unsafe"}))


def code_of(slug: str) -> str:
    """The code of the rule of that slug."""
    rule = cards.find(slug)
    assert rule, f"there is no rule {slug}"
    return rule.code
