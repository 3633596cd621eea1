"""One function being interpreted: where it stands, the objects and handles it makes, what it noticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from torchcopylint.domain.heap import NO, Cell, State
from torchcopylint.domain.identity import Id, roots_of
from torchcopylint.domain.layout import NO_FLAGS, Flag
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.value import UNKNOWN, Element, KnownClass, Named, Ref, Value, refs_of
from torchcopylint.interpret.state.log import Log
from torchcopylint.interpret.state.program import Birth, Program
from torchcopylint.interpret.state.round import Round
from torchcopylint.ir import Function, Operand, Spot
from torchcopylint.ir.site import Site
from torchcopylint.models import ambient


class Exhausted(Exception):
    """The function costs more than it may."""


@dataclass(slots=True)
class Frame:
    """The moving parts of interpreting one function."""

    program: Program
    """The file."""
    function: Function
    """What is interpreted."""
    owner: KnownClass | None = None
    """The class that it is a method of."""
    here: State = field(default_factory=State)
    """The state at this point; only asked for where the point is reached."""
    reached: bool = True
    """Whether this point is reached at all."""
    temps: dict[Operand, Value] = field(default_factory=dict)
    """The values of temporaries."""
    rounds: list[Round] = field(default_factory=list)
    """The loops around this point."""
    born: list[set[Id]] = field(default_factory=list)
    """For each of them, what its current round made."""
    lasting: list[int] = field(default_factory=list)
    """For each of them, how many guards hold to the end of its iteration."""
    breaks: list[list[State]] = field(default_factory=list)
    """For each of them, the states that leave it."""
    continues: list[list[State]] = field(default_factory=list)
    """For each of them, the states that go on with the next iteration."""
    exits: list[State] = field(default_factory=list)
    """The states in which the function is left early."""
    returned: Value = ()
    """What it may give back."""
    yielded: Value = ()
    """What it may hand out as a generator."""
    guards: int = 0
    """How many tests around this point make it run only now and then."""
    parted: bool = False
    """Whether an earlier test leaves the function."""
    tests: list[frozenset[str]] = field(default_factory=list)
    """What the tests around this point ask for, as written."""
    descents: list[dict[Site, set[Id]]] = field(default_factory=list)
    """For each branch around this point, the calls of backward in its arm, with what they went through."""
    protected: int = 0
    """How many `try` blocks with handlers, or tests for an error, are around this point."""
    doubt: bool = False
    """Whether what is called may be one of several functions."""
    turn: str = ""
    """Which element of a value is looked at: part of the identity of what is made for it."""
    clock: int = 0
    """How many objects were made so far."""
    ticks: dict[Id, int] = field(default_factory=dict)
    """When each was made, by that clock."""
    last_bound: tuple[Site | None, int] = (None, 0)
    """The statement that bound names last, and when."""
    mark: int = 0
    """When the statement before it did: what was made since was made for the names bound now."""
    last_backward: frozenset[Id] = frozenset()
    """What the last `backward` went through."""
    grad_off: bool = False
    """Whether gradients are off."""
    in_class: bool = False
    """Whether this point lies in the body of a class."""
    fuel: int = 30_000
    """How many more instructions may be interpreted."""
    targets: dict[str, Value] = field(default_factory=dict)
    """Names that loops bind → the tensors that they bound them to."""
    symbols: dict[str, Id] = field(default_factory=dict)
    """Parameters → the objects that stand for them."""
    given: dict[Id, Cell] = field(default_factory=dict)
    """What was known at the start of what the function is given."""
    log: Log = field(default_factory=Log)
    """What was noticed."""

    @property
    def state(self) -> State | None:
        """The state at this point; None where it is not reached."""
        return self.here if self.reached else None

    @state.setter
    def state(self, state: State | None) -> None:
        self.reached = state is not None
        if state is not None:
            self.here = state

    def get(self, operand: Operand) -> Value:
        """What an operand holds."""
        if operand[0] == "%":
            value = self.temps.get(operand)
            return value if value is not None else self.here.env.get(operand, UNKNOWN)
        value = self.here.env.get(operand)
        return value if value is not None else self._free(operand)

    def _free(self, name: str) -> Value:
        found, heap = self.program.free(self, name)
        if not found:
            return (Named(self._starred(name) or ambient(name)),)
        self.adopt(found, heap)
        self.here.env[name] = found
        return found

    def _starred(self, name: str) -> str:
        """The full name of what a `from ... import *` of another file of the project brings; "" where none does."""
        around = self.program.surroundings
        full = (f"{star}{'' if star.endswith('.') else '.'}{name}" for star in self.program.stars)
        return next((n for n in full if around is not None and around.find(n) is not None), "")

    def adopt(self, value: Value, heap: Mapping[Id, Cell]) -> None:
        """Know here what an enclosing function knows of the objects a value reaches."""
        waiting = [r.obj for r in refs_of(value)]
        while waiting:
            obj = waiting.pop()
            if obj not in self.here.heap and obj in heap:
                cell = self.here.heap[obj] = heap[obj]
                waiting += [r.obj for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)]
                waiting += [*roots_of(cell.regions)]

    def cell(self, element: Element) -> Cell | None:
        """What is known of the object behind a reference."""
        return self.here.heap.get(element.obj) if type(element) is Ref else None

    def layout(self, element: Element) -> frozenset[Flag]:
        """What is known of the layout of the object behind a reference."""
        cell = self.cell(element)
        return cell.layout if cell is not None else NO_FLAGS

    def make(self, node: Spot, tag: str, cell: Cell, how: Sharing = Sharing.MADE) -> Ref:
        """A new object of this place in the program; its data has a region of its own unless the cell says where."""
        program = self.program
        made = program.ids.of(self.function, node, tag + self.turn)
        if not cell.regions:
            cell = cell._replace(regions=frozenset({(made,)}))
        state = self.here
        state.heap[made] = cell
        state.marks.pop(made, None)
        for born in self.born:
            born.add(made)
        if made not in program.births:
            program.handles.open(made, made, node, how)
            program.births[made] = Birth(node, tuple(r.node for r in self.rounds), self.function)
        self.clock += 1
        self.ticks[made] = self.clock
        return Ref(made, made)

    def each(self, value: Value) -> Iterable[tuple[int, Element]]:
        """A value's elements, numbered; what is made for one is not taken for what is made for another."""
        return ((0, value[0]),) if len(value) == 1 else self._turns(value)

    def _turns(self, value: Value) -> Iterator[tuple[int, Element]]:
        turn = self.turn
        for n, element in enumerate(value):
            self.turn = f"{turn}/{n}" if n else turn
            yield n, element
        self.turn = turn

    def alias(self, ref: Ref, node: Site, tag: str, name: str, how: Sharing) -> Ref:
        """A new handle on the same object: it now also goes by this name."""
        hand = self.program.ids.of(self.function, node, tag)
        self.here.marks.pop(hand, None)
        for born in self.born:
            born.add(hand)
        self.program.handles.open(hand, ref.obj, node, how, name, parent=ref.hand)
        return Ref(ref.obj, hand)

    def just_made(self, hand: Id, node: Site) -> bool:
        """Whether this handle came up in the statement that `node` binds names for."""
        if self.last_bound[0] is not node:
            self.mark = self.last_bound[1]
        self.last_bound = (node, self.clock)
        return self.ticks.get(hand, 0) > self.mark

    def update(self, obj: Id, **changes: object) -> None:
        """Change what is known of an object."""
        self.here.heap[obj] = self.here.heap[obj]._replace(**changes)  # type: ignore[arg-type]

    @contextmanager
    def guarded(self, yes: bool) -> Iterator[None]:
        """Interpret something that only runs now and then."""
        self.guards += yes
        try:
            yield
        finally:
            self.guards -= yes

    @contextmanager
    def gradients(self, off: bool | None) -> Iterator[None]:
        """Interpret a block with gradients off (True), on (False) or as they are (None)."""
        saved = self.grad_off
        self.grad_off = saved if off is None else off
        try:
            yield
        finally:
            self.grad_off = saved

    def attached(self, wanted: int) -> int:
        """The graph state that a result really gets here."""
        return NO if self.grad_off else wanted
