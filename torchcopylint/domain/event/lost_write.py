"""Writes and results that reach nobody."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.domain.event.event import Event


@dataclass(frozen=True, slots=True)
class LostWrite(Event):
    """A write or result that reaches nobody, as written; a subclass says why."""

    write: str = ""


@dataclass(frozen=True, slots=True)
class PickWritten(LostWrite):
    """A write to the copy that an index makes which is a mask or a list, or to what a call made that picks elements.

    refused: torch may refuse the write that was meant, for autograd may need what is there. maker: the name of the
    call, "" of an index; landing: the expression that writes what it was made from.
    """

    refused: bool = False
    maker: str = ""
    landing: str = ""


@dataclass(frozen=True, slots=True)
class RecomputedWritten(LostWrite):
    """A write to a weight that is computed from other tensors before each use: weight norm, pruning."""


@dataclass(frozen=True, slots=True)
class RelaidWritten(LostWrite):
    """A write to what reshape, flatten or contiguous gave; sure: it is a copy for certain, and no view."""

    sure: bool = False


@dataclass(frozen=True, slots=True)
class ResultDropped(LostWrite):
    """A call that makes something new, whose result is dropped."""


@dataclass(frozen=True, slots=True)
class LoopNameRebound(LostWrite):
    """A loop's name bound anew where a write was meant; live: to a module's weights; moves: by moving or casting."""

    live: bool = False
    moves: bool = False


@dataclass(frozen=True, slots=True)
class EntryReplaced(LostWrite):
    """An entry of a live state dict replaced, which the model does not see."""
