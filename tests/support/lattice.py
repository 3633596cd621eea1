"""Generated values, cells and states as the analysis makes them; when two are the same, or one is less."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from random import Random
from typing import Any

from hypothesis import strategies as st

from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import (
    MAYBE,
    MOST_SOURCES,
    NO,
    YES,
    Cell,
    Heap,
    Pending,
    State,
    join,
    join_cells,
    join_slots,
)
from torchcopylint.domain.identity import Id, Region
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Dtype, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.value import (
    NOTHING,
    Bound,
    Callee,
    Code,
    Const,
    Cut,
    Element,
    Named,
    Ref,
    Scalar,
    Unknown,
    Value,
    join_values,
)

FIRST, LAST = 100, 114
"""The numbers of objects and handles here: no other number that is made is as large."""
_CODES: tuple[Any, ...] = (Code(None), Code(None))  # type: ignore[arg-type]
_PLAIN = (Const(None), Const(1), Const(True), Const("a"), Named("torch.add"), Scalar(), Unknown(), Cut())
_PARTS = ("[0]", "[1]", "[0:2]", "*", ".grad", "['a']")
_FLAGS = (Layout.FROZEN, Layout.PARTLY_FROZEN, Layout.PERHAPS_ONE, Layout.EXPANDED, Dtype.INT64)
_SLOTS = (".x", ".y", "[0]", "['a']", "?.x")


class Maker:
    """Makes things by chance, out of few numbers, so that they have objects, handles and regions in common.

    Not by strategies of Hypothesis for each part: a state has hundreds of them.
    """

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def id(self) -> Id:
        """An object or handle."""
        return self.chance.randrange(FIRST, LAST)

    def some(self, make: Callable[[], Any], most: int) -> list[Any]:
        """A few things, or none."""
        return [make() for _ in range(self.chance.randint(0, most))]

    def region(self) -> Region:
        """A part of the storage of an object."""
        return (self.id(), *self.some(lambda: self.chance.choice(_PARTS), 2))

    def element(self) -> Element:
        """One thing that a name may stand for."""
        ref = Ref(self.id(), self.id())
        n = self.chance.random()
        if n < 0.5:
            return ref
        if n < 0.6:
            return Bound(ref, "add_")
        if n < 0.7:
            return Callee(self.chance.choice(_CODES), self.chance.choice((None, ref)))
        return self.chance.choice(_PLAIN)

    def value(self) -> Value:
        """What joining makes of some elements, at times more than are kept."""
        return joined(self.some(self.element, self.chance.choice((2, 2, 4, 16))))

    def slots(self) -> dict[str, Value]:
        """Attributes and items."""
        keys = {self.chance.choice(_SLOTS) for _ in range(self.chance.randint(0, 3))}
        return {key: NOTHING if key[0] == "?" else self.value() for key in sorted(keys)}

    def sources(self) -> frozenset[Id]:
        """A few objects, or so many that two of them together are too many."""
        if self.chance.random() < 0.8:
            return frozenset(self.some(self.id, 2))
        start = self.id()
        return frozenset(range(start, start + MOST_SOURCES - 2))

    def cell(self) -> Cell:
        """What may be known of an object: of every part something, or only of some."""
        kind = self.chance.choice((Kind.UNKNOWN, Kind.UNKNOWN, Kind.TENSOR, Kind.MODULE, Kind.LIST))
        said: dict[str, Callable[[], Any]] = {
            "kind": lambda: kind,
            "mixed": lambda: kind is Kind.UNKNOWN and self.chance.random() < 0.3,
            "proof": lambda: self.chance.randint(0, 3),
            "ground": lambda: self.chance.choice([*Ground]),
            "regions": lambda: frozenset(self.some(self.region, 2)),
            "sure": lambda: self.chance.choice([*Sure]),
            "counter": lambda: self.chance.random() < 0.5,
            "attached": lambda: self.chance.choice((NO, MAYBE, YES)),
            "leaf": lambda: self.chance.choice((NO, MAYBE, YES)),
            "sources": self.sources,
            "either": lambda: self.chance.random() < 0.5,
            "layout": lambda: frozenset(self.some(lambda: self.chance.choice(_FLAGS), 3)),
            "made": lambda: self.chance.choice((Origin.UNKNOWN, Origin.FRESH, Origin.VIEW)),
            "of": lambda: frozenset(self.some(self.id, 2)),
            "slots": self.slots,
            "rest": self.value,
            "family": lambda: self.chance.choice((None, Family.PARAMETER, Family.BLANK)),
            "cls": lambda: self.chance.choice((None, *_CODES)),
        }
        assert set(said) == set(Cell._fields)
        least = self.chance.choice((0.2, 0.5, 1.0))
        return Cell(**{part: make() for part, make in said.items() if self.chance.random() < least})

    def pending(self) -> Pending:
        """What backward may need."""
        regions = frozenset(self.some(self.region, 2))
        return Pending(
            self.chance.randint(0, 9), self.id(), regions, self.chance.randint(0, 2), self.chance.random() < 0.5
        )

    def state(self) -> State:
        """A state at some point of a program."""
        return State(
            {self.chance.choice("abc"): self.value() for _ in range(self.chance.randint(0, 3))},
            Heap({self.id(): self.cell() for _ in range(self.chance.randint(0, 4))}),
            {self.id(): frozenset({self.chance.randint(0, 3)}) for _ in range(self.chance.randint(0, 4))},
            frozenset(self.some(self.pending, 2)),
        )


def joined(found: list[Element]) -> Value:
    """The value that may be any of these."""
    return reduce(join_values, ((element,) for element in found), NOTHING)


def made(make: Callable[[Maker], Any]) -> st.SearchStrategy[Any]:
    """Things of one sort, each from a number of its own."""
    return st.integers(0, 1 << 20).map(lambda seed: make(Maker(seed)))


ids = st.integers(FIRST, LAST - 1)
regions: st.SearchStrategy[Region] = made(Maker.region)
values: st.SearchStrategy[Value] = made(Maker.value)
slots: st.SearchStrategy[dict[str, Value]] = made(Maker.slots)
cells: st.SearchStrategy[Cell] = made(Maker.cell)
states: st.SearchStrategy[State] = made(Maker.state)


def settled(thing: Any) -> Any:
    """The same without the order of what is a set: a value's elements."""
    if isinstance(thing, State):
        return settled(thing.env), settled(thing.heap), thing.marks, thing.saved
    if isinstance(thing, Mapping):
        return {key: settled(value) for key, value in thing.items()}
    if isinstance(thing, Cell):
        return thing._replace(slots=settled(thing.slots), rest=settled(thing.rest))
    return frozenset(thing) if type(thing) is tuple else thing


