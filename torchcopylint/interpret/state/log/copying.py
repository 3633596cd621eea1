"""What was noticed of copies: where they are made, what takes them, what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.domain.event import Detour
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, Region
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import CopyHow, Fate, TakeHow
from torchcopylint.interpret.state.round import Round
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class CopyMade:
    """A copy at a place: what of, with the loops and guards around it.

    method: it is called on what it copies; needless: the source is a temporary that nothing else can reach; through:
    what the data is taken through on its way into a tensor; tested: not every call comes here; inside: the node that
    copies, where the place is a call into another file.
    """

    node: Site
    made: Id
    how: CopyHow
    kind: Kind
    proof: int
    ground: Ground
    source: str
    rounds: tuple[Round, ...]
    guarded: bool
    cell: Cell
    regions: frozenset[Region]
    via: tuple[Site, ...] = ()
    needless: bool = False
    method: bool = False
    through: Detour | None = None
    tested: bool = False
    inside: Site | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What took a copy that was made for it: the call or statement, what it does with it, whether it writes elsewhere.

    apart: what the copy was made of surely shares nothing with what is written.
    """

    node: Site
    how: TakeHow
    kind: Kind
    proof: int
    ground: Ground
    apart: bool


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Something grown: put together, in a loop, from what it was in the last iteration and more."""

    node: Site
    name: str
    kind: Kind
    proof: int
    round: Round


@dataclass(frozen=True, slots=True, eq=False)
class DeepCopied:
    """A deep copy: of what, by which handle, whether that ran with gradients on, what it holds."""

    node: Site
    ran: bool
    cell: Cell
    hand: Id
    inside: tuple[tuple[Id, Cell], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pure:
    """A call that does nothing but give a result: what it works on, and whether it is a method of that."""

    cell: Cell
    method: bool


@dataclass(frozen=True, slots=True, eq=False)
class Discarded:
    """A result that nobody keeps."""

    node: Site
    cell: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Lacking:
    """A copy method that its receiver, of this kind, does not have, or a misused memo; what to write instead."""

    node: Site
    kind: Kind
    proof: int
    ground: Ground
    remedy: str = ""
    memo: bool = False


@dataclass(slots=True)
class CopyLog:
    """Copies, and results that are dropped."""

    copies: dict[Id, CopyMade] = field(default_factory=dict)
    """By the object made. From `copying` and calls that are inlined; read by `copy`, `stale_snapshot`."""
    copied_from: dict[Id, Id] = field(default_factory=dict)
    """Copy → original. From `copying`; read by `copy`."""
    taken: dict[Id, Taken] = field(default_factory=dict)
    """By the copy. From `copying`; read by `copy`."""
    fates: dict[Id, set[Fate]] = field(default_factory=dict)
    """By the copy. From `touch`; read by `copy`, `broken_link`."""
    deepcopied: dict[Site, DeepCopied] = field(default_factory=dict)
    """By node. From `copying`; read by `broken_link`, `closure`."""
    packed: dict[Id, Id] = field(default_factory=dict)
    """What came out of bytes → the bytes. From `action`; read by `copy`."""
    marked: dict[Id, frozenset[int]] = field(default_factory=dict)
    """Bytes → the writes that what was packed had seen. From `action`, and read there."""
    joined: dict[Site, Joined] = field(default_factory=dict)
    """By node. From `copying`; read by `copy`."""
    once: set[Site] = field(default_factory=set)
    """Loops that end after one iteration. From `flow`; read by `copy`."""
    pure: dict[Site, Pure] = field(default_factory=dict)
    """Calls that only give a result. From `apply`; read by `lost_write`, `write_to_dropped_copy`."""
    discarded: dict[Site, Discarded] = field(default_factory=dict)
    """From `transfer`; read by `lost_write`."""
    dropped: dict[Site, Site] = field(default_factory=dict)
    """Statements that are a call. From `transfer`; read by `lost_write`, `conversion`."""
    protected: set[Site] = field(default_factory=set)
    """Calls in a `try` block. From `transfer`; read by `lost_write`."""
    lacking: dict[Site, Lacking] = field(default_factory=dict)
    """From `action`; read by `missing_method`."""
