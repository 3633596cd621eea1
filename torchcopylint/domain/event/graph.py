"""Values that hang on the graph where nobody means them to, or not as they are meant to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import auto

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.fact import Fact


class LeafUse(Fact):
    """What asks for a leaf."""

    GRADIENT = auto()
    OPTIMIZER = auto()


@dataclass(frozen=True, slots=True)
class GraphKept(Event):
    """A value still attached to the graph; a subclass says what became of it. write: the statement, as written."""

    write: str = ""


@dataclass(frozen=True, slots=True)
class HistoryKept(GraphKept):
    """Added or appended to what outlives the rounds that call backward."""


@dataclass(frozen=True, slots=True)
class AverageKept(GraphKept):
    """Averaged into a running average."""


@dataclass(frozen=True, slots=True)
class StateCarried(GraphKept):
    """Carried into the next iteration of a recurrent network."""


@dataclass(frozen=True, slots=True)
class TargetAttached(GraphKept):
    """Used as the target of a loss that trains what it was computed from."""


@dataclass(frozen=True, slots=True)
class NotLeaf(Event):
    """`requires_grad_()` on what is attached to the graph already: a clone or another result of `source`.

    used: what then asks for a leaf; remedy: what the source becomes in a leaf of its own.
    """

    call: str = ""
    used: LeafUse | None = None
    cloned: bool = False
