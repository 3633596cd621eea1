"""Functions of the file: each interpreted once on its own, its effect then carried over to every call."""

from __future__ import annotations

from torchcopylint.domain.heap import Cell
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.use import Fate, ReadHow
from torchcopylint.domain.value import NOTHING, UNKNOWN, Callee, KnownClass, Ref, Value, refs_of
from torchcopylint.interpret.carry import carry_writes
from torchcopylint.interpret.classes import fields_of
from torchcopylint.interpret.effects.result import unknown_call
from torchcopylint.interpret.entry import class_slots, enter
from torchcopylint.interpret.inline import Carried
from torchcopylint.interpret.state.call_site import Handed
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.touch import fate, read
from torchcopylint.ir import Function
from torchcopylint.ir.kind import ParameterKind
from torchcopylint.ir.question import decorated
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Shape


def call_code(frame: Frame, callee: Callee, args: list[Value], keywords: dict[str, Value], node: Site) -> Value:
    """The value of a call to a function of this file, with all that it does to what it is given."""
    function = callee.code.function
    if callee.receiver is not None and not decorated(function.node, "staticmethod"):
        args = [(callee.receiver,), *args]
    for value in (*args, *keywords.values()):
        read(frame, value, node, ReadHow.PASSED, deep=False)
    body = frame if callee.code.home != frame.function.qualname else None
    if body is None:
        frame.program.outer[frame.function.qualname] = frame.here
    inner = enter(frame.program, function)
    if inner is None or inner.state is None or (function.generator and decorated(function.node, "contextmanager")):
        for value in (*args, *keywords.values()):
            fate(frame, value, Fate.PASSED)
        return unknown_call(frame, Shape(tuple(args), keywords), node)
    carried = Carried(frame, inner, node)
    _bind(carried, args, keywords)
    if function.generator:
        carried.over()
        each = carried.value(inner.yielded) or UNKNOWN
        return (frame.make(node, "generated", Cell(Kind.ITEMS, 3, rest=each)),)
    return _as_declared(frame, function, carried.over())


def _as_declared(frame: Frame, function: Function, value: Value) -> Value:
    """What a function gives, as far as only its annotation says what that is."""
    said = frame.program.annotation(function.returns, function.qualname)
    if said.kind not in (Kind.UNKNOWN, Kind.NONE, Kind.SCALAR):
        for ref in refs_of(value):
            if frame.here.heap[ref.obj].kind is Kind.UNKNOWN:
                frame.update(ref.obj, **said.known._asdict())
    return value


def _bind(carried: Carried, args: list[Value], keywords: dict[str, Value]) -> None:
    position = 0
    given: dict[str, Value] = {}
    for parameter in carried.inner.function.parameters:
        symbol = carried.inner.symbols.get(parameter.name)
        value: Value = NOTHING
        if parameter.kind is ParameterKind.PLAIN and position < len(args):
            value = args[position]
            position += 1
        elif parameter.name in keywords:
            value = keywords[parameter.name]
        if symbol is not None:
            carried.known[symbol] = value
            given[parameter.name] = value
    known = {parameter.name for parameter in carried.inner.function.parameters}
    if not keywords.keys() <= known and all(
        p.kind is not ParameterKind.DOUBLE_STAR for p in carried.inner.function.parameters
    ):
        return  # this call raises: it hands over nothing
    call = Handed(carried.frame, carried.node, given)
    carried.frame.program.calls.setdefault(carried.inner.function, []).append(call)


def note_run(frame: Frame, ref: Ref, args: list[Value], keywords: dict[str, Value], node: Site) -> None:
    """A module of this file is called: what its forward writes into its arguments is written here."""
    cell = frame.here.heap[ref.obj]
    forward = cell.cls.method("forward") if cell.cls is not None else None
    inner = enter(frame.program, forward) if forward is not None else None
    if inner is not None and inner.state is not None:
        carried = Carried(frame, inner, node)
        _bind(carried, [(ref,), *args], keywords)
        carry_writes(carried)


def _take_class_slots(frame: Frame, made: Ref, kind: KnownClass) -> None:
    """An object that is made of nothing has what its class has: the fields of a dataclass, for one."""
    outer = frame.program.outer.get(kind.home)
    slots = class_slots(frame.program, kind)
    if outer is not None:
        for value in slots.values():
            frame.adopt(value, outer.heap)
    frame.update(made.obj, slots={key: value for key, value in slots.items() if refs_of(value)})


def make_instance(frame: Frame, kind: KnownClass, args: list[Value], keywords: dict[str, Value], node: Site) -> Value:
    """A new object of a class of this file, as its `__init__` leaves it."""
    made = frame.make(
        node, "instance", Cell(kind.kind, 3, family=kind.family, cls=kind, made=Origin.FRESH, ground=kind.ground)
    )
    start = kind.method("__init__")
    if kind.kind is Kind.MODULE and not frame.program.training:
        return (made,)
    if start is not None:
        call_code(frame, Callee(frame.program.code(start, ""), made), args, keywords, node)
    elif (args or keywords) and (fields := fields_of(kind)):
        given = {**dict(zip(fields, args, strict=False)), **{n: v for n, v in keywords.items() if n in fields}}
        frame.update(made.obj, slots={f".{name}": value for name, value in given.items()})
    elif not args and not keywords:
        _take_class_slots(frame, made, kind)
    if start is None and kind.kind is Kind.OPTIMIZER:
        for value in args[:1]:
            frame.update(made.obj, slots={".held": value})
    return (made,)
