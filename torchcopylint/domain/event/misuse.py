"""Calls that raise, or that Python takes otherwise than they are meant."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.kind import Kind


@dataclass(frozen=True, slots=True)
class Misuse(Event):
    """A call that does not do what it is there for; a subclass says why. kind: of the thing that it is about."""

    call: str = ""
    kind: Kind = Kind.UNKNOWN


@dataclass(frozen=True, slots=True)
class NonLeafCopied(Misuse):
    """A deep copy of what the graph holds; cached: of a module that keeps it in the attribute `name`."""

    cached: bool = False


@dataclass(frozen=True, slots=True)
class MemoMistaken(Misuse):
    """`copy.deepcopy(source, destination)`: the destination is taken for the memo of copies."""


@dataclass(frozen=True, slots=True)
class MethodMissing(Misuse):
    """A copy method that its receiver does not have."""
