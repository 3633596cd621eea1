"""The calls in a file that lead to functions and classes of the project, and what each hands over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint import ir
from torchcopylint.domain.handed import INSTANCE, CallSite, Given
from torchcopylint.interpret.callers.operand import Operands
from torchcopylint.ir import Class, Function, MakeClass, MakeFunction, Module
from torchcopylint.models import LIBRARIES

_NO_CALLEE = ("", "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose calls are looked for: functions and classes at the top of the file, these and methods; runs: classes whose
    objects are called."""

    tops: frozenset[str]
    names: frozenset[str]
    runs: frozenset[str] = frozenset()


def own_calls(module: Module, wanted: Wanted) -> Iterator[CallSite]:
    """The calls in a file of its own functions and classes, with what each hands over."""
    for here, owner in _functions(Operands(module.top), wanted.names, wanted.runs):
        for call in _calls(here.function):
            callee, member = _own_callee(here, owner, call, wanted)
            if callee:
                yield _site(here, callee, member, call)


def other_calls(module: Module, words: frozenset[str]) -> Iterator[CallSite]:
    """The calls in a file of what it imports, in the functions that speak of these words of its imports."""
    for here, _ in _functions(Operands(module.top), words, words):
        for call in _calls(here.function):
            name = here.name_of(call.func)
            if name:
                if name[0] != ":" and not name.startswith(LIBRARIES):
                    yield _site(here, name, "", call)
                continue
            obj, method = here.method(call.func)
            cls = here.given(obj or call.func).cls
            if cls[:1] not in ("", ":"):
                yield _site(here, cls, method or INSTANCE, call)


def _functions(
    here: Operands, words: frozenset[str], classes: frozenset[str], owner: Class | None = None
) -> Iterator[tuple[Operands, Class | None]]:
    """The code of a file, and each function in it that speaks of one of the words, or is annotated with a class."""
    yield here, owner
    for i in ir.walk(here.function.body):
        inner = [i.function] if isinstance(i, MakeFunction) else []
        cls = i.cls if isinstance(i, MakeClass) else None
        for function in cls.methods.values() if cls is not None else inner:
            if _speaks(function, words, classes):
                yield from _functions(Operands(function, here), words, classes, cls)


def _speaks(function: Function, words: frozenset[str], classes: frozenset[str]) -> bool:
    if not words.isdisjoint(function.attributes) or not words.isdisjoint(function.uses):
        return True
    return any(name in p.annotation for p in function.parameters if p.annotation for name in classes)


def _calls(function: Function) -> Iterator[ir.Call]:
    return (i for i in ir.walk(function.body) if isinstance(i, ir.Call) and i.args)


def _own_callee(here: Operands, owner: Class | None, call: ir.Call, wanted: Wanted) -> tuple[str, str]:
    name = here.name_of(call.func)
    if name:
        return (name, "") if name[0] == ":" and name[1:] in wanted.tops else _NO_CALLEE
    obj, method = here.method(call.func)
    if (method not in wanted.names) if obj else (not wanted.runs):
        return _NO_CALLEE
    if obj and owner is not None and obj == _me(here.function):
        return f":{owner.qualname}", method
    cls = here.given(obj or call.func).cls
    return (cls, method or INSTANCE) if cls[:1] == ":" else _NO_CALLEE


def _me(function: Function) -> str:
    return function.parameters[0].name if function.parameters else ""


def _site(here: Operands, callee: str, member: str, call: ir.Call) -> CallSite:
    args: list[Given] = []
    for argument in call.args:
        if argument.star or argument.keyword:
            break
        args.append(here.given(argument.value))
    keywords = {argument.keyword: here.given(argument.value) for argument in call.args if argument.keyword}
    return CallSite(callee, member, tuple(args), keywords)
