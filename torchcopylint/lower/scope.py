"""The code being built for one function, class body or file: blocks, temporaries, which names mean what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torchcopylint.ir import Block, Const, Instruction, Operand
from torchcopylint.ir.site import Site

_LIKE_THE_LEFT = frozenset("+ - / @".split())
_MOST_STEPS = 2


@dataclass(slots=True)
class Reads:
    """What a test looks at: names, dotted attributes, and whether it calls something that may vary."""

    names: set[str] = field(default_factory=set)
    varies: bool = False


@dataclass(slots=True)
class Scope:
    """A growing function: `renamed` maps a comprehension's own names, `assigned` collects what each open loop binds."""

    name: str
    qualname: str
    owner: str = ""
    block: list[Instruction] = field(default_factory=list)
    uses: dict[str, set[str]] = field(default_factory=dict)
    computed: dict[Operand, tuple[tuple[Operand, str], ...]] = field(default_factory=dict)
    """What was computed, a temporary or the name it is bound to → what of, if that is what it is, and how: "~" by an
    operator, "abs()~" by a method, "@net()~" by a call."""
    attributes: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    assigned: list[set[str]] = field(default_factory=list)
    reads: list[Reads] = field(default_factory=list)
    generator: bool = False
    dotted: dict[Operand, str] = field(default_factory=dict)
    temporaries: int = 0
    comprehensions: int = 0
    depth: int = 0
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    """What was read off each name before it was bound to something unrelated, for good: not in a branch or loop."""
    displayed: frozenset[Site] = frozenset()
    """The identities of statements whose value is shown to the user, not dropped: the last of a notebook's cells."""

    def emit(self, instruction: Instruction) -> None:
        """Append to the block being built."""
        self.block.append(instruction)

    def temp(self) -> Operand:
        """A temporary not used before."""
        self.temporaries += 1
        return f"%{self.temporaries}"

    def const(self, node: Site, value: object) -> Operand:
        """A temporary that holds a constant."""
        dst = self.temp()
        self.emit(Const(node, dst, value))
        return dst

    def read(self, name: str) -> Operand:
        """The operand a name stands for here."""
        operand = self.renamed.get(name, name)
        for reads in self.reads:
            reads.names.add(operand)
        return operand

    def bind(self, name: str) -> Operand:
        """The operand that an assignment to the name writes."""
        operand = self.renamed.get(name, name)
        self.computed.pop(operand, None)
        if name not in self.outer:
            self.bound.add(operand)
        self.note_assigned(operand)
        return operand

    def note_assigned(self, place: str) -> None:
        """Tell the open loops that they assign this name or dotted attribute."""
        for names in self.assigned:
            names.add(place)

    def use(self, operand: Operand, attr: str, called: bool = False) -> None:
        """Remember that an attribute is read off a name, and called, as `attr()`: evidence for what the name is."""
        self.attributes.add(attr)
        self.note(operand, attr)
        if called:
            self.note(operand, f"{attr}()")

    def note(self, operand: Operand, what: str) -> None:
        """Remember another thing that is evidence for what a name or an attribute of one is."""
        place = self.dotted.get(operand, "") if operand.startswith("%") else operand
        if place:
            self.uses.setdefault(place, set()).add(what)
        for side, how in self.computed.get(operand, ()) if what.count("~") < _MOST_STEPS else ():
            self.note(side, f"{how}{what}")

    def compute(self, result: Operand, left: Operand, operator: str, right: Operand) -> None:
        """An operator computed this: what is done with it says what its left side is, for numbers stand on the right.

        Either may be a number where it is multiplied by the other; both sides of `@` have elements.
        """
        if operator in _LIKE_THE_LEFT:
            self.computed[result] = tuple((side, "~") for side in ((left, right) if operator == "@" else (left,)))

    def replace(self, name: str) -> None:
        """The name stands for something else from here on: what is read off it says nothing of what it was before."""
        if self.depth == 0 and name not in self.given:
            self.given[name] = frozenset(self.uses.get(name, ()))

    def speak_for(self, inner: Scope) -> None:
        """What a nested function does counts as done here."""
        self.attributes |= inner.attributes
        self.dropped |= inner.dropped

    def frozen_uses(self) -> dict[str, frozenset[str]]:
        """The attributes read off each name."""
        return {name: frozenset(attrs) for name, attrs in self.uses.items()}

    def take(self) -> Block:
        """The block built so far, leaving an empty one."""
        block, self.block = tuple(self.block), []
        return block

    @contextmanager
    def nested(self) -> Iterator[list[Instruction]]:
        """Build a nested block: what is emitted inside goes to the list yielded."""
        saved, self.block = self.block, []
        self.depth += 1
        try:
            yield self.block
        finally:
            self.block = saved
            self.depth -= 1

    @contextmanager
    def loop(self) -> Iterator[set[str]]:
        """Collect what is assigned inside a loop."""
        names: set[str] = set()
        self.assigned.append(names)
        try:
            yield names
        finally:
            self.assigned.pop()

    @contextmanager
    def test(self) -> Iterator[Reads]:
        """Collect what a test reads."""
        reads = Reads()
        self.reads.append(reads)
        try:
            yield reads
        finally:
            self.reads.pop()

    @contextmanager
    def own_names(self, names: set[str]) -> Iterator[None]:
        """A comprehension's names live in a scope of their own."""
        saved = self.renamed
        self.comprehensions += 1
        self.renamed = saved | {name: f"{name}~{self.comprehensions}" for name in names}
        try:
            yield
        finally:
            self.renamed = saved
