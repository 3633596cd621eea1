"""Calls: find what is called, and do what it does."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from torchcopylint import ir
from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import base_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import NO_FLAGS
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.use import Fate
from torchcopylint.domain.value import (
    NOTHING,
    UNKNOWN,
    Bound,
    Callee,
    ClassOf,
    Const,
    Element,
    Named,
    Ref,
    Unknown,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret.classes import attribute_kind
from torchcopylint.interpret.effects.apply import apply
from torchcopylint.interpret.effects.iterate import elements
from torchcopylint.interpret.effects.result import unknown_call
from torchcopylint.interpret.effects.training import trains
from torchcopylint.interpret.effects.transfer_to_host import settle
from torchcopylint.interpret.elsewhere import elsewhere, is_harmless, returned_kind
from torchcopylint.interpret.state.access import everything, load_attr
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.touch import fate, read
from torchcopylint.interpret.summary import call_code, make_instance, note_run
from torchcopylint.models import evidence, function_effect, inputs_of, method_effect, settles
from torchcopylint.models.effect import Shape


def call(frame: Frame, i: ir.Call) -> Value:
    """The value of a call, whatever it may call."""
    called = frame.get(i.func)
    value = _call_any(frame, called, i)
    if frame.log.memory.flights and any(_settles(e) for e in called):
        settle(frame)
    return value


def _call_any(frame: Frame, called: Value, i: ir.Call) -> Value:
    args, keywords = _arguments(frame, i)
    alike = _alike(frame, called) if len(called) > 1 else None
    if alike is not None:
        return _call_alike(frame, alike, called, args, keywords, i)
    found: Value = NOTHING
    doubt, frame.doubt = frame.doubt, frame.doubt or len(called) > 1
    for _, element in frame.each(called):
        found = join_values(found, _call_one(frame, element, args, keywords, i))
    frame.doubt = doubt
    return found or UNKNOWN


def _settles(called: Element) -> bool:
    """Whether a call waits for transfers: by its own name, or in the function of the file that it is."""
    if type(called) is Callee:
        return "synchronize" in called.code.function.attributes
    return settles(called.attr if type(called) is Bound else getattr(called, "name", "").rpartition(".")[2])


def _alike(frame: Frame, called: Value) -> tuple[Kind, str] | None:
    """(kind, method) where all that may be called is the same method of things of one kind, or modules."""
    found: set[tuple[Kind, str]] = set()
    for element in called:
        receiver, attr = (element.receiver, element.attr) if type(element) is Bound else (element, "__call__")
        cell = frame.cell(receiver)
        if cell is None or (attr == "__call__" and cell.kind is not Kind.MODULE):
            return None
        found.add((cell.kind, attr))
    return found.pop() if len(found) == 1 else None


def _call_alike(
    frame: Frame, alike: tuple[Kind, str], called: Value, args: list[Value], keywords: dict[str, Value], i: ir.Call
) -> Value:
    receivers = tuple(e.receiver if type(e) is Bound else e for e in called)
    if alike == (Kind.MODULE, "__call__"):
        for ref in refs_of(receivers):
            note_run(frame, ref, args, keywords, i.node)
    shape = _shape(frame, [receivers, *args], keywords)
    effect = method_effect(*alike, shape)
    if effect is None:
        return _guess(frame, alike[1], [receivers, *args], keywords, i)
    return apply(frame, effect, shape, i.node)


def _arguments(frame: Frame, i: ir.Call) -> tuple[list[Value], dict[str, Value]]:
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    for argument in i.args:
        value = frame.get(argument.value)
        if argument.star == 1:
            args.append(_spread(frame, value))
        elif argument.star == 2:
            keywords.update(_named(frame, value))
        elif argument.keyword:
            keywords[argument.keyword] = value
        else:
            args.append(value)
    return args, keywords


def _named(frame: Frame, value: Value) -> dict[str, Value]:
    """What `**value` hands over by name; all of it as "**" where the names are not known."""
    cell = frame.cell(value[0]) if len(value) == 1 else None
    if cell is None or cell.kind is not Kind.DICT or cell.rest or not cell.slots:
        return {"**": value}
    return {key[2:-2]: held for key, held in cell.slots.items() if key.startswith("['")}


def _spread(frame: Frame, value: Value) -> Value:
    found: Value = NOTHING
    for ref in refs_of(value):
        found = join_values(found, everything(frame.here.heap[ref.obj]))
    return found or UNKNOWN


def _call_one(frame: Frame, element: Element, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    if type(element) is Named:
        return _call_named(frame, element.name, args, keywords, i)
    if type(element) is Bound:
        known = _call_method(frame, element, args, keywords, i)
        return join_values(known, UNKNOWN) if type(element.receiver) is Unknown else known
    if type(element) is Callee:
        return call_code(frame, element, args, keywords, i.node)
    if type(element) is ClassOf:
        return make_instance(frame, element.known, args, keywords, i.node)
    if type(element) is Ref:
        return _call_object(frame, element, args, keywords, i)
    known = _unknown(frame, args, keywords, i)
    return join_values(known, UNKNOWN) if type(element) is Unknown else known


def _shape(frame: Frame, args: list[Value], keywords: dict[str, Value]) -> Shape:
    kinds = tuple(_kind(frame, value) for value in args)
    traits = [frame.layout(element) for element in args[0]] if args else []
    shared = traits[0] if len(traits) == 1 else frozenset.intersection(*traits) if traits else NO_FLAGS
    return Shape(tuple(args), keywords, kinds, shared, _sizes(frame, args[0]) if args else None)


def _sizes(frame: Frame, value: Value) -> tuple[int, ...] | None:
    """The sizes of a tensor as a factory made it; None of anything else."""
    only = value[0] if len(value) == 1 else None
    return frame.program.in_rows.get(base_of(only.obj)) if type(only) is Ref else None


def _kind(frame: Frame, value: Value) -> Kind:
    cell = frame.cell(value[0]) if value else None
    return cell.kind if cell is not None else Kind.UNKNOWN


def _call_named(frame: Frame, name: str, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    if name == "builtins.super":
        return _super(frame, i)
    if name in _HIGHER and args and any(type(e) is Callee for e in args[0]):
        return _HIGHER[name](frame, args, keywords, i)
    args, keywords = _in_place_order(name, args, keywords)
    shape = _shape(frame, args, keywords)
    effect = function_effect(name, shape)
    if effect is not None:
        return apply(frame, effect, shape, i.node)
    found = elsewhere(frame.program, name)
    if found is not None:
        return _call_one(frame, found, args, keywords, i)
    harmless = is_harmless(frame.program, name)
    guessed = _unknown(frame, args, keywords, i) if harmless else _guess(frame, name, args, keywords, i)
    known, cls = returned_kind(frame.program, name)
    for ref in refs_of(guessed) if known.kind is not Kind.UNKNOWN else ():
        frame.update(ref.obj, **known._asdict(), cls=cls, family=cls.family if cls is not None else None)
    return guessed


def _in_place_order(name: str, args: list[Value], keywords: dict[str, Value]) -> tuple[list[Value], dict[str, Value]]:
    """The arguments with those by position that are given by keyword: `torch.add(input=a, other=b)`."""
    order = inputs_of(name) if keywords and "**" not in keywords else ()
    given = list(takewhile(keywords.__contains__, order[len(args) :]))
    rest = {key: value for key, value in keywords.items() if key not in given}
    return [*args, *(keywords[key] for key in given)], rest


def _map(frame: Frame, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    """`map(f, xs)`: what f gives for an element of each."""
    each = [elements(frame, value, i.node, f"mapped{n}") for n, value in enumerate(args[1:])]
    given: Value = NOTHING
    for element in args[0]:
        given = join_values(given, _call_one(frame, element, each, {}, i))
    return (frame.make(i.node, "mapped", Cell(Kind.ITEMS, 3, rest=given)),)


def _partial(frame: Frame, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    """`partial(f, x)`: f with its first argument bound, as a method's is; with more it is not followed."""
    bound = args[1] if len(args) == 2 and not keywords else NOTHING
    callee = args[0][0] if len(args[0]) == 1 else None
    if isinstance(callee, Callee) and callee.receiver is None and len(bound) == 1:
        return (Callee(callee.code, bound[0]),)
    return _unknown(frame, args, keywords, i)


