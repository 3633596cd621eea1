"""Writes that spoil backward, or that torch refuses at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import auto

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.fact import Fact


class Refusal(Fact):
    """Why torch refuses a write while gradients are on."""

    LEAF = auto()
    VIEW_OF_LEAF = auto()
    ONE_OF_SEVERAL = auto()
    """One of several views that were made together."""


@dataclass(frozen=True, slots=True)
class SavedWrite(Event):
    """A write that spoils backward; a subclass says how. remedy: the statement out of place."""

    write: str = ""


@dataclass(frozen=True, slots=True)
class KeptValueWritten(SavedWrite):
    """To what `source`, an operation, kept for backward, which then raises."""


@dataclass(frozen=True, slots=True)
class SilentWrite(SavedWrite):
    """The same behind the version counter: backward uses the wrong value."""


@dataclass(frozen=True, slots=True)
class RefusedWrite(SavedWrite):
    """One that torch refuses at once."""

    why: Refusal = Refusal.LEAF
