"""Outcomes of a run → messages about their fixes: diffs, rejected fixes, the numbers of fixes applied and available."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from torchcopylint.cli.failure import say
from torchcopylint.cli.tally import count

if TYPE_CHECKING:
    from torchcopylint.files.source import Source
    from torchcopylint.outcome import Outcome
    from torchcopylint.run import Fixing


class Changes:
    """Observes the outcomes of a run; errors go to `complain`."""

    def __init__(self, fixing: Fixing | None, complain: Callable[[str], None]) -> None:
        self._fixing, self._complain = fixing, complain
        self._fixed: Counter[str] = Counter()
        self._possible: Counter[str] = Counter()

    def watch(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes as they come; rejected fixes and diffs are printed immediately."""
        for outcome in outcomes:
            for finding, reason in outcome.refused:
                shown = finding.shown
                place = f"{shown.path}:{shown.span.line}:{shown.span.column}"
                say(f"torchcopylint: {place}: {finding.code} not fixed: {reason}")
            if outcome.unwritten:
                self._complain(f"{outcome.path}: not fixed: {outcome.unwritten}")
            if outcome.change and self._fixing and self._fixing.how == "diff":
                self._show(*outcome.change)
            if outcome.fixed:
                self._fixed[outcome.path] += len(outcome.fixed)
            self._possible.update(finding.fix for finding in outcome.findings)
            yield outcome

    def _show(self, before: Source, after: Source) -> None:
        from torchcopylint.cli.difference import difference

        shown = difference(before, after)
        sys.stdout.write(shown.text)
        if not shown.is_patch:
            say(f"torchcopylint: {before.path}: control characters are escaped in the diff, so it is not a valid patch")

    def announce(self) -> None:
        """Prints how many fixes were applied, and how many more there are."""
        done = self._fixed.total()
        safe, unsafe = self._possible["safe"], self._possible["unsafe"]
        if self._fixing:
            verb = "would be fixed" if self._fixing.how == "diff" else "fixed"
            where = f" in {count(len(self._fixed), 'file')}" if done else ""
            say(f"{count(done, 'finding')} {verb}{where}")
        elif safe:
            say(f"{count(safe, 'finding')} can be fixed with --fix")
        if unsafe and not (self._fixing and "unsafe" in self._fixing.kinds):
            more = " more" if safe and not self._fixing else ""
            say(f"{unsafe}{more} can be fixed with --fix --unsafe-fixes; check what these fixes may change")
