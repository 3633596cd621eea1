"""A function as a whole → Python: everything that it does, with the moments before and after one line of it marked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from torchcopylint.confirm.called import Calls
from torchcopylint.confirm.reach import Reach, Unwritable
from torchcopylint.confirm.slice import Code, self_of, slice_back, used
from torchcopylint.confirm.write import Writer
from torchcopylint.domain.kind import Kind
from torchcopylint.ir import (
    Block,
    Call,
    Function,
    Instruction,
    Jump,
    LoadAttr,
    StoreAttr,
)
from torchcopylint.ir.kind import JumpKind, ParameterKind
from torchcopylint.ir.question import text_of

_MOST_FUNCTIONS = 30
_STARS = {ParameterKind.STAR: "*", ParameterKind.DOUBLE_STAR: "**"}


@dataclass(slots=True)
class Line:
    """One line of a function: what stands on it."""

    function: Function
    instructions: frozenset[Instruction]


@dataclass(slots=True)
class WholeReach(Reach):
    """All of a function, and all of the functions that it calls."""

    line: Line | None = None

    def include(self, function: Function, seeds: set[Instruction]) -> None:
        """Take all of a function; of the module's own code, where that is not what is asked about, what is needed."""
        code = self.index.code(function)
        if function not in self.functions:
            self.functions.append(function)
            if len(self.functions) > _MOST_FUNCTIONS:
                raise Unwritable("it goes through too many functions")
        if function is self.index.module.top and function is not self.main:
            known = self.kept.get(function, set())
            self.kept[function] = slice_back(code, seeds | known, lambda i: self.stops(code, i))
        else:
            self.kept[function] = set(code.every)
        for instruction in code.every:
            if instruction in self.kept[function]:
                self._reach(code, instruction)

    def behind(self) -> None:
        """Note what the line depends on: without that the program says nothing about it."""
        assert self.line is not None
        code = self.index.code(self.line.function)
        on_line = set(self.line.instructions)
        behind = self._behind(code, on_line)
        self.refuting |= behind - on_line
        owner = self.program.owner_of(self.line.function)
        init = owner.method("__init__") if owner is not None else None
        if init is not None and init in self.functions and init is not self.line.function:
            me = self_of(self.line.function)
            read = {i.attr for i in behind | on_line if isinstance(i, LoadAttr) and i.obj == me}
            made = self.index.code(init)
            stores: set[Instruction] = {
                i for i in made.every if isinstance(i, StoreAttr) and i.attr in read and i.obj == self_of(init)
            }
            self.refuting |= self._behind(made, stores)
        for i in code.every:
            if i in on_line and isinstance(i, Call) and self._is_left_out(code, i):
                self.left_out.append(text_of(i.node))

    def _is_left_out(self, code: Code, call: Call) -> bool:
        """Whether what a call does is not in the program: it is unknown, or a method of the file's own of that name."""
        how = self.callee(code, call).how
        func = code.definition(call.func)
        own = isinstance(func, LoadAttr) and any(f.owner and f.name == func.attr for f in self.index.functions.values())
        return how is Calls.UNKNOWN or (how is Calls.METHOD and own)

    def _behind(self, code: Code, seeds: set[Instruction]) -> set[Instruction]:
        return slice_back(code, seeds, lambda i: self.stops(code, i), writes=True)


@dataclass(slots=True)
class WholeWriter(Writer):
    """A program that calls a function twice and tells what one line of it does."""

    line: Line | None = None
    open: bool = False

    def _missing(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.reach.left_out))

    def _in(self, i: Instruction) -> bool:
        assert self.line is not None
        return i in self.line.instructions

    def _body(self, code: Code, block: Block) -> None:
        kept = self.reach.kept.get(code.function, set())
        here = [i for i in block if i in kept]
        self.speller.enter(code, Counter(name for i in code.every if i in kept for name in used(i)))
        mine = False
        for number, instruction in enumerate(here):
            following = here[number + 1] if number + 1 < len(here) else None
            if self._in(instruction) and not self.open:
                self._line('mark("before")')
                mine = self.open = True
            elif mine and self.open and not self._in(instruction):
                self._line('mark("after")')
                mine = self.open = False
            self._instruction(code, instruction, following)
        if mine and self.open:
            self._line('mark("after")')
            self.open = False

    def _instruction(self, code: Code, i: Instruction, following: Instruction | None) -> None:
        if isinstance(i, Jump):
            if i.kind is not JumpKind.RAISE:
                self._line(str(i.kind.value))
            return
        Writer._instruction(self, code, i, following)

    def _emit(self, code: Code, text: str, *instructions: Instruction) -> None:
        start = len(self.lines)
        if text.startswith("return ") and self.open:
            Writer._emit(self, code, f"_r = {text.removeprefix('return ')}", *instructions)
            self.musts += range(start + 1, len(self.lines) + 1)
            self._line('mark("after")')
            self._line("return _r")
            self.open = False
            return
        Writer._emit(self, code, text, *instructions)
        if self.open:
            self.musts += range(start + 1, len(self.lines) + 1)

    def _enter(self, main: Function, again: bool = False) -> None:
        """Make what the function is given, and call it twice."""
        code = self.reach.index.code(main)
        owner = self.reach.program.owner_of(main) if self_of(main) else None
        args = []
        for number, parameter in enumerate(main.parameters):
            name = self.speller.variable(parameter.name)
            if owner is not None and number == 0:
                self._line(f"{name} = {'Own' if owner.kind is Kind.MODULE else 'Plain'}()")
                if main.name != "__init__":
                    self._initial(main, name)
            else:
                self._line(f"{name} = {self._given(code, parameter)}")
            star = _STARS.get(parameter.kind, "")
            args.append(f"{parameter.name}={name}" if parameter.kind is ParameterKind.KEYWORD else star + name)
        self._line('mark("made")')
        call = f"{self.speller.function(main)}({', '.join(args)})"
        call = f"list(rounds({call}))" if main.generator else call
        self._line(f"_r1 = {call}")
        self._line('mark("returned")')
        self._line(f"_r2 = {call}")
