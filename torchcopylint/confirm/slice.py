"""IR → what of it matters: an index of a file's instructions, and the backward slice from chosen ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torchcopylint.ir import (
    Append,
    Augment,
    Binary,
    Block,
    Build,
    BuildDict,
    Call,
    Compare,
    Const,
    Delete,
    Discard,
    Function,
    If,
    Import,
    Instruction,
    Jump,
    LoadAttr,
    LoadItem,
    Loop,
    MakeClass,
    MakeFunction,
    Module,
    Move,
    Operand,
    Return,
    Slice,
    StoreAttr,
    StoreItem,
    Try,
    Unary,
    Unpack,
    With,
    Yield,
    blocks_of,
    walk,
)
from torchcopylint.ir.kind import LoopKind
from torchcopylint.ir.question import decorators


def self_of(function: Function) -> Operand:
    """What a method calls its object, "" for what is none or gets none."""
    if not function.owner or not function.parameters:
        return ""
    return "" if "staticmethod" in decorators(function.node) else function.parameters[0].name


def defined(i: Instruction) -> tuple[Operand, ...]:
    """The operands an instruction binds."""
    if isinstance(i, Unpack):
        return i.dsts
    if isinstance(i, Loop):
        return (i.item,)
    if isinstance(i, With):
        return (i.bound,)
    dst = getattr(i, "dst", None)
    return (dst,) if isinstance(dst, str) and dst else ()


def used(i: Instruction) -> tuple[Operand, ...]:
    """The operands an instruction needs, but for those of its nested blocks."""
    match i:
        case Move() | Unpack() | Discard() | Unary():
            return (i.src,)
        case Return() | Yield():
            return (i.src,) if i.src else ()
        case LoadAttr():
            return (i.obj,)
        case StoreAttr():
            return (i.obj, i.src)
        case LoadItem():
            return (i.obj, i.index)
        case StoreItem():
            return (i.obj, i.index, i.src)
        case Call():
            return (i.func, *(a.value for a in i.args))
        case Binary() | Compare():
            return (i.left, i.right)
        case Augment():
            return (i.target, i.value)
        case Build():
            return tuple(a.value for a in i.items)
        case BuildDict():
            return tuple(o for pair in i.items for o in pair if o)
        case Append():
            return tuple(o for o in (i.container, i.value, i.key) if o)
        case Slice():
            return i.parts
        case Loop():
            return (i.iterable,) if i.kind is not LoopKind.WHILE and i.iterable else ()
        case With():
            return (i.context,)
        case _:
            return ()


@dataclass(slots=True)
class Code:
    """One function's instructions: by what they define, by the syntax they came from, with what encloses each."""

    function: Function
    body: Block
    every: tuple[Instruction, ...]
    by_name: dict[Operand, list[Instruction]] = field(default_factory=dict)
    above: dict[Instruction, tuple[Instruction, ...]] = field(default_factory=dict)
    order: dict[Instruction, int] = field(default_factory=dict)

    @classmethod
    def of(cls, function: Function, body: Block | None = None) -> Code:
        """The index of a function, with another body than its own where one is given."""
        body = function.body if body is None else body
        code = cls(function, body, tuple(walk(body)))
        for number, instruction in enumerate(code.every):
            code.order[instruction] = number
            for name in defined(instruction):
                code.by_name.setdefault(name, []).append(instruction)
        code._enclose(body, ())
        return code

    def _enclose(self, block: Block, above: tuple[Instruction, ...]) -> None:
        for instruction in block:
            self.above[instruction] = above
            for inner in blocks_of(instruction):
                self._enclose(inner, (*above, instruction))

    def definition(self, operand: Operand) -> Instruction | None:
        """The only instruction that defines an operand, if there is one only."""
        found = self.by_name.get(operand, ())
        return found[0] if len(found) == 1 else None

    def by_name_read(self, operand: Operand) -> list[Move]:
        """The moves that bind another name to what an operand holds."""
        return [i for i in self.every if isinstance(i, Move) and i.src == operand]

    def root(self, operand: Operand) -> tuple[Operand, tuple[str, ...]]:
        """The variable an operand is read off, and by which attributes; items count as ""."""
        path: list[str] = []
        for _ in range(12):
            found = self.definition(operand) if operand[:1] == "%" else None
            if isinstance(found, LoadAttr):
                path.append(found.attr)
                operand = found.obj
            elif isinstance(found, LoadItem):
                path.append("")
                operand = found.obj
            else:
                break
        return operand, tuple(reversed(path))


