"""Copies that were made, by what made them, and things that grow by being copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import auto

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.fact import Fact
from torchcopylint.domain.finding import Severity
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import Fate, TakeHow
from torchcopylint.ir.site import Site


class Heat(Fact):
    """How often a place runs."""

    STEP = auto()
    """In a loop that trains, or loads batches, itself."""
    FORWARD = auto()
    """In a function that such a loop calls, as `forward`."""


class Detour(Fact):
    """What data is taken through on its way into a tensor."""

    ARRAYS = auto()
    """A list of arrays."""
    NUMBERS = auto()
    """A list of Python numbers."""
    ARRAY = auto()
    """An array on a tensor's memory."""


@dataclass(frozen=True, slots=True)
class TakenBy:
    """The call or statement that a copy was made for: its node and text, what it does with the copy.

    kind, proof, ground: what it writes, NONE for nothing, how well that is known, and on what ground; apart: what the
    copy was made of surely shares nothing with that.
    """

    node: Site = field(repr=False)
    text: str
    how: TakeHow
    kind: Kind
    proof: int
    ground: Ground
    apart: bool


@dataclass(frozen=True, slots=True)
class Copy(Event):
    """A copy was made: a subclass says by what.

    kind: of what; loop, heat: the loop in words, and how hot it is, where it is; guarded: only now and then; call: the
    copy as written; argument: what is copied; bare: nothing else is said of the copy; needless: of a temporary nobody
    else can reach; origin: as `of`, without the copies that it is made of itself; attached: of a result on the graph
    (0 no, 1 perhaps, 2 yes); taken: what it was made for; data: the `x.data` that is copied, and remedy what cuts it in
    view of autograd; fate: what became of it.
    """

    kind: Kind = Kind.UNKNOWN
    loop: str = ""
    heat: Heat | None = None
    guarded: bool = False
    fate: frozenset[Fate] = frozenset()
    call: str = ""
    argument: str = ""
    bare: bool = False
    needless: bool = False
    origin: str = ""
    attached: int = 0
    taken: TakenBy | None = None
    data: object = None

    @property
    def severity(self) -> Severity:
        """What a needless copy costs here: something where it is made again for every batch, else next to nothing."""
        return Severity.INFORMATION if self.heat is None else Severity.WARNING


@dataclass(frozen=True, slots=True)
class DeepCopy(Copy):
    """`copy.deepcopy`.

    leaf, weight: of a leaf, of what is or may be a parameter; repeated: one of several in a loop that does not change
    the source, with what the loop goes over in words; reset: something in the file gives layers their first values.
    """

    leaf: bool = False
    weight: bool = False
    repeated: str = ""
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Clone(Copy):
    """`x.clone()` or `torch.clone(x)`."""


@dataclass(frozen=True, slots=True)
class PlainCopy(Copy):
    """`.copy()`, or a conversion with `copy=True`."""


@dataclass(frozen=True, slots=True)
class TensorMade(Copy):
    """`torch.tensor(data)` or the like.

    given: the data is a parameter of the function as it was given; options: what is said of the tensor by keyword, as
    written; through: the detour that the data takes.
    """

    given: bool = False
    options: tuple[tuple[str, str], ...] = ()
    through: Detour | None = None


@dataclass(frozen=True, slots=True)
class RoundTrip(Copy):
    """Packed into bytes and unpacked.

    packed: what else became of the bytes; unties: what is copied holds a parameter and something else on its memory,
    which the bytes keep and a deep copy would part.
    """

    packed: frozenset[Fate] = frozenset()
    unties: bool = False


@dataclass(frozen=True, slots=True)
class Grown(Event):
    """Something is put together again in every iteration of a loop from itself and more; `read`: and read there."""

    loop: str = ""
    call: str = ""
    kind: Kind = Kind.UNKNOWN
    read: bool = False
