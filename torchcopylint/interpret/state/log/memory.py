"""What was noticed of storage: who wrote it, who used it after that."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.domain.event import Overlap
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, Region
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import NO_FLAGS, Flag
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.use import ReadHow, WriteKind
from torchcopylint.domain.value import Value
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An in-place write.

    node: the call or statement; hand, obj, name: the handle it goes through, the object, the handle's name; regions:
    what it writes; arithmetic: what it writes is computed from what was there, constant: a literal; rounds: the loops
    around it; grad_off: gradients are off; guarded: it runs only now and then; tests: what is asked before it, as
    written; sure: how surely it reaches the regions; thing, proof, ground, layout: what is written, how well and on
    what ground that is known; via: the writes inside the calls that it stands for,
    given_back: what is written is all that they give.
    """

    node: Site
    hand: Id
    obj: Id
    name: str
    kind: WriteKind
    regions: frozenset[Region]
    arithmetic: bool = False
    rounds: tuple[Site, ...] = ()
    grad_off: bool = False
    guarded: bool = False
    sure: Sure = Sure.MUST
    proof: int = 3
    ground: Ground = Ground.GUESSED
    layout: frozenset[Flag] = NO_FLAGS
    thing: Kind = Kind.UNKNOWN
    constant: bool = False
    tests: frozenset[str] = frozenset()
    via: tuple[Site, ...] = ()
    given_back: bool = False

    @property
    def words(self) -> str:
        """The write as written."""
        return text_of(self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A use of something: where, how, with gradients off or on.

    within: it was read in a container that it had been put into; alone: what is used there is nothing but this.
    """

    node: Site
    how: ReadHow
    grad_off: bool = False
    within: bool = False
    alone: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class SelfWritten:
    """A tensor written from a view of itself: why that goes wrong, through which handle, which view was
    taken, whether torch raises, what is known of the view."""

    node: Site
    why: Overlap
    written: Id
    taken: Id
    raises: bool
    view: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """A value that the function gives back."""

    node: Site
    value: Value


@dataclass(slots=True)
class MemoryLog:
    """Writes, reads, and what was written from itself."""

    writes: dict[int, Write] = field(default_factory=dict)
    """By number. From `touch`, `gradient`, `training` and calls that are inlined; read by most events."""
    perhaps: dict[int, Write] = field(default_factory=dict)
    """By number, writes of what is given, if that is a tensor or an array. From `touch`; read by `inline`."""
    reads: dict[tuple[Id, int], dict[Site, Read]] = field(default_factory=dict)
    """By (handle, number of the write before it), then by node. From `touch`; read by the events of what is stale."""
    seen: dict[Id, Cell] = field(default_factory=dict)
    """What was known of a stale handle when it was last read. From `touch`; read by `path` and others."""
    inside: dict[Id, Id] = field(default_factory=dict)
    """Container → what is stale in it. From `touch`; read by `stale_snapshot`."""
    inherited: set[Id] = field(default_factory=set)
    """Handles that are stale since what they were taken from is. From `access`; read by `stale_snapshot`."""
    met: set[tuple[Id, int]] = field(default_factory=set)
    """(handle that is watched, write that reached it). From `touch`; read by `live_buffer`, `shared_state`."""
    flights: set[int] = field(default_factory=set)
    """Writes by transfers that may be under way. From `transfer_to_host`; read by `early_read`."""
    self_written: dict[tuple[Site, Id], SelfWritten] = field(default_factory=dict)
    """From `overlap`; read by `self_write`."""
    returns: dict[Site, Returned] = field(default_factory=dict)
    """From `transfer`; read by `shared_write`, `state_handed_out`."""
