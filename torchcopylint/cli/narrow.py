"""Which findings are not shown: those in a baseline, and those on unchanged lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from torchcopylint.cli.failure import fail

if TYPE_CHECKING:
    from torchcopylint.config import Nearest, Settings
    from torchcopylint.domain.finding import Finding
    from torchcopylint.outcome import Outcome
    from torchcopylint.place.baseline import Baseline


class Narrow:
    """Removes known findings, by the baseline given here or in the settings, and those older than `since`."""

    def __init__(self, known: Nearest, baseline: str | None, since: str | None) -> None:
        self._known, self._file = known, baseline
        self._baselines: dict[str, Baseline] = {}
        self._since = None
        if since is not None:
            from torchcopylint.files.since import Since

            self._since = Since(since)
        if baseline is not None:
            self._load(baseline)

    def files(self, paths: Iterable[str]) -> list[str]:
        """The paths that may have findings to show; git errors are reported here, before any report begins."""
        if self._since is None:
            return list(paths)
        from torchcopylint.files.since import GitError

        try:
            return [path for path in paths if self._since.touches(path)]
        except GitError as error:
            fail(f"--since: {error}")

    def of(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes with the findings to show."""
        for outcome in outcomes:
            if outcome.chosen:
                yield outcome
                continue
            kept = tuple(finding for finding in outcome.findings if self.shows(finding))
            yield outcome if len(kept) == len(outcome.findings) else replace(outcome, findings=kept)

    def shows(self, finding: Finding) -> bool:
        """Whether a finding is shown."""
        if self._since is not None and not self._since.shows(finding):
            return False
        file = self._file or self._known.settings(finding.path).baseline
        return file is None or not self._load(file).knows(finding)

    def prepare(self, every: Iterable[Settings]) -> None:
        """Reads the baselines that these settings name; an unusable one ends the program here, not later."""
        for file in {settings.baseline for settings in every}:
            if file is not None and self._file is None:
                self._load(file)

    def _load(self, file: str) -> Baseline:
        if file not in self._baselines:
            from torchcopylint.place.baseline import BaselineError, load

            try:
                self._baselines[file] = load(file)
            except BaselineError as error:
                fail(str(error))
        return self._baselines[file]
