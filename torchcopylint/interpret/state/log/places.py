"""What was noticed of places: containers, attributes and names, and what is put there."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, Region
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.ir import Spot
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A tensor put into a container (KEPT), or handed out (YIELDED): the expression, the handle it goes by there.

    into: the container's handles; rounds: the loops it is done in; born: those its object was made in.
    """

    node: Site
    hand: Id
    obj: Id
    into: tuple[Id, ...]
    rounds: tuple[Site, ...]
    born: tuple[Site, ...]
    cell: Cell
    how: Sharing


@dataclass(frozen=True, slots=True, eq=False)
class Tie:
    """`p.data = q.data`: the names, the objects p belongs to, where p lay by itself, where both lie now; what q is."""

    node: Site
    name: str
    source: str
    holders: frozenset[Id]
    own: frozenset[Region]
    regions: frozenset[Region]
    of: Id
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class Rebound:
    """A loop's name bound to another tensor: what the loop goes over, whether its tensors are live weights."""

    node: Site
    name: str
    over: str
    live: bool
    proof: int
    grad_off: bool


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """An entry of a live state dict replaced: the dict, under which handle, in which loops."""

    node: Site
    hand: Id
    obj: Id
    rounds: tuple[Site, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PartReplaced:
    """A part of a shallow copy of a module that was replaced: the statement, the link that copied."""

    node: Site
    hand: Id


@dataclass(frozen=True, slots=True, eq=False)
class Aliased:
    """An attribute that was bound to a module which has another name, `source`."""

    node: Site
    obj: Id
    attr: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class KeptAside:
    """An attribute that was bound to references to live weights: in what, and by which handle."""

    node: Site
    attr: str
    hand: Id
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class InSeveral:
    """One object in several places: what it is, by which handle; repeated: by `[x] * n`.

    in_class: it is done in the body of a class, whose names no comprehension sees.
    """

    node: Site
    kind: Kind
    family: AnyFamily
    proof: int
    ground: Ground
    hand: Id
    repeated: bool
    in_class: bool


@dataclass(frozen=True, slots=True, eq=False)
class ItemStored:
    """An item stored, or added to (aug), in the thing behind a handle; overs: what the loops around go over."""

    node: Site
    hand: Id
    aug: bool
    overs: tuple[str, ...]


@dataclass(slots=True)
class PlaceLog:
    """Containers, attributes and names."""

    held: dict[Id, Held] = field(default_factory=dict)
    """By the handle of the place. From `container_slot`; read by `live_buffer` and others."""
    homes: dict[Id, Id] = field(default_factory=dict)
    """Handle → the container it was put into first. From `action`, `display`; read by `stale_snapshot`."""
    adding: set[Site] = field(default_factory=set)
    """Calls that append. From `action`; read by `live_buffer`."""
    item_stores: dict[Site, ItemStored] = field(default_factory=dict)
    """From `store`; read by `sum_into_first`."""
    mixed: set[Spot | None] = field(default_factory=set)
    """Expressions, and statements that bind one, whose value may be of several kinds, or None. From `mixed`; read by
    `events`."""
    replicated: dict[Id, InSeveral] = field(default_factory=dict)
    """By the object. From `action`; read by `broken_link`."""
    placings: dict[int, Placed] = field(default_factory=dict)
    """By number. From `rebinding`; read by `lost_write`."""
    looked_up: set[int] = field(default_factory=set)
    """Placings that somebody looks at. From `rebinding`, `display`; read by `lost_write`."""
    rebound: dict[Site, Rebound] = field(default_factory=dict)
    """From `rebinding`; read by `lost_write`."""
    replaced: dict[Site, PartReplaced] = field(default_factory=dict)
    """From `store`; read by `written_copy`."""
    tied: dict[Site, Tie] = field(default_factory=dict)
    """From `data_assignment`; read by `tie`."""
    aliased: dict[Site, Aliased] = field(default_factory=dict)
    """From `store`; read by `across_methods`."""
    snapshots: dict[Site, KeptAside] = field(default_factory=dict)
    """From `store`; read by `across_methods`."""