@dataclass(frozen=True)
class Lattice:
    """Things of one sort, and how two of them are joined."""

    name: str
    things: st.SearchStrategy[Any]
    join: Callable[[Any, Any], Any]

    def same(self, a: object, b: object) -> bool:
        """Whether they are the same, but for the order of elements."""
        return bool(settled(a) == settled(b))

    def below(self, a: object, b: object) -> bool:
        """Whether one says nothing that the other does not allow for."""
        return self.same(self.join(a, b), b)


LATTICES = (
    Lattice("values", values, join_values),
    Lattice("slots", slots, join_slots),
    Lattice("cells", cells, join_cells),
    Lattice("states", st.none() | states, join),
)


def replaced(thing: Any, ids: Mapping[int, int]) -> Any:
    """The same with other numbers for objects and handles, wherever they stand in it."""
    if isinstance(thing, State):
        return State(*(replaced(part, ids) for part in (thing.env, thing.heap, thing.marks, thing.saved)))
    if isinstance(thing, Const | str | bool | None):
        return thing
    if isinstance(thing, int):
        return ids.get(thing, thing)
    if isinstance(thing, Mapping):
        return type(thing)({replaced(key, ids): replaced(value, ids) for key, value in thing.items()})  # type: ignore[call-arg]
    if isinstance(thing, frozenset):
        return frozenset(replaced(part, ids) for part in thing)
    if isinstance(thing, tuple):
        made = [replaced(part, ids) for part in thing]
        return type(thing)(*made) if hasattr(thing, "_fields") else tuple(made)
    return thing
