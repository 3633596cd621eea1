"""Findings of the open text are put to torch: one at a time, in workers that stay for the next one."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from torchcopylint.confirm.session import DEADLINE, Session
from torchcopylint.domain.finding import Finding, Verdict
from torchcopylint.server.analysis import Analysis


@dataclass(slots=True)
class Asking:
    """Sessions by interpreter and deadline, each started when it is first needed; and whether one is at work."""

    sessions: dict[tuple[str, int], Session] = field(default_factory=dict)
    busy: bool = False

    def verdict(self, analysis: Analysis, finding: Finding) -> Verdict:
        """What torch says; raises NoTorch."""
        said = analysis.settings.confirm if analysis.settings else None
        python = (said.python if said else None) or sys.executable
        deadline = (said.deadline if said else None) or DEADLINE
        session = self.sessions.setdefault((python, deadline), Session(python, deadline, 1))
        self.busy = True
        try:
            return session.verdicts([finding])[0]
        finally:
            self.busy = False

    def end(self) -> None:
        """Ends all workers."""
        for session in self.sessions.values():
            session.__exit__()
        self.sessions.clear()
