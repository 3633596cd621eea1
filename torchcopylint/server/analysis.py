"""The analysis of a program: findings, complaints, and remedies."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.config import Settings
from torchcopylint.domain.finding import Finding
from torchcopylint.server.program import Changes, Program


@dataclass(frozen=True, slots=True)
class Analysis:
    """A program, the findings to show in it, in order; errors, as sentences for the user."""

    program: Program
    findings: tuple[Finding, ...] = ()
    complaints: tuple[str, ...] = ()
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """The remedies for a finding: its fix, and a comment that suppresses it; None if not possible."""

    fix: Changes | None
    ignore: Changes | None
