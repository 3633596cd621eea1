"""Tests findings of the open text with torch: one at a time, in workers that stay for the next one."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.config.user import own
from torchcopylint.confirm.interpreter import Interpreter, chosen
from torchcopylint.confirm.session import Session
from torchcopylint.domain.finding import Finding, Verdict
from torchcopylint.files.checkout import Checkout
from torchcopylint.server.analysis import Analysis


@dataclass(slots=True)
class Asking:
    """Sessions by interpreter and deadline, each started when first needed; and whether one is busy."""

    sessions: dict[tuple[str, int], Session] = field(default_factory=dict)
    busy: bool = False

    def verdict(self, interpreter: Interpreter, finding: Finding) -> Verdict:
        """The verdict of torch; raises NoTorch."""
        key = interpreter.path, interpreter.deadline
        session = self.sessions.setdefault(key, Session(*key, 1))
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


def interpreter_of(analysis: Analysis) -> Interpreter:
    """The interpreter and deadline for findings, from the current configuration; raises NoTorch and ConfigError."""
    said = analysis.settings.confirm if analysis.settings else None
    return chosen(None, own(), said, Checkout.around([analysis.program.path]))
