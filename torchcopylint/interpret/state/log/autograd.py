"""What was noticed of the graph: what depends on it, what it keeps, where backward goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.domain.event import Refusal
from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.heap import Cell, Pending
from torchcopylint.domain.identity import Id
from torchcopylint.domain.value import Value
from torchcopylint.interpret.state.log.memory import Write
from torchcopylint.ir import Spot
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Something put where it outlives this iteration of a loop: the value's objects, where to, which loops.

    total: what it is added to, as written, where it is added to a running total; given: the argument that a call is
    given it as, where that keeps it; made: the new sum, where that is put back under a key.
    """

    node: Site
    name: str
    objects: frozenset[Id]
    sources: frozenset[Id]
    into: frozenset[Id]
    rounds: tuple[Site, ...]
    source: str
    attached: int
    total: str | None = None
    over: str = ""
    single: bool = True
    given: Site | None = None
    made: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """A running average taken further: the statement, its expression, the average and what goes into it as written.

    made: the objects of the new average; holders: what holds it, none for a name; returned: an attached average of an
    earlier iteration comes back into it; sure: it surely is attached to the graph.
    """

    node: Site
    expression: Site
    name: str
    added: str
    made: frozenset[Id]
    holders: frozenset[Id]
    rounds: tuple[Site, ...]
    returned: bool
    sources: frozenset[Id]
    sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recurred:
    """A state that backward reaches again: where it is made, the backward, the loop, its name, torch's layers in it."""

    node: Spot | None
    backward: Site
    loop: Site
    name: str
    proof: int
    families: frozenset[AnyFamily]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A loss of a prediction against a target: their objects and what each was computed from."""

    node: Site
    prediction: frozenset[Id]
    target: Id
    hand: Id
    sources: frozenset[Id]
    attached: int
    proof: int


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """What a node keeps for backward: the operation, the name of what it keeps ("": its result), the handle."""

    node: Site
    name: str
    hand: Id


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """Something kept that was changed before backward: the pending use, and the call of backward, if in sight."""

    pending: Pending
    node: Site | None


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """A write that torch refuses at once: why, and whether what it writes was made in this function."""

    why: Refusal
    write: Write
    own: bool


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """`requires_grad_()` called on something that is attached to the graph already."""

    node: Site
    obj: Id
    hand: Id
    cell: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """The two sides of a subtraction or a sum."""

    left: Value
    right: Value


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A call of backward, or for gradients otherwise: all that it goes through, and the loops around it."""

    through: frozenset[Id]
    rounds: tuple[Site, ...]


@dataclass(slots=True)
class GraphLog:
    """Backward, and what it goes through."""

    kept: dict[Site, Kept] = field(default_factory=dict)
    """From `history`; read by `history_and_target`."""
    placed: dict[Id, Site] = field(default_factory=dict)
    """Object → the statement that puts it under a key. From `store`; read by `history`."""
    averages: dict[Site, Averaged] = field(default_factory=dict)
    """From `averaging`; read by `average`, `history_and_target`."""
    recurred: dict[Spot | None, Recurred] = field(default_factory=dict)
    """From `recurrent`; read by `recurrent_state`."""
    compared: dict[Site, Compared] = field(default_factory=dict)
    """From `training`; read by `history_and_target`."""
    differences: dict[Id, Difference] = field(default_factory=dict)
    """By what comes out. From `operate`, and read there."""
    sums: dict[Id, Difference] = field(default_factory=dict)
    """The same of sums of which one side is an attribute or item. From `operate`; read by `store`."""
    backwarded: set[Id] = field(default_factory=set)
    """Objects that backward went through. From `training` and calls that are inlined."""
    roots: set[Id] = field(default_factory=set)
    """Objects that backward was called on. From the same; read by `history_and_target`."""
    descents: dict[Site, Descent] = field(default_factory=dict)
    """By the call. From the same; read by `history_and_target`."""
    parted: dict[tuple[Site, Id], bool] = field(default_factory=dict)
    """(call of backward in an arm of a branch, object it went through) → whether the object was then let go of there,
    and goes on from the other arm alone. From `flow`; read by `history_and_target`."""
    backward_rounds: dict[Site, tuple[Site, ...]] = field(default_factory=dict)
    """Calls of backward → the loops around them. From the same."""
    second_order: bool = False
    """Whether backward makes a graph of its own: then much is kept on purpose. From `training`."""
    ran: dict[Id, bool] = field(default_factory=dict)
    """Modules that were called, and whether with gradients on. From `training`; read by `copying`."""
    cached: dict[str, Id] = field(default_factory=dict)
    """Attribute of a module → the result that `forward` leaves there. From `store`; read by `broken_link`."""
    regraded: set[Id] = field(default_factory=set)
    """Objects whose place in the graph was changed. From `autograd`; read by calls that are inlined."""
    saved: dict[Id, Saved] = field(default_factory=dict)
    """What a node keeps for backward, by number. From `saved`; read by `saved_write`."""
    broken: dict[tuple[Id, int], Broken] = field(default_factory=dict)
    """By (what is kept, the write). From `saved`; read by `saved_write`."""
    refused: dict[Site, Refused] = field(default_factory=dict)
    """From `saved`; read by `saved_write`."""
    required: dict[Site, Required] = field(default_factory=dict)
    """From `training`; read by `saved_write`."""
    gradients_read: dict[Id, Site] = field(default_factory=dict)
    """Object → where its `.grad` is read. From `access`; read by `saved_write`."""
    differentiated: set[Id] = field(default_factory=set)
    """Objects whose gradient is asked for otherwise. From `training`; read by `saved_write`."""

    def spared(self, obj: Id) -> bool:
        """Whether no call goes down through the object as it is after the branches in which some do."""
        through = [node for node, descent in self.descents.items() if obj in descent.through]
        return bool(through) and all(self.parted.get((node, obj), False) for node in through)

    def descend(self, node: Site, through: frozenset[Id], rounds: tuple[Site, ...]) -> None:
        """A call goes down the graph through these."""
        before = self.descents.get(node, Descent(frozenset(), rounds))
        self.descents[node] = Descent(before.through | through, before.rounds)
