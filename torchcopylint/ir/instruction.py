"""Steps without blocks of their own: values computed, names bound, attributes and items stored, jumps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint.ir.kind import BuildKind, JumpKind
from torchcopylint.ir.site import Site

Operand = str
Block = tuple["Instruction", ...]
NO_BLOCK: Block = ()


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One step; `node` is the syntax it came from."""

    node: Site

    def lines(self) -> Iterator[str]:
        """The instruction as text, nested blocks indented."""
        yield str(self)


@dataclass(frozen=True, slots=True, eq=False)
class Const(Instruction):
    dst: Operand
    value: object

    def __str__(self) -> str:
        return f"{self.dst} = {self.value!r}"


@dataclass(frozen=True, slots=True, eq=False)
class Move(Instruction):
    dst: Operand
    src: Operand
    annotation: str = ""

    def __str__(self) -> str:
        note = f": {self.annotation}" if self.annotation else ""
        return f"{self.dst}{note} = {self.src}"


@dataclass(frozen=True, slots=True, eq=False)
class LoadAttr(Instruction):
    dst: Operand
    obj: Operand
    attr: str
    called: bool = False

    def __str__(self) -> str:
        return f"{self.dst} = {self.obj}.{self.attr}"


@dataclass(frozen=True, slots=True, eq=False)
class StoreAttr(Instruction):
    obj: Operand
    attr: str
    src: Operand
    annotation: str = ""
    aug: bool = False

    def __str__(self) -> str:
        return f"{self.obj}.{self.attr} = {self.src}"


@dataclass(frozen=True, slots=True, eq=False)
class LoadItem(Instruction):
    dst: Operand
    obj: Operand
    index: Operand
    aug: bool = False

    def __str__(self) -> str:
        return f"{self.dst} = {self.obj}[{self.index}]"


@dataclass(frozen=True, slots=True, eq=False)
class StoreItem(Instruction):
    """`aug` marks the store that closes `x[i] += v`: the value is what was just loaded and changed."""

    obj: Operand
    index: Operand
    src: Operand
    aug: bool = False

    def __str__(self) -> str:
        return f"{self.obj}[{self.index}] = {self.src}"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: positional, by keyword, or unpacked (`star` 1 for *, 2 for **)."""

    value: Operand
    keyword: str = ""
    star: int = 0

    def __str__(self) -> str:
        return "*" * self.star + (f"{self.keyword}=" if self.keyword else "") + self.value


@dataclass(frozen=True, slots=True, eq=False)
class Call(Instruction):
    dst: Operand
    func: Operand
    args: tuple[Argument, ...]

    def __str__(self) -> str:
        return f"{self.dst} = {self.func}({', '.join(map(str, self.args))})"


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Instruction):
    dst: Operand
    op: str
    left: Operand
    right: Operand

    def __str__(self) -> str:
        return f"{self.dst} = {self.left} {self.op} {self.right}"


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Instruction):
    dst: Operand
    op: str
    src: Operand

    def __str__(self) -> str:
        return f"{self.dst} = {self.op} {self.src}"


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Instruction):
    dst: Operand
    op: str
    left: Operand
    right: Operand

    def __str__(self) -> str:
        return f"{self.dst} = {self.left} {self.op} {self.right}"


@dataclass(frozen=True, slots=True, eq=False)
class Augment(Instruction):
    """`target op= value`; dst is what the target is then bound to. With `item` a StoreItem follows and is the write."""

    dst: Operand
    op: str
    target: Operand
    value: Operand
    item: bool = False

    def __str__(self) -> str:
        return f"{self.dst} = {self.target} {self.op} {self.value}"


@dataclass(frozen=True, slots=True, eq=False)
class Build(Instruction):
    """A list, tuple or set display."""

    dst: Operand
    kind: BuildKind
    items: tuple[Argument, ...]

    def __str__(self) -> str:
        return f"{self.dst} = {self.kind.value}({', '.join(map(str, self.items))})"


@dataclass(frozen=True, slots=True, eq=False)
class BuildDict(Instruction):
    """A dict display; a key of None is a `**` item."""

    dst: Operand
    items: tuple[tuple[Operand | None, Operand], ...]

    def __str__(self) -> str:
        shown = (f"**{value}" if key is None else f"{key}: {value}" for key, value in self.items)
        return f"{self.dst} = dict({', '.join(shown)})"


@dataclass(frozen=True, slots=True, eq=False)
class Append(Instruction):
    """A comprehension's round adds an element (or, with a key, an item) to what it builds."""

    container: Operand
    value: Operand
    key: Operand | None = None

    def __str__(self) -> str:
        return f"{self.container} <- {f'{self.key}: ' if self.key else ''}{self.value}"


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Instruction):
    dst: Operand
    parts: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"{self.dst} = slice({', '.join(self.parts)})"


@dataclass(frozen=True, slots=True, eq=False)
class Unpack(Instruction):
    """Bind the elements of src to dsts; `star` is the index of a starred target, or -1."""

    dsts: tuple[Operand, ...]
    src: Operand
    star: int = -1

    def __str__(self) -> str:
        shown = [f"*{dst}" if i == self.star else dst for i, dst in enumerate(self.dsts)]
        return f"{', '.join(shown)} = unpack {self.src}"


@dataclass(frozen=True, slots=True, eq=False)
class Import(Instruction):
    dst: Operand
    name: str

    def __str__(self) -> str:
        return f"{self.dst} = import {self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Return(Instruction):
    src: Operand | None

    def __str__(self) -> str:
        return f"return {self.src or ''}".rstrip()


@dataclass(frozen=True, slots=True, eq=False)
class Yield(Instruction):
    dst: Operand
    src: Operand | None

    def __str__(self) -> str:
        return f"{self.dst} = yield {self.src or ''}".rstrip()


@dataclass(frozen=True, slots=True, eq=False)
class Discard(Instruction):
    """An expression statement: its value is dropped."""

    src: Operand
    shown: bool = False

    def __str__(self) -> str:
        return f"discard {self.src}"


@dataclass(frozen=True, slots=True, eq=False)
class Delete(Instruction):
    name: Operand

    def __str__(self) -> str:
        return f"del {self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Jump(Instruction):
    """`break`, `continue` or `raise`."""

    kind: JumpKind

    def __str__(self) -> str:
        return str(self.kind.value)


def nested(block: Block) -> Iterator[str]:
    """A block inside another as text, indented."""
    for instruction in block:
        for line in instruction.lines():
            yield "  " + line
