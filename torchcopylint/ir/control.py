"""Steps that hold blocks: branches, loops, exceptions, contexts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint.ir.instruction import Block, Instruction, Operand, nested
from torchcopylint.ir.kind import LoopKind


@dataclass(frozen=True, slots=True, eq=False)
class If(Instruction):
    """`reads` are the names and attributes the test looks at; `varies`: it calls something; `first`: `x is None`."""

    test: Operand
    body: Block
    orelse: Block
    reads: frozenset[str] = frozenset()
    varies: bool = False
    first: bool = False

    def __str__(self) -> str:
        return f"if {self.test}:"

    def lines(self) -> Iterator[str]:
        yield str(self)
        yield from nested(self.body)
        if self.orelse:
            yield "else:"
            yield from nested(self.orelse)


@dataclass(frozen=True, slots=True, eq=False)
class Loop(Instruction):
    """A for's body starts by binding `item`, a while's head computes `test`."""

    kind: LoopKind
    iterable: Operand
    item: Operand
    head: Block
    test: Operand
    body: Block
    orelse: Block
    assigned: frozenset[str] = frozenset()

    def __str__(self) -> str:
        if self.kind is LoopKind.WHILE:
            return f"while {self.test}:"
        return f"{self.kind.value} {self.item} in {self.iterable}:"

    def lines(self) -> Iterator[str]:
        yield str(self)
        if self.head:
            yield "  head:"
            for line in nested(self.head):
                yield "  " + line
        yield from nested(self.body)
        if self.orelse:
            yield "else:"
            yield from nested(self.orelse)


@dataclass(frozen=True, slots=True, eq=False)
class Try(Instruction):
    body: Block
    handlers: tuple[Block, ...]
    orelse: Block
    final: Block

    def __str__(self) -> str:
        return "try:"

    def lines(self) -> Iterator[str]:
        yield str(self)
        yield from nested(self.body)
        for handler in self.handlers:
            yield "except:"
            yield from nested(handler)
        for word, block in (("else:", self.orelse), ("finally:", self.final)):
            if block:
                yield word
                yield from nested(block)


@dataclass(frozen=True, slots=True, eq=False)
class With(Instruction):
    """One context manager; `bound` is the temporary that `as` binds at the start of the body."""

    context: Operand
    bound: Operand
    body: Block

    def __str__(self) -> str:
        return f"with {self.context} as {self.bound}:"

    def lines(self) -> Iterator[str]:
        yield str(self)
        yield from nested(self.body)


def blocks_of(instruction: Instruction) -> tuple[Block, ...]:
    """The blocks nested in an instruction of the same function, in the order of the source."""
    if isinstance(instruction, If):
        return (instruction.body, instruction.orelse)
    if isinstance(instruction, Loop):
        return (instruction.head, instruction.body, instruction.orelse)
    if isinstance(instruction, Try):
        return (instruction.body, *instruction.handlers, instruction.orelse, instruction.final)
    if isinstance(instruction, With):
        return (instruction.body,)
    return ()


_NESTING = frozenset((If, Loop, Try, With))


def walk(block: Block) -> Iterator[Instruction]:
    """Every instruction of a block and of those nested in it, in order; not those of nested functions."""
    for instruction in block:
        yield instruction
        if type(instruction) in _NESTING:
            for inner in blocks_of(instruction):
                yield from walk(inner)
