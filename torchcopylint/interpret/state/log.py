"""What interpreting a function noticed, before it is known what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torchcopylint.domain.event import Detour, Overlap, Refusal
from torchcopylint.domain.heap import Cell, Pending
from torchcopylint.domain.identity import Id, Region
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import Conversion, CopyHow, Fate, ReadHow, TakeHow, WriteKind
from torchcopylint.domain.value import Value
from torchcopylint.ir.question import text_of

if TYPE_CHECKING:
    from torchcopylint.interpret.state.frame import Round


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An in-place write: through which handle, the words, of what kind, where it runs."""

    node: object
    hand: Id
    obj: Id
    name: str
    kind: WriteKind
    regions: frozenset[Region]
    arithmetic: bool = False
    rounds: tuple[object, ...] = ()
    grad_off: bool = False
    guarded: bool = False
    sure: Sure = Sure.MUST
    proof: int = 3
    layout: frozenset[str] = frozenset()
    thing: str = ""
    constant: bool = False
    tests: frozenset[str] = frozenset()
    via: tuple[object, ...] = ()

    @property
    def words(self) -> str:
        """The write as written."""
        return text_of(self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A use of something: where, how, with gradients off or on.

    within: it was read in a container that it had been put into; alone: what is used there is nothing but this.
    """

    node: object
    how: ReadHow
    grad_off: bool = False
    within: bool = False
    alone: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class CopyMade:
    """A copy at a place: what of, with the loops and guards around it.

    method: it is called on what it copies; needless: the source is a temporary that nothing else can reach; through:
    what the data is taken through on its way into a tensor; tested: not every call comes here; inside: the node that
    copies, where the place is a call into another file.
    """

    node: object
    made: Id
    how: CopyHow
    kind: str
    proof: int
    source: str
    rounds: tuple[object, ...]
    guarded: bool
    cell: Cell
    regions: frozenset[Region]
    via: tuple[object, ...] = ()
    needless: bool = False
    method: bool = False
    through: Detour | None = None
    tested: bool = False
    inside: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What took a copy that was made for it: the call or statement, what it does with it, whether it writes elsewhere.

    apart: what the copy was made of surely shares nothing with what is written.
    """

    node: object
    how: TakeHow
    kind: str
    proof: int
    apart: bool


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Something grown: put together, in a loop, from what it was in the last round and more."""

    node: object
    name: str
    kind: str
    proof: int
    round: Round


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Something put where it outlives this round of a loop: the value's objects, where to, which loops."""

    node: object
    name: str
    objects: frozenset[Id]
    sources: frozenset[Id]
    into: frozenset[Id]
    rounds: tuple[object, ...]
    source: str
    how: str
    attached: int
    over: str = ""
    single: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """A running average taken further: the statement, its expression, the average and what goes into it as written.

    made: the objects of the new average; holders: what holds it, none for a name; returned: an attached average of an
    earlier round comes back into it; sure: it surely hangs on the graph.
    """

    node: object
    expression: object
    name: str
    added: str
    made: frozenset[Id]
    holders: frozenset[Id]
    rounds: tuple[object, ...]
    returned: bool
    sources: frozenset[Id]
    sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recurred:
    """A state that backward reaches again: where it is made, the backward, its name, torch's layers in it."""

    node: object
    backward: object
    name: str
    proof: int
    families: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A loss of a prediction against a target: their objects and what each was computed from."""

    node: object
    prediction: frozenset[Id]
    target: Id
    hand: Id
    sources: frozenset[Id]
    attached: int
    proof: int


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A tensor put into a container (KEPT), or handed out (YIELDED): the expression, the handle it goes by there.

    into: the container's handles; rounds: the loops it is done in; born: those its object was made in.
    """

    node: object
    hand: Id
    obj: Id
    into: tuple[Id, ...]
    rounds: tuple[object, ...]
    born: tuple[object, ...]
    cell: Cell
    how: Sharing


@dataclass(frozen=True, slots=True, eq=False)
class SelfWritten:
    """A tensor written from a view of itself: why that goes wrong, through which handle, which view was
    taken, whether torch raises, what is known of the view."""

    node: object
    why: Overlap
    written: Id
    taken: Id
    raises: bool
    view: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Tie:
    """`p.data = q.data`: the names, the objects p belongs to, where p lay by itself, where both lie now."""

    node: object
    name: str
    source: str
    holders: frozenset[Id]
    own: frozenset[Region]
    regions: frozenset[Region]
    of: Id


@dataclass(frozen=True, slots=True, eq=False)
class Rebound:
    """A loop's name bound to another tensor: what the loop goes over, whether its tensors are live weights."""

    node: object
    name: str
    over: str
    live: bool
    proof: int
    grad_off: bool


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """An entry of a live state dict replaced: the dict, under which handle, in which loops."""

    node: object
    hand: Id
    obj: Id
    rounds: tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """What a node keeps for backward: the operation, the name of what it keeps ("": its result), the handle."""

    node: object
    name: str
    hand: Id


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """Something kept that was changed before backward: the pending use, and the call of backward, if in sight."""

    pending: Pending
    node: object


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """A write that torch refuses at once: why, and whether what it writes was made in this function."""

    why: Refusal
    write: Write
    own: bool


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """`requires_grad_()` called on something that hangs on the graph already."""

    node: object
    obj: Id
    hand: Id
    cell: Cell


@dataclass(slots=True)
class Log:
    """Everything noticed in one function; sets only grow, so running a loop twice adds nothing twice."""

    writes: dict[int, Write] = field(default_factory=dict)
    reads: dict[tuple[Id, int], dict[int, Read]] = field(default_factory=dict)
    copies: dict[Id, CopyMade] = field(default_factory=dict)
    taken: dict[Id, Taken] = field(default_factory=dict)
    packed: dict[Id, Id] = field(default_factory=dict)
    marked: dict[Id, frozenset[int]] = field(default_factory=dict)
    joined: dict[int, Joined] = field(default_factory=dict)
    fates: dict[Id, set[Fate]] = field(default_factory=dict)
    kept: dict[int, Kept] = field(default_factory=dict)
    averages: dict[int, Averaged] = field(default_factory=dict)
    recurred: dict[int, Recurred] = field(default_factory=dict)
    compared: dict[int, Compared] = field(default_factory=dict)
    backwarded: set[Id] = field(default_factory=set)
    roots: set[Id] = field(default_factory=set)
    descents: dict[int, frozenset[Id]] = field(default_factory=dict)
    backward_rounds: dict[int, tuple[object, ...]] = field(default_factory=dict)
    step_rounds: dict[int, tuple[object, ...]] = field(default_factory=dict)
    stepped: set[Region] = field(default_factory=set)
    relinked: dict[int, tuple[object, ...]] = field(default_factory=dict)
    replicated: dict[Id, tuple[object, ...]] = field(default_factory=dict)
    cached: dict[str, tuple[object, int, Id]] = field(default_factory=dict)
    discarded: dict[int, tuple[object, Id, Cell]] = field(default_factory=dict)
    rebound: dict[int, Rebound] = field(default_factory=dict)
    placings: dict[int, Placed] = field(default_factory=dict)
    looked_up: set[int] = field(default_factory=set)
    converted: dict[int, tuple[object, Id, Id, Conversion]] = field(default_factory=dict)
    bound_from: dict[int, str] = field(default_factory=dict)
    lacking: dict[int, tuple[object, str, int, str]] = field(default_factory=dict)
    dropped: dict[int, object] = field(default_factory=dict)
    deepcopied: dict[int, tuple[object, bool, Cell, Id, tuple[tuple[Id, Cell], ...]]] = field(default_factory=dict)
    copied_from: dict[Id, Id] = field(default_factory=dict)
    inner_training: set[int] = field(default_factory=set)
    pure: dict[int, Cell] = field(default_factory=dict)
    ran: dict[Id, bool] = field(default_factory=dict)
    once: set[int] = field(default_factory=set)
    placed: dict[Id, object] = field(default_factory=dict)
    protected: set[int] = field(default_factory=set)
    inherited: set[Id] = field(default_factory=set)
    homes: dict[Id, Id] = field(default_factory=dict)
    loaded_names: set[str] = field(default_factory=set)
    inside: dict[Id, Id] = field(default_factory=dict)
    seen: dict[Id, Cell] = field(default_factory=dict)
    differences: dict[Id, tuple[Value, Value]] = field(default_factory=dict)
    aliased: dict[int, tuple[object, Id, str, str]] = field(default_factory=dict)
    snapshots: dict[int, tuple[object, str, Id, str]] = field(default_factory=dict)
    flights: set[int] = field(default_factory=set)
    returns: dict[int, tuple[object, Value]] = field(default_factory=dict)
    item_stores: dict[int, tuple[object, Id, bool, tuple[str, ...]]] = field(default_factory=dict)
    shared_states: dict[int, tuple[object, Id, Id]] = field(default_factory=dict)
    tied: dict[int, Tie] = field(default_factory=dict)
    adding: set[int] = field(default_factory=set)
    held: dict[Id, Held] = field(default_factory=dict)
    met: set[tuple[Id, int]] = field(default_factory=set)
    trainees: set[Id] = field(default_factory=set)
    replaced: dict[int, tuple[object, Id]] = field(default_factory=dict)
    self_written: dict[tuple[int, Id], SelfWritten] = field(default_factory=dict)
    saved: dict[Id, Saved] = field(default_factory=dict)
    broken: dict[tuple[Id, int], Broken] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)
    required: dict[int, Required] = field(default_factory=dict)
    gradients_read: dict[Id, object] = field(default_factory=dict)
    differentiated: set[Id] = field(default_factory=set)
    optimized: set[Id] = field(default_factory=set)
    regraded: set[Id] = field(default_factory=set)
    second_order: bool = False