@dataclass(slots=True)
class Index:
    """A file's functions and classes, and where each piece of syntax became an instruction."""

    module: Module
    codes: dict[Function, Code] = field(default_factory=dict)
    at: dict[object, list[tuple[Function, Instruction]]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, MakeClass] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, module: Module) -> Index:
        """The index of a file."""
        index = cls(module)
        index._add(module.top)
        return index

    def _add(self, function: Function) -> None:
        code = self.codes[function] = Code.of(function)
        self.functions.setdefault(function.qualname, function)
        self._look(function, code.every)

    def _look(self, function: Function, every: tuple[Instruction, ...]) -> None:
        for instruction in every:
            self.at.setdefault(instruction.node, []).append((function, instruction))
            if isinstance(instruction, Import):
                self.imports.setdefault(instruction.dst, instruction.name)
            elif isinstance(instruction, MakeFunction):
                self._add(instruction.function)
            elif isinstance(instruction, MakeClass):
                self.classes.setdefault(instruction.cls.name, instruction)
                for method in instruction.cls.methods.values():
                    self._add(method)

    def code(self, function: Function) -> Code:
        """A function's instructions."""
        return self.codes[function]

    def named(self, function: Function, name: str) -> Function | MakeClass | None:
        """The function or class of this file that a name stands for in a function, if it is one."""
        home = function.qualname
        while True:
            found = self.functions.get(f"{home}.{name}" if home and home != "<module>" else name)
            if (found is not None and found.owner == "") or (found and found.qualname == name):
                return found
            if not home or home == "<module>":
                return self.classes.get(name)
            home = home.rpartition(".")[0]


_BINDS = frozenset("append extend insert add update setdefault appendleft register_buffer requires_grad_ eval".split())


def slice_back(
    code: Code, seeds: set[Instruction], stops: Callable[[Instruction], bool], near: bool = False, writes: bool = False
) -> set[Instruction]:
    """The instructions of a function on which the seeds depend; `stops`: what a stand-in is put for is not followed.

    near: only the statements of the seeds themselves; what other statements bind is not followed. writes: those to
    what is wanted matter too, whoever made it.
    """
    kept: set[Instruction] = set()
    wanted: set[Operand] = set()
    stores: set[str] = set()
    built: set[Operand] = set()

    def keep(instruction: Instruction) -> bool:
        if instruction in kept:
            return False
        kept.add(instruction)
        if not stops(instruction) or instruction in seeds:
            wanted.update(name for name in used(instruction) if not near or name[:1] == "%")
        if isinstance(instruction, LoadAttr) and code.definition(instruction.obj) is None:
            stores.add(f"{instruction.obj}.{instruction.attr}")
        if isinstance(instruction, (Build, BuildDict)):
            built.add(instruction.dst)
        if isinstance(instruction, Move) and instruction.src in built:
            built.add(instruction.dst)
        for outer in code.above[instruction]:
            keep(outer)
        return True

    for instruction in code.every:
        if instruction in seeds:
            keep(instruction)
    before = [i for i in code.every if _comes_before(code, i, seeds)]
    changed = True
    while changed:
        changed = False
        for instruction in before:
            if instruction not in kept and _matters(code, instruction, wanted, stores, built, writes):
                changed = keep(instruction) or changed
    return kept


def _comes_before(code: Code, i: Instruction, seeds: set[Instruction]) -> bool:
    """Whether an instruction may run before one of the seeds: it stands before, or a loop leads back, on one branch."""
    mine = {outer: outer for outer in code.above[i]}
    for seed in code.every:
        if seed not in seeds:
            continue
        common = [outer for outer in code.above[seed] if outer in mine]
        if any(isinstance(outer, Loop) for outer in common):
            return True
        apart = [outer for outer in common if isinstance(outer, If) and _apart(outer, i, seed)]
        if not apart and code.order[i] <= code.order[seed]:
            return True
    return False


def _apart(outer: If, one: Instruction, other: Instruction) -> bool:
    """Whether two instructions stand on different branches."""
    inside = set(walk(outer.body))
    return (one in inside) != (other in inside)


def _matters(
    code: Code, i: Instruction, wanted: set[Operand], stores: set[str], built: set[Operand], writes: bool
) -> bool:
    if isinstance(i, (Jump, Delete, Import, If, Try, Loop, With)):
        return any(name in wanted for name in defined(i))
    if any(name in wanted for name in defined(i)):
        return True
    if isinstance(i, StoreAttr):
        return f"{i.obj}.{i.attr}" in stores or (i.attr == "requires_grad" and code.root(i.obj)[0] in wanted)
    if isinstance(i, (StoreItem, Append)):
        target = i.obj if isinstance(i, StoreItem) else i.container
        return target in wanted and (writes or target in built or _is_local(code, target))
    if isinstance(i, Discard):
        call = code.definition(i.src)
        func = code.definition(call.func) if isinstance(call, Call) else None
        if not isinstance(func, LoadAttr) or func.obj not in wanted:
            return False
        return func.attr in _BINDS or (in_place(func.attr) and (writes or _is_local(code, func.obj)))
    return False


def in_place(name: str) -> bool:
    """Whether a method is named like one that writes."""
    return name.endswith("_") and not name.endswith("__")


def _is_local(code: Code, operand: Operand) -> bool:
    """Whether an operand is a variable that a call in the function made."""
    made = [code.definition(i.src) for i in code.by_name.get(operand, ()) if isinstance(i, Move)]
    return bool(made) and operand[:1] != "%" and all(isinstance(i, Call) for i in made)


__all__ = ["Code", "Const", "Index", "blocks_of", "defined", "in_place", "self_of", "slice_back", "used", "walk"]
