"""Three-address code: what a file does, control flow still nested. An operand is a variable or a temporary (%n)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Operand = str
Block = tuple["Instruction", ...]
NO_BLOCK: Block = ()


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One step; `node` is the syntax it came from, opaque to everyone but the front end."""

    node: object

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
    kind: str
    items: tuple[Argument, ...]

    def __str__(self) -> str:
        return f"{self.dst} = {self.kind}({', '.join(map(str, self.items))})"


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

    kind: str

    def __str__(self) -> str:
        return self.kind


def _nested(block: Block) -> Iterator[str]:
    for instruction in block:
        for line in instruction.lines():
            yield "  " + line


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
        yield from _nested(self.body)
        if self.orelse:
            yield "else:"
            yield from _nested(self.orelse)


@dataclass(frozen=True, slots=True, eq=False)
class Loop(Instruction):
    """kind "for", "while" or "comprehension"; a for's body starts by binding `item`, a while's head computes `test`."""

    kind: str
    iterable: Operand
    item: Operand
    head: Block
    test: Operand
    body: Block
    orelse: Block
    assigned: frozenset[str] = frozenset()

    def __str__(self) -> str:
        if self.kind == "while":
            return f"while {self.test}:"
        return f"{self.kind} {self.item} in {self.iterable}:"

    def lines(self) -> Iterator[str]:
        yield str(self)
        if self.head:
            yield "  head:"
            for line in _nested(self.head):
                yield "  " + line
        yield from _nested(self.body)
        if self.orelse:
            yield "else:"
            yield from _nested(self.orelse)


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
        yield from _nested(self.body)
        for handler in self.handlers:
            yield "except:"
            yield from _nested(handler)
        for word, block in (("else:", self.orelse), ("finally:", self.final)):
            if block:
                yield word
                yield from _nested(block)


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
        yield from _nested(self.body)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: kind is "plain", "star" or "double star"; default is an operand of the enclosing block or None, and
    `node` its syntax."""

    name: str
    annotation: str = ""
    default: Operand | None = None
    kind: str = "plain"
    node: object = None


TOP = "<module>"
"""The name of a file's own code, the function around all others."""


def qualified(outer: str, name: str) -> str:
    """The qualified name of what is defined inside the function or class with that qualified name."""
    return f"{outer.removesuffix(TOP)}{name}" if outer.endswith(TOP) else f"{outer}.{name}"


def enclosing(qualname: str) -> str:
    """The qualified name of the function or class around: of "Net.forward" "Net", of "a/b:Net" "a/b:<module>"."""
    module, colon, name = qualname.rpartition(":")
    return f"{module}{colon}{name.rpartition('.')[0] or TOP}"


def top_of(qualname: str) -> str:
    """The qualified name of the code of the file that a function or class is in."""
    module, colon, _ = qualname.rpartition(":")
    return f"{module}{colon}{TOP}"


def is_foreign(qualname: str) -> bool:
    """Whether a function or class is in another file than the one that is linted."""
    return ":" in qualname


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function's code; `uses` are the attributes read off each name, `attributes` all, `owner` its class.

    given: for names that come to stand for something unrelated, those that were read off before.

    attributes also holds the names called, "f()" for those called on anything but a literal, the keywords given, and
    "+=", "[]=", "[] *", "* n" (of a list), "for", "for range", "for =" where these occur; dropped are the methods
    called as statements. Both speak for nested functions too. outer are the names declared global or nonlocal.
    """

    name: str
    qualname: str
    node: object
    parameters: tuple[Parameter, ...]
    body: Block
    decorators: tuple[Operand, ...] = ()
    returns: str = ""
    docstring: str = ""
    generator: bool = False
    uses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()
    owner: str = ""
    attributes: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    outer: frozenset[str] = frozenset()

    def __str__(self) -> str:
        shown = ", ".join(p.name for p in self.parameters)
        return "\n".join([f"def {self.qualname}({shown}):", *_nested(self.body)])


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class: its bases as operands of the enclosing block, its body as a block, its methods by name."""

    name: str
    qualname: str
    node: object
    bases: tuple[Operand, ...]
    body: Block
    methods: Mapping[str, Function]
    decorators: tuple[Operand, ...] = ()

    def __str__(self) -> str:
        return "\n".join([f"class {self.qualname}:", *_nested(self.body)])


@dataclass(frozen=True, slots=True, eq=False)
class MakeFunction(Instruction):
    dst: Operand
    function: Function

    def __str__(self) -> str:
        return f"{self.dst} = def {self.function.qualname}"

    def lines(self) -> Iterator[str]:
        yield f"{self.dst} = {str(self.function).splitlines()[0]}"
        yield from _nested(self.function.body)


@dataclass(frozen=True, slots=True, eq=False)
class MakeClass(Instruction):
    dst: Operand
    cls: Class

    def __str__(self) -> str:
        return f"{self.dst} = class {self.cls.qualname}"

    def lines(self) -> Iterator[str]:
        yield f"{self.dst} = class {self.cls.qualname}({', '.join(self.cls.bases)}):"
        yield from _nested(self.cls.body)


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A whole file: its top-level code as a function without parameters."""

    top: Function

    def __str__(self) -> str:
        return "\n".join(line for instruction in self.top.body for line in instruction.lines())


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
