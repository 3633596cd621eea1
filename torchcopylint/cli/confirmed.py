"""`--confirm` with fixes: findings are tested with torch first, then only the fixes that it confirmed are applied."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from torchcopylint.cli.confirmation import Confirmation, is_of_torch
from torchcopylint.domain.finding import Ruling

if TYPE_CHECKING:
    from torchcopylint.domain.finding import Finding
    from torchcopylint.outcome import Outcome
    from torchcopylint.run import Fixing


class Linting(Protocol):
    """Something that can be linted, and then linted again with fixes."""

    def outcomes(self, fixing: Fixing | None) -> Generator[Outcome, None, None]:
        """What became of each file."""

    def again(self, paths: Sequence[str], fixing: Fixing) -> Generator[Outcome, None, None]:
        """The same of some of these files, with fixes."""


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a finding is a known one."""

    known: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Among:
        """Those that are among these findings."""
        return cls(frozenset(map(_key, findings)))

    def __call__(self, finding: Finding) -> bool:
        return _key(finding) in self.known


def only_confirmed(linting: Linting, confirmation: Confirmation, fixing: Fixing) -> Generator[Outcome, None, None]:
    """The outcomes, with verdicts; a finding is fixed if torch confirms it and its own fix removed the harm."""
    judged = list(confirmation.judged(linting.outcomes(None)))
    shown = [finding for outcome in judged for finding in outcome.findings]
    wanted = [finding for finding in shown if finding.fix in fixing.kinds]
    against = {_key(finding): why for finding in wanted if (why := _against(finding))}
    proven = [finding for finding in wanted if _key(finding) not in against]
    paths = dict.fromkeys([*(f.path for f in proven), *(f.path for f in shown if f.no_fix)])
    chosen = replace(fixing, shows=Among.of(shown), makes=Among.of(proven))
    fixed = {outcome.path: outcome for outcome in linting.again(list(paths), chosen)}
    for outcome in judged:
        after = fixed.get(outcome.path, outcome)
        verdicts = {_key(finding): finding.verdict for finding in outcome.findings}
        left = outcome.findings
        if after.chosen:
            left = tuple(replace(finding, verdict=verdicts.get(_key(finding))) for finding in after.findings)
        now = {_key(finding): finding for finding in left}
        spared = tuple((now.get(_key(f), f), against[_key(f)]) for f in outcome.findings if _key(f) in against)
        yield replace(after, findings=left, refused=(*after.refused, *spared))


def _against(finding: Finding) -> str:
    """Why the fix of a finding is not applied; "" if it can be."""
    verdict = finding.verdict
    if not is_of_torch(finding):
        return ""
    if verdict is None:
        return "it was not tested with torch"
    if verdict.ruling is not Ruling.CONFIRMED:
        return f"torch did not confirm it: {verdict}"
    return "" if verdict.by_fix else "torch confirms it, but this fix could not be run"


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.path, finding.code, finding.fingerprint
