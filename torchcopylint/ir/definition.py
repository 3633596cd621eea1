"""Functions, classes and files, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from torchcopylint.ir.instruction import Block, Instruction, Operand, nested
from torchcopylint.ir.kind import ParameterKind
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: default is an operand of the enclosing block or None, and
    `node` its syntax."""

    name: str
    annotation: str = ""
    default: Operand | None = None
    kind: ParameterKind = ParameterKind.PLAIN
    node: Site | None = None


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
    node: Site
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
        return "\n".join([f"def {self.qualname}({shown}):", *nested(self.body)])


Spot: TypeAlias = Site | Function
"""Where something is made: the syntax, or the function itself for what it is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class: its bases as operands of the enclosing block, its body as a block, its methods by name."""

    name: str
    qualname: str
    node: Site | None
    bases: tuple[Operand, ...]
    body: Block
    methods: Mapping[str, Function]
    decorators: tuple[Operand, ...] = ()

    def __str__(self) -> str:
        return "\n".join([f"class {self.qualname}:", *nested(self.body)])


@dataclass(frozen=True, slots=True, eq=False)
class MakeFunction(Instruction):
    dst: Operand
    function: Function

    def __str__(self) -> str:
        return f"{self.dst} = def {self.function.qualname}"

    def lines(self) -> Iterator[str]:
        yield f"{self.dst} = {str(self.function).splitlines()[0]}"
        yield from nested(self.function.body)


@dataclass(frozen=True, slots=True, eq=False)
class MakeClass(Instruction):
    dst: Operand
    cls: Class

    def __str__(self) -> str:
        return f"{self.dst} = class {self.cls.qualname}"

    def lines(self) -> Iterator[str]:
        yield f"{self.dst} = class {self.cls.qualname}({', '.join(self.cls.bases)}):"
        yield from nested(self.cls.body)


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A whole file: its top-level code as a function without parameters."""

    top: Function

    def __str__(self) -> str:
        return "\n".join(line for instruction in self.top.body for line in instruction.lines())
