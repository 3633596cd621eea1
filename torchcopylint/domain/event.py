"""What the interpreter saw happen. Each event carries its path: the steps that led there, as nodes with a phrase."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from torchcopylint.domain.finding import Severity, Step
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import Fate, ReadHow


@dataclass(frozen=True, slots=True)
class Place:
    """The function an event lies in: its name, the kind and family of its class, whether it says it works in place."""

    function: str = ""
    owner: str = ""
    family: str = ""
    documented: bool = False
    public: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """The node to report, the names involved in the user's words, how well the kinds are proven (1 to 3), the path.

    site: the expression that a fix would replace, where there is one; text: its source; of: that of what it is
    made from, its receiver or first argument, each fit to stand before a dot; remedy: the text that does it right in
    its place, where one is exact.
    """

    node: object
    name: str = ""
    source: str = ""
    proof: int = 3
    place: Place = Place()
    steps: tuple[Step, ...] = ()
    site: object = None
    text: str = ""
    of: str = ""
    remedy: str = ""

    @property
    def fix(self) -> str:
        """The remedy on one line, for messages."""
        return re.sub(r"\n\s+", " ", self.remedy).replace("\n", "; ")

    def __str__(self) -> str:
        facts = [f"{key}={value!r}" for key, value in self.facts().items() if value not in ("", (), frozenset(), False)]
        return f"{type(self).__name__}({', '.join(facts)})"

    def facts(self) -> dict[str, object]:
        """What the event says beside its place in the source."""
        hidden = ("node", "place", "steps", "site", "text", "of", "remedy", "taker", "options", "data")
        return {f: getattr(self, f) for f in self.__dataclass_fields__ if f not in hidden}


@dataclass(frozen=True, slots=True)
class Copy(Event):
    """A copy was made: how ("deepcopy", "tensor", "clone", "copy", "pickle"), of what, in which hot loop, its fate.

    argument: what is copied; options: what else is said of the copy, by keyword, as written; bare: nothing is;
    needless: of a temporary nobody else can reach; leaf, weight: of a leaf, of what is or may be a parameter;
    attached: of a result on the graph (0 no, 1 perhaps, 2 yes); through: what the data is taken through;
    taken: what the call or statement does that the copy was made for, `taker`; what that writes is of `taker_kind`,
    proven `taker_proof` well, and whether that surely writes elsewhere (`apart`); packed: what else became of the
    bytes it went through; data: the `x.data` that is copied, of a tensor, and remedy what cuts it in view of autograd;
    repeated: one of several in a loop that does not change the source, with the loop in words; reset: something in
    the file gives layers their first values.
    """

    how: str = ""
    kind: str = ""
    loop: str = ""
    heat: str = ""
    guarded: bool = False
    fate: frozenset[Fate] = frozenset()
    call: str = ""
    argument: str = ""
    given: bool = False
    options: tuple[tuple[str, str], ...] = ()
    bare: bool = False
    needless: bool = False
    leaf: bool = False
    weight: bool = False
    attached: int = 0
    through: str = ""
    taken: str = ""
    taker: object = None
    taker_words: str = ""
    taker_kind: str = ""
    taker_proof: int = 0
    apart: bool = False
    packed: frozenset[Fate] = frozenset()
    repeated: str = ""
    reset: bool = False
    data: object = None

    @property
    def severity(self) -> Severity:
        """What a needless copy costs here: something where it is made again for every batch, else next to nothing."""
        return Severity.WARNING if self.heat else Severity.INFORMATION


@dataclass(frozen=True, slots=True)
class Grown(Event):
    """Something is put together again in every round of a loop from itself and more; `read`: and read there."""

    loop: str = ""
    call: str = ""
    kind: str = ""
    read: bool = False


@dataclass(frozen=True, slots=True)
class SharedWrite(Event):
    """An in-place write to storage somebody else reads.

    name: the name written through; alias: how that name came to share;
    owner of the storage: "argument", "attribute", "global" or "local"; source: the owner's name;
    others: names of the same storage read afterwards; twins: further names of the very object read afterwards;
    ways: how the nearest other name shares with the written one; kept: it was taken from the written one;
    own: the written name is read afterwards; remedy: the text of `site` with a copy that parts the two;
    operator: written by `+=` or the like; arithmetic, derived: the operation, or the value written, computes from what
    was there; constant: a literal;
    fills: the storage was made blank; parameter: it belongs to a module's weights or gradients;
    spared: every call in the file hands over something made for it; called: there is one; watched: one hands over what
    others look at; result: what the function gives, where that is "nothing" or the written tensor "itself";
    inside: the argument is no tensor but holds the one that is written, which source then names; again: the function
    has written it before; state: methods of the class set the attribute anew; default: what is written is the default
    of an "argument" or an "attribute" of a class.
    """

    write: str = ""
    alias: Sharing = Sharing.SAME_OBJECT
    owner: str = ""
    others: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    ways: tuple[Sharing, ...] = ()
    kept: bool = False
    own: bool = False
    arithmetic: bool = False
    operator: bool = False
    derived: bool = False
    layout: frozenset[str] = frozenset()
    kind: str = ""
    sure: str = "must"
    named: bool = False
    fills: bool = False
    grad_off: bool = False
    constant: bool = False
    parameter: bool = False
    spared: bool = False
    state: bool = False
    called: bool = False
    watched: bool = False
    result: str = ""
    inside: bool = False
    again: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class SelfWrite(Event):
    """A tensor written from a view of itself: name the tensor, source the view as written, write the statement.

    why: "swapped" (the view's place was written before the view was read), "shifted", "shifted left", "part" or
    "permuted" (target and source overlap); raises: torch sees it and refuses; remedy: the text of `site` with a copy.
    """

    why: str = ""
    write: str = ""
    raises: bool = False


@dataclass(frozen=True, slots=True)
class SharedDefault(Event):
    """A tensor made once, as the default of an argument or as an attribute of a class (how), that a write changes."""

    how: str = ""
    write: str = ""


@dataclass(frozen=True, slots=True)
class StaleSnapshot(Event):
    """A reference kept as if it were a copy: how it was taken, what changed its source, how it was used afterwards.

    weights: what it refers to belongs to a module; each: it came up in going over all of a module's weights;
    met: a use meets the live thing, as in `torch.equal(before, layer.weight)`.
    """

    how: Sharing | str = ""
    kind: str = ""
    call: str = ""
    change: str = ""
    trained: bool = False
    loaded: bool = False
    uses: frozenset[ReadHow] = frozenset()
    conditional: bool = False
    family: str = ""
    weights: bool = False
    each: bool = False
    met: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class LostWrite(Event):
    """A write or result that reaches nobody: why ("index", "discarded", "rebound", "placed"), the write as written.

    live: what was to be written is a module's weights; moves: by moving or casting them.
    """

    why: str = ""
    write: str = ""
    live: bool = False
    moves: bool = False


@dataclass(frozen=True, slots=True)
class GraphKept(Event):
    """A value still attached to the graph: kept across iterations ("history"), averaged into
    a running average ("average"), carried into the next round ("state"), or used as a target ("target").
    """

    role: str = ""
    loop: str = ""
    how: str = ""
    write: str = ""
    same: bool = False
    cloned: bool = False


@dataclass(frozen=True, slots=True)
class BrokenLink(Event):
    """What still points at what was copied, replaced or converted.

    how "copied", "replaced", "assigned": name is the new thing, source the optimizer that steps the old; "closure":
    name keeps a function around source; "converted", "moved": name is the other use that was made of source.
    """

    how: str = ""
    write: str = ""


@dataclass(frozen=True, slots=True)
class SavedWrite(Event):
    """A write that spoils backward: to what `source`, an operation, kept ("saved"), behind the version counter
    ("silent"), or one that torch refuses at once ("leaf", "view of a leaf", "one of several views").

    returned: backward is not in sight, what is spoiled is handed out; remedy: the statement out of place.
    """

    why: str = ""
    write: str = ""
    remedy: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True)
class NotLeaf(Event):
    """`requires_grad_()` on what hangs on the graph already: a clone or another result of `source`.

    used: what then asks for a leaf ("grad", "optimizer"); remedy: what the source becomes in a leaf of its own.
    """

    call: str = ""
    used: str = ""
    cloned: bool = False
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class WillRaise(Event):
    """torch or Python raises here: why; the kind of thing that it is about."""

    why: str = ""
    call: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Replicated(Event):
    """One object placed where several are wanted: its kind, the call, whether it was written through one place.

    holders: the names of what holds it in the end.
    """

    kind: str = ""
    family: str = ""
    how: str = ""
    call: str = ""
    literal: bool = False
    written: bool = False
    uses: frozenset[Fate] = field(default_factory=frozenset)
    holders: tuple[str, ...] = ()
