"""The slice across functions: which functions of the file take part in an event, and with which instructions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from torchcopylint.confirm.allowed import BUILTINS, is_own, methods, spelled
from torchcopylint.confirm.asked import Probe
from torchcopylint.confirm.between import between
from torchcopylint.confirm.called import Called, Calls
from torchcopylint.confirm.plan import Plan
from torchcopylint.confirm.slice import Code, Index, defined, in_place, self_of, slice_back, used
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import (
    Append,
    Augment,
    Binary,
    Call,
    Compare,
    Const,
    Discard,
    Function,
    If,
    Import,
    Instruction,
    LoadAttr,
    LoadItem,
    Loop,
    MakeClass,
    MakeFunction,
    Move,
    Operand,
    Return,
    StoreAttr,
    StoreItem,
    Try,
    Unary,
    With,
    Yield,
)
from torchcopylint.ir.question import text_of
from torchcopylint.ir.syntax import FunctionDef
from torchcopylint.models import ambient

_MOST_FUNCTIONS = 12
_EFFECTS = frozenset("step backward load_state_dict append extend update copy_ requires_grad_ eval train".split())

_KNOWN = frozenset({Calls.TORCH, Calls.BUILTIN, Calls.METHOD})


class Unwritable(Exception):
    """The slice cannot be written as a program; says why."""


_OF_THE_OBJECTS = frozenset(Probe) - {Probe.COST, Probe.REPLICATED, Probe.ADRIFT, Probe.ALIKE, Probe.DEFAULT}
"""Kinds of harm that what else is done to the objects may undo."""


@dataclass(slots=True)
class Reach:
    """What a program will be made of: the functions and classes that take part, with the instructions that are kept.

    refuting: those of the instructions that are in it because they may undo the harm; left_out: what may undo it too
    and cannot be in it, in the user's words.
    """

    index: Index
    program: Program
    plan: Plan
    main: Function
    kept: dict[Function, set[Instruction]] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    classes: list[MakeClass] = field(default_factory=list)
    sisters: list[Function] = field(default_factory=list)
    narrow: int = 0
    refuting: set[Instruction] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)
    marked: frozenset[Function] = frozenset()

    def __post_init__(self) -> None:
        self.marked = self._on_the_path()

    def _on_the_path(self) -> frozenset[Function]:
        """The functions that the path of the event goes by, and those that call them."""
        found = {f for code in self.index.codes.values() if self.seeds(f := code.function)}
        calls: dict[Function, set[Function]] = {}
        for code in self.index.codes.values():
            for i in code.every:
                if isinstance(i, Call):
                    target = self._callee(code, i).target
                    inner = [target] if isinstance(target, Function) else []
                    inner += target.cls.methods.values() if isinstance(target, MakeClass) else []
                    calls.setdefault(code.function, set()).update(inner)
        for _ in range(_MOST_FUNCTIONS):
            found |= {caller for caller, inner in calls.items() if not inner.isdisjoint(found)}
        return frozenset(found)

    def seeds(self, function: Function) -> set[Instruction]:
        """The instructions of a function that the path of the event goes by."""
        nodes = [node for node, _ in self.plan.watched] + [self.plan.node, self.plan.at, *self.plan.others]
        found: set[Instruction] = set()
        for node in nodes:
            here = [i for f, i in self.index.at.get(node, ()) if f is function]
            found |= {i for i in here if not isinstance(i, (Loop, If, Try, With, MakeFunction, MakeClass, Import))}
        if self.plan.kind in (Probe.STALE, Probe.KEPT):
            every = self.index.code(function).every
            made = {name for i in every if i in found for name in defined(i) if name[:1] == "%"}
            places = [i for i in every if isinstance(i, (StoreItem, StoreAttr, Append))]
            found |= {i for i in places if (i.value if isinstance(i, Append) else i.src) in made}
        if self.plan.kind is Probe.RAISE and self.plan.name.startswith("self."):
            attr = self.plan.name.removeprefix("self.")
            stores = [i for i in self.index.code(function).every if isinstance(i, StoreAttr) and i.attr == attr]
            found |= {i for i in stores if i.obj == self_of(function) and function.name != "__init__"}
        if self.plan.kind is Probe.LINK and found and self.plan.name.isidentifier():
            found |= {i for i in self.index.code(function).by_name.get(self.plan.name, ()) if isinstance(i, Move)}
        return found

    def refuters(self, function: Function, seeds: set[Instruction]) -> set[Instruction]:
        """What a function does to the objects of the path, between the steps of it that these seeds are.

        What cannot be in the program is noted as left out.
        """
        if self.plan.kind not in _OF_THE_OBJECTS:
            return set()
        code = self.index.code(function)
        found = between(code, seeds, self.plan.kind, lambda code, call: self.callee(code, call).how)
        for i in code.every:
            call = code.definition(i.src) if isinstance(i, Discard) else i
            if i in found and isinstance(call, Call) and self.callee(code, call).how is Calls.UNKNOWN:
                found.discard(i)
                self.left_out.append(text_of(call.node))
        self.refuting |= found
        return found

    def calls_on_the_path(self, function: Function) -> set[Instruction]:
        """The calls in a function of those that the path of the event goes by."""
        code = self.index.code(function)
        return {i for i in code.every if isinstance(i, Call) and self._goes_on(code, i)}

    def _goes_on(self, code: Code, call: Call) -> bool:
        target = self._callee(code, call).target
        methods = [target] if isinstance(target, Function) else []
        if target is None:
            made = [code.definition(m.src) for m in code.by_name.get(call.func, ()) if isinstance(m, Move)]
            classes = [self._callee(code, one).target for one in made if isinstance(one, Call)]
            known = [one for one in classes if isinstance(one, MakeClass)]
            methods = [m for one in known for name, m in one.cls.methods.items() if name in ("forward", "__call__")]
        return any(method in self.marked and method is not self.main for method in methods)

    def include(self, function: Function, seeds: set[Instruction]) -> None:
        """Take the slice of a function from these instructions, and the functions it calls."""
        code = self.index.code(function)
        if function not in self.functions:
            self.functions.append(function)
            if len(self.functions) > _MOST_FUNCTIONS:
                raise Unwritable("it goes through too many functions")
        before = self.kept.get(function, set())
        every = seeds | before | self.refuters(function, self.seeds(function))
        kept = slice_back(code, every, lambda i: self.stops(code, i), self.narrow > 1, self.plan.kind is Probe.OUTCOME)
        self.kept[function] = kept = kept | self._tests(code, kept)
        for instruction in code.every:
            if instruction in kept:
                self._reach(code, instruction)

    def _reach(self, code: Code, i: Instruction) -> None:
        if isinstance(i, Call):
            target = self.callee(code, i).target
            if isinstance(target, Function) and target not in self.functions:
                self.include(target, self.seeds(target) | effects(self.index.code(target)))
            elif isinstance(target, MakeClass) and target not in self.classes:
                self.classes.append(target)
                for name, method in target.cls.methods.items():
                    if name in ("__init__", "forward", "__call__", "__getitem__") and method not in self.functions:
                        self.include(method, self.seeds(method) | effects(self.index.code(method), stores=True))
        for name in used(i):
            self._reach_name(code, name)

    def _reach_name(self, code: Code, name: Operand) -> None:
        function = code.function
        if name[:1] == "%" or name in function.bound or function.name == "<module>" or name in self.index.imports:
            return
        found = self.index.named(function, name)
        if isinstance(found, Function) and found not in self.functions:
            self.include(found, self.seeds(found) | effects(self.index.code(found)))
        top = self.index.module.top
        wanted = {i for i in self.index.code(top).by_name.get(name, ()) if not isinstance(i, (MakeFunction, MakeClass))}
        if wanted and found is None and not wanted <= self.kept.get(top, set()):
            self.include(top, wanted)

    def _tests(self, code: Code, kept: set[Instruction]) -> set[Instruction]:
        """What computes the tests in the slice, of those that ask only for what the slice has."""
        here = {name for i in code.every if i in kept for name in (*used(i), *defined(i))}
        found: set[Instruction] = set()
        for i in code.every:
            if i in kept and isinstance(i, If):
                found |= self._computes(code, i.test, here) or set()
        return found

    def _computes(self, code: Code, operand: Operand, here: set[Operand]) -> set[Instruction] | None:
        """The instructions that compute an operand from what is here, None where something else is needed."""
        if operand in here and operand[:1] != "%":
            return set()
        i = code.definition(operand)
        if operand[:1] != "%" or not isinstance(i, (Compare, Unary, Const, LoadAttr, Call, LoadItem, Binary)):
            full = operand[:1] != "%" and self.dotted(code, operand)
            plain = operand in BUILTINS and operand not in code.function.bound and not self._global(operand)
            return set() if full or plain else None
        if self.stops(code, i) or (isinstance(i, Call) and self.callee(code, i).how not in _KNOWN):
            return None
        parts = [self._computes(code, name, here) for name in used(i)]
        if any(part is None for part in parts):
            return None
        return {i}.union(*(part for part in parts if part is not None))

    def stops(self, code: Code, i: Instruction) -> bool:
        """Whether a stand-in takes the place of what an instruction computes."""
        if isinstance(i, Call):
            return self.callee(code, i).how is Calls.UNKNOWN
        if isinstance(i, (MakeClass, MakeFunction, Import)):
            return True
        return isinstance(i, LoadAttr) and self.attribute(code, i) == ""

    def dotted(self, code: Code, operand: Operand) -> str:
        """The full dotted name that an operand stands for where it is something imported, else ""."""
        root, path = code.root(operand)
        if root[:1] == "%" or "" in path:
            return ""
        full = self.index.imports.get(root)
        if full is None:
            if root in code.function.bound or self.index.named(code.function, root) or code.function.name == "<lambda>":
                return ""
            full = ambient(root) if not self._global(root) else ""
            if full.startswith("builtins."):
                return ""
        elif root in code.by_name and not any(isinstance(i, Import) for i in code.by_name[root]):
            return ""
        return ".".join([full, *path]) if full else ""

    def _global(self, name: str) -> bool:
        return name in self.index.code(self.index.module.top).by_name

    def callee(self, code: Code, call: Call) -> Called:
        """What a call calls.

        In a narrow program, functions that the path does not go by are unknown.
        """
        found = self._callee(code, call)
        if self.narrow and isinstance(found.target, Function) and found.target not in self.marked:
            return Called(Calls.UNKNOWN, found.text)
        return found

    def _callee(self, code: Code, call: Call) -> Called:
        if full := self.dotted(code, call.func):
            name = spelled(full)
            return Called(Calls.TORCH, name) if name else Called(Calls.UNKNOWN, full)
        root, path = code.root(call.func)
        if not path:
            return self._plain_callee(code, call, root)
        owner = self.program.owner_of(code.function)
        if owner is not None and self._is_self(code, root) and len(path) == 1:
            method = owner.method(path[0])
            here = method is not None and method in self.index.codes
            if method is not None and here and not any(self._static(method)):
                return Called(Calls.FUNCTION, path[0], method)
        found = code.definition(call.func)
        if isinstance(found, LoadAttr):
            if root == "dict" and found.attr == "fromkeys":
                return Called(Calls.BUILTIN, "dict.fromkeys")
            if found.attr in methods():
                return Called(Calls.METHOD, found.attr)
            if self._is_self(code, root) and len(path) == 1:
                return Called(Calls.OBJECT)
            return Called(Calls.UNKNOWN, ".".join((root, *path)))
        return Called(Calls.OBJECT) if path[-1] == "" else Called(Calls.UNKNOWN, "")

    def _plain_callee(self, code: Code, call: Call, root: Operand) -> Called:
        target = self.index.named(code.function, root) if root[:1] != "%" else None
        if target is not None:
            if isinstance(target, MakeClass) and target.cls.name not in self.program.kinds:
                return Called(Calls.UNKNOWN, root)
            return Called(Calls.FUNCTION, root, target)
        if root in self.index.imports:
            return Called(Calls.UNKNOWN, root)
        bound = root in code.function.bound or self._global(root) or root[:1] == "%"
        if not bound and root in BUILTINS:
            return Called(Calls.BUILTIN, root)
        defining = code.definition(root)
        if isinstance(defining, Call) and self.callee(code, defining).how is Calls.UNKNOWN:
            return Called(Calls.UNKNOWN, root)
        return (
            Called(Calls.OBJECT) if bound or not ambient(root).startswith("builtins.") else Called(Calls.UNKNOWN, root)
        )

    def _static(self, method: Function) -> Iterable[bool]:
        for decorator in method.node.decorators if isinstance(method.node, FunctionDef) else ():
            yield "static" in text_of(decorator) or "class" in text_of(decorator)

    def _is_self(self, code: Code, name: Operand) -> bool:
        return self_of(code.function) == name

    def attribute(self, code: Code, i: LoadAttr) -> str:
        """How an attribute is written, "" where a stand-in must take its place."""
        full = self.dotted(code, i.dst)
        if full:
            return i.attr
        if i.attr in methods():
            return i.attr
        return own_name(i.attr)


def own_name(attr: str) -> str:
    """An attribute of the user's own as programs may spell it."""
    if is_own(attr):
        return attr
    plain = re.sub(r"\W", "", attr.strip("_"), flags=re.ASCII)
    return f"own_{plain}" if plain and is_own(f"own_{plain}") else "own_attribute"


def effects(code: Code, stores: bool = False) -> set[Instruction]:
    """The instructions by which a function matters to its callers: what it returns, writes and trains."""
    found: set[Instruction] = set()
    returns = [i for i in code.every if isinstance(i, Return) and i.src]
    last = [i for i in returns if not code.above[i]]
    for i in code.every:
        if (
            (isinstance(i, Return) and i in (last or returns))
            or isinstance(i, (StoreItem, Yield))
            or (isinstance(i, Augment) and _written(code, i))
            or (isinstance(i, StoreAttr) and (stores or not i.aug))
        ):
            found.add(i)
        elif isinstance(i, Call):
            func = code.definition(i.func)
            if isinstance(func, LoadAttr) and (func.attr in _EFFECTS or in_place(func.attr)):
                found.add(i)
    return found


def _written(code: Code, i: Augment) -> bool:
    return not i.item
