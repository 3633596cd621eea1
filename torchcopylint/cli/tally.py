"""Counts for the exit code, the summary and the statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from torchcopylint.cli.failure import complain, say

if TYPE_CHECKING:
    from torchcopylint.domain.finding import Finding
    from torchcopylint.outcome import Outcome


class Tally:
    """Counts files and findings as they pass."""

    def __init__(self) -> None:
        self.rules: Counter[tuple[str, str]] = Counter()
        self.files: Counter[str] = Counter()
        self.with_findings = 0
        self.too_long = 0
        self.broken = False
        self.told: set[str] = set()

    def findings(self, outcomes: Iterable[Outcome]) -> Iterator[Finding]:
        """The findings of the outcomes; a failed file is reported immediately and does not stop the others."""
        for outcome in outcomes:
            if outcome.broken:
                self.complain(f"{outcome.path}: {outcome.broken}")
            for complaint in outcome.complaints:
                if complaint not in self.told:
                    self.told.add(complaint)
                    self.complain(complaint)
            self.files["failed" if outcome.failure else "linted" if outcome.analysed else "skipped"] += 1
            self.with_findings += bool(outcome.findings)
            self.too_long += len(outcome.skipped)
            self.rules.update((finding.code, finding.slug) for finding in outcome.findings)
            yield from outcome.findings

    def complain(self, message: str) -> None:
        """Reports an error on standard error and remembers it for the exit code."""
        self.broken = True
        complain(message)

    def print_summary(self) -> None:
        """One line for people: how many findings, in how many files."""
        total, checked = sum(self.rules.values()), sum(self.files.values())
        where = f" in {count(self.with_findings, 'file')}" if total else ""
        say(f"{count(total, 'finding')}{where} ({count(checked, 'file')} checked)")

    def print_statistics(self) -> None:
        """Findings by rule, files by outcome, functions that were not analysed."""
        for (code, slug), count in sorted(self.rules.items()):
            say(f"{count:>7} {code} {slug}")
        for state in ("linted", "skipped", "failed"):
            say(f"{self.files[state]:>7} files {state}")
        say(f"{self.too_long:>7} functions not analysed (over the budget)")


def count(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
