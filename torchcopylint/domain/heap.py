"""The state at a point of the program: names, objects, and which handles a write has made stale. Only the lattice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from operator import is_not
from types import MappingProxyType
from typing import NamedTuple

from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.identity import Id, Region, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import NO_FLAGS, Flag, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.value import NOTHING, KnownClass, Value, join_values

NO, MAYBE, YES = 0, 1, 2
MOST_SOURCES = 24
SLOTTED = frozenset(
    {Kind.LIST, Kind.DICT, Kind.TUPLE, Kind.SET, Kind.OBJECT, Kind.STATE_DICT, Kind.ITEMS, Kind.DISTRIBUTION}
)
_LASTING = frozenset({Layout.FROZEN, Layout.PARTLY_FROZEN, Layout.PERHAPS_ONE, Layout.PERHAPS_NONE})


class Cell(NamedTuple):
    """What is known of one object; a tuple, for there are very many.

    kind, how well it is proven, and on what ground; mixed: it is unknown since it may be of several kinds, and not for
    want of anything said of it; regions its data lies in and how surely; attached to the graph;
    leaf, given that it is attached; sources it was computed from, either the ones or the others where paths met;
    layout flags; attributes and items.
    """

    kind: Kind = Kind.UNKNOWN
    proof: int = 0
    regions: frozenset[Region] = frozenset()
    sure: Sure = Sure.MUST
    counter: bool = True
    attached: int = MAYBE
    leaf: int = MAYBE
    sources: frozenset[Id] = frozenset()
    either: bool = False
    layout: frozenset[Flag] = NO_FLAGS
    made: Origin = Origin.UNKNOWN
    of: frozenset[Id] = frozenset()
    slots: Mapping[str, Value] = MappingProxyType({})
    rest: Value = NOTHING
    family: AnyFamily = None
    cls: KnownClass | None = None
    ground: Ground = Ground.GUESSED
    mixed: bool = False


_ANYTHING = Cell()


class Pending(NamedTuple):
    """What a node of the graph keeps for backward: where it lies, what the node made; the write that changed it.

    counted: a write to it shows in its version counter.
    """

    number: Id
    made: Id
    regions: frozenset[Region]
    write: int = 0
    counted: bool = True


class Heap(dict[Id, Cell]):
    """Objects by identity; of one that is not here nothing is known."""

    def __missing__(self, obj: Id) -> Cell:
        return _ANYTHING

    def copy(self) -> Heap:
        """The same objects, to be changed apart."""
        return Heap(self)


def join_cells(a: Cell, b: Cell) -> Cell:
    """Whatever either may be."""
    if a is b or a == b:
        return a
    same = a.kind is b.kind
    mixed = _are_mixed(a, b)
    return Cell(
        kind=Kind.UNKNOWN if mixed else a.kind if a.kind is not Kind.UNKNOWN else b.kind,
        proof=min(a.proof, b.proof),
        regions=a.regions | b.regions,
        sure=a.sure if a.sure == b.sure and a.regions == b.regions else _less_sure(a.sure, b.sure),
        counter=a.counter and b.counter,
        attached=a.attached if a.attached == b.attached else MAYBE,
        leaf=_join_leaf(a, b),
        sources=bounded(a.sources | b.sources),
        either=a.either or b.either or a.sources != b.sources,
        layout=_join_layout(a, b),
        made=a.made if a.made is b.made else Origin.UNKNOWN,
        of=a.of | b.of,
        slots=join_slots(a.slots, b.slots),
        rest=join_values(a.rest, b.rest),
        family=a.family if a.family == b.family else None,
        cls=a.cls if a.cls is b.cls else None,
        ground=min(a.ground, b.ground) if same else Ground.GUESSED,
        mixed=mixed,
    )


def bounded(sources: frozenset[Id]) -> frozenset[Id]:
    """So many sources as are kept: the latest."""
    return sources if len(sources) <= MOST_SOURCES else frozenset(sorted(sources)[-MOST_SOURCES:])


def _join_leaf(a: Cell, b: Cell) -> int:
    """What is not attached has nothing to say about it beside what is, or may be."""
    if (a.attached == NO) != (b.attached == NO):
        return b.leaf if a.attached == NO else a.leaf
    return a.leaf if a.leaf == b.leaf else MAYBE


def _join_layout(a: Cell, b: Cell) -> frozenset[Flag]:
    """What both have; what is frozen in one is perhaps frozen, what may be None in one may be None."""
    if a.layout == b.layout:
        return a.layout
    joined = (a.layout & b.layout) | ((a.layout | b.layout) & _LASTING)
    if (Layout.FROZEN in a.layout) != (Layout.FROZEN in b.layout):
        joined |= {Layout.PARTLY_FROZEN}
    return joined


def _are_mixed(a: Cell, b: Cell) -> bool:
    """Whether they are of kinds that exclude each other: what it is then cannot be learnt from a third."""
    if Kind.UNKNOWN in (a.kind, b.kind):
        return any(cell.mixed and cell.kind is Kind.UNKNOWN for cell in (a, b))
    return a.kind is not b.kind


def _less_sure(a: Sure, b: Sure) -> Sure:
    return Sure.CONDITIONAL if Sure.CONDITIONAL in (a, b) else Sure.MAY


def join_slots(a: Mapping[str, Value], b: Mapping[str, Value]) -> Mapping[str, Value]:
    """Attributes and items of either; "?.name" beside an attribute that only one of them has set."""
    if a is b or a == b:
        return a
    merged = dict(a)
    for key, value in b.items():
        merged[key] = join_values(merged[key], value) if key in merged else value
    for key in a.keys() ^ b.keys():
        if key[0] == ".":
            merged[f"?{key}"] = NOTHING
    return merged


def with_slot(slots: Mapping[str, Value], key: str, value: Value) -> Mapping[str, Value]:
    """The slots with one of them set for sure."""
    return {**{k: v for k, v in slots.items() if k != f"?{key}"}, key: value}


def perhaps_one(layout: frozenset[Flag]) -> frozenset[Flag]:
    """The layout of what is picked out of that, where it may be a single one; said of masks and places only."""
    return layout | {Layout.PERHAPS_ONE} if Layout.MASK in layout else layout


@dataclass(slots=True)
class State:
    """Names, objects and stale marks; copied at branches, joined where they meet."""

    env: dict[str, Value] = field(default_factory=dict)
    heap: Heap = field(default_factory=Heap)
    marks: dict[Id, frozenset[int]] = field(default_factory=dict)
    saved: frozenset[Pending] = frozenset()

    def copy(self) -> State:
        """A state of its own; cells are shared, being immutable."""
        return State(self.env.copy(), self.heap.copy(), self.marks.copy(), self.saved)

    def sharing(self, regions: Iterable[Region]) -> set[Id]:
        """The objects whose data may lie in any of the regions."""
        wanted = tuple(regions)
        roots = {region[0] for region in wanted}
        found: set[Id] = set()
        for obj, cell in self.heap.items():
            for region in cell.regions:
                if region[0] in roots and any(overlap(region, w) for w in wanted):
                    found.add(obj)
                    break
        return found

    def same_as(self, other: State) -> bool:
        """Whether nothing differs."""
        return (
            self.env == other.env
            and self.marks == other.marks
            and self.saved == other.saved
            and self.heap == other.heap
        )


def join(a: State | None, b: State | None) -> State | None:
    """The state where two paths meet; None is a path not taken."""
    if a is None or b is None:
        return b if a is None else a
    return State(_join_env(a.env, b.env), _join_heaps(a.heap, b.heap), _join_marks(a, b), a.saved | b.saved)


def _join_env(a: dict[str, Value], b: dict[str, Value]) -> dict[str, Value]:
    merged = a.copy()
    for name, value in compress(b.items(), map(is_not, map(a.get, b), b.values())):
        mine = a.get(name)
        merged[name] = value if mine is None else join_values(mine, value)
    return merged


def _join_heaps(a: Heap, b: Heap) -> Heap:
    merged = a.copy()
    for obj, cell in compress(b.items(), map(is_not, map(a.get, b), b.values())):
        mine = a.get(obj)
        merged[obj] = cell if mine is None else join_cells(mine, cell)
    return merged


def _join_marks(a: State, b: State) -> dict[Id, frozenset[int]]:
    merged = a.marks.copy()
    for hand, writes in b.marks.items():
        merged[hand] = merged[hand] | writes if hand in merged else writes
    return merged
