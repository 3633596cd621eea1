"""What comes back of a program that was analysed: findings, complaints, and what can be done about them."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.config import Settings
from torchcopylint.domain.finding import Finding
from torchcopylint.server.program import Changes, Program


@dataclass(frozen=True, slots=True)
class Analysis:
    """A program, the findings to show in it, in order; what could not be done, as sentences for the user."""

    program: Program
    findings: tuple[Finding, ...] = ()
    complaints: tuple[str, ...] = ()
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done about a finding: its fix, and a comment that takes it back; None where that cannot be."""

    fix: Changes | None
    ignore: Changes | None
