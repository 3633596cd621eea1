"""References kept as if they were copies, and what then changed them."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import ReadHow


@dataclass(frozen=True, slots=True)
class StaleSnapshot(Event):
    """A reference kept as if it were a copy: name what keeps it, source what it refers to, of this kind.

    call: what took it, as written; change: what changed its source, as written; trained: by training; clipped: only as
    gradients are clipped, or freed of a scale. A subclass says what happened.
    """

    kind: Kind = Kind.UNKNOWN
    call: str = ""
    change: str = ""
    trained: bool = False
    clipped: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot(StaleSnapshot):
    """Something was taken by reference before its source was changed, and used afterwards.

    how: how it was taken; loaded: the change loads other weights; uses: how it was used; conditional: it may be a copy;
    gradient: it lies in a gradient; momentless: it is the state of an optimizer that keeps none; weights: what it
    refers to belongs to a module; each: it came up in going over all of a module's weights; met: a use meets the live
    thing, as in `torch.equal(before, layer.weight)`.
    """

    how: Sharing = Sharing.SAME_OBJECT
    loaded: bool = False
    uses: frozenset[ReadHow] = frozenset()
    conditional: bool = False
    gradient: bool = False
    momentless: bool = False
    weights: bool = False
    each: bool = False
    met: bool = False


@dataclass(frozen=True, slots=True)
class ShallowCopyWritten(StaleSnapshot):
    """A shallow copy made by `copy.copy` was written while its source lives on."""


@dataclass(frozen=True, slots=True)
class LiveBuffer(StaleSnapshot):
    """A tensor was put into a container, or handed out (yielded), as it is, and overwritten afterwards."""

    yielded: bool = False
    gradient: bool = False


@dataclass(frozen=True, slots=True)
class TiedStorage(StaleSnapshot):
    """`p.data = q.data`, `nn.Parameter(x)`, `load_state_dict(x, assign=True)`: one side was changed, the other used."""


@dataclass(frozen=True, slots=True)
class SharedOptimizerState(StaleSnapshot):
    """An optimizer was given the live state of another, and both step."""


@dataclass(frozen=True, slots=True)
class EarlyRead(StaleSnapshot):
    """The result of a transfer was looked at (change) before anything waited for it."""


@dataclass(frozen=True, slots=True)
class SumIntoFirst(StaleSnapshot):
    """A sum was added up in the first of the things that it sums."""


@dataclass(frozen=True, slots=True)
class StateHandedOut(StaleSnapshot):
    """A method named like a copy (source) gives the object's own tensor, which the class writes in place."""