_HIGHER = {"builtins.map": _map, "functools.partial": _partial}


def _super(frame: Frame, i: ir.Call) -> Value:
    owner = frame.here.env.get(frame.function.parameters[0].name, UNKNOWN) if frame.function.parameters else UNKNOWN
    return (frame.make(i.node, "super", Cell(Kind.SUPER, 3, slots={".self": owner})),)


def _call_method(frame: Frame, element: Bound, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    receiver = element.receiver
    cell = frame.cell(receiver)
    kind = cell.kind if cell is not None else Kind.UNKNOWN
    if cell is not None and kind is Kind.UNKNOWN:
        learned, proof = evidence.kind_from_uses((element.attr, f"{element.attr}()"), frame.function.dropped)
        if learned is not Kind.UNKNOWN and type(receiver) is Ref:
            frame.update(receiver.obj, kind=learned, proof=proof)
            kind = learned
    if kind is Kind.SUPER:
        return _call_super(frame, element, cell, args, keywords, i)
    given = [(receiver,), *args]
    if kind is Kind.TENSOR:
        given, keywords = _in_place_order(f"Tensor.{element.attr}", given, keywords)
    shape = _shape(frame, given, keywords)
    effect = method_effect(kind, element.attr, shape)
    if effect is None and kind in (Kind.OBJECT, Kind.LOADER, Kind.DATASET):
        effect = method_effect(Kind.UNKNOWN, element.attr, shape)
    layer = cell is not None and attribute_kind(frame.program, cell.cls, element.attr).kind is Kind.MODULE
    if effect is None and layer:
        held = refs_of(load_attr(frame, (receiver,), element.attr, i.node, False))
        return _call_object(frame, held[0], args, keywords, i) if held else UNKNOWN
    if effect is None:
        return _guess(frame, element.attr, [(receiver,), *args], keywords, i)
    if cell is not None and kind in DATA and type(receiver) is Ref:
        sure = frame.here.heap[receiver.obj].proof
        effect = effect if effect.proof <= sure else replace(effect, proof=sure)
    return apply(frame, effect, shape, i.node)


def _call_super(
    frame: Frame, element: Bound, cell: Cell | None, args: list[Value], keywords: dict[str, Value], i: ir.Call
) -> Value:
    owner = cell.slots.get(".self", UNKNOWN) if cell is not None else UNKNOWN
    kind = frame.owner
    for base in kind.bases if kind is not None else ():
        method = base.method(element.attr)
        if method is not None:
            receiver = owner[0] if owner else None
            return call_code(frame, Callee(frame.program.code(method, ""), receiver), args, keywords, i.node)
    if element.attr == "__init__":
        return UNKNOWN
    return _guess(frame, element.attr, [owner, *args], keywords, i)


def _call_object(frame: Frame, ref: Ref, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    cell = frame.here.heap[ref.obj]
    shape = _shape(frame, [(ref,), *args], keywords)
    if cell.kind is Kind.UNKNOWN and cell.made is Origin.UNKNOWN:
        handle = frame.program.handles.of(ref.hand)
        kind, proof = evidence.kind_from_name(handle.name.rpartition(".")[2])
        if kind is Kind.MODULE:
            frame.update(ref.obj, kind=kind, proof=proof)
            cell = frame.here.heap[ref.obj]
    method = cell.cls.method("__call__") if cell.cls is not None and cell.kind is not Kind.MODULE else None
    if method is not None:
        return call_code(frame, Callee(frame.program.code(method, ""), ref), args, keywords, i.node)
    if cell.kind is Kind.MODULE:
        note_run(frame, ref, args, keywords, i.node)
        effect = method_effect(Kind.MODULE, "__call__", shape)
        assert effect is not None
        return apply(frame, effect, shape, i.node)
    name = frame.program.handles.of(ref.hand).name.rpartition(".")[2].lower()
    if ("criterion" in name or "loss" in name) and len(args) >= 2:
        effect = function_effect("torch.nn.functional.mse_loss", shape)
        assert effect is not None
        lost = apply(frame, effect, _shape(frame, args, keywords), i.node)
        for given in refs_of(lost):
            frame.update(given.obj, family=Family.OUTPUT)  # what is unpacked from it may be anything
        return lost
    return _guess(frame, name, [(ref,), *args], keywords, i)


def _guess(frame: Frame, name: str, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    """A call that is not known: it reads its arguments; one named like training trains the modules it is given."""
    last = name.rpartition(".")[2].lower()
    if last.startswith(("train", "fit", "run_epoch", "run_train", "optimize")) and not _sets_mode(args, keywords):
        for value in [*args, *keywords.values()]:
            for ref in refs_of(value):
                for held in (ref, *refs_of(frame.here.heap[ref.obj].slots.get(".given", NOTHING))):
                    cell = frame.here.heap[held.obj]
                    if cell.kind is Kind.MODULE and cell.proof >= 1:
                        trains(frame, held, cell.regions, i.node)
    return _unknown(frame, args, keywords, i)


def _sets_mode(args: list[Value], keywords: dict[str, Value]) -> bool:
    """`x.train()` and `x.train(False)` of an unknown thing may only set its mode."""
    return not keywords and all(isinstance(e, Const) and isinstance(e.value, bool) for v in args[1:] for e in v)


def _unknown(frame: Frame, args: list[Value], keywords: dict[str, Value], i: ir.Call) -> Value:
    values = [*args, *keywords.values()]
    for value in values:
        read(frame, value, i.node)
        fate(frame, value, Fate.PASSED)
    return unknown_call(frame, Shape(tuple(args), keywords), i.node)
