"""What each instruction does to the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from torchcopylint import ir
from torchcopylint.domain.identity import base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import NO_FLAGS
from torchcopylint.domain.use import Fate, ReadHow
from torchcopylint.domain.value import (
    NONE,
    NOTHING,
    SCALAR,
    UNKNOWN,
    Bound,
    Callee,
    ClassOf,
    Const,
    Named,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret import flow
from torchcopylint.interpret.call import call
from torchcopylint.interpret.classes import classify
from torchcopylint.interpret.defaults import note_defaults
from torchcopylint.interpret.display import add_round, build, build_dict, cut
from torchcopylint.interpret.effects.apply import apply
from torchcopylint.interpret.effects.averaging import note_average
from torchcopylint.interpret.effects.container_slot import hand_out
from torchcopylint.interpret.effects.iterate import unpack
from torchcopylint.interpret.effects.rebinding import note_looking_up, note_rebinding
from torchcopylint.interpret.naming import bind
from torchcopylint.interpret.operate import augment, binary, comparison, unary
from torchcopylint.interpret.state.access import load_attr, load_item
from torchcopylint.interpret.state.frame import Exhausted, Frame
from torchcopylint.interpret.state.log import Discarded, Returned
from torchcopylint.interpret.state.mixed import note_several, note_there
from torchcopylint.interpret.state.touch import fate, read
from torchcopylint.interpret.store import store_attr, store_item
from torchcopylint.interpret.summary import call_code
from torchcopylint.ir import is_foreign
from torchcopylint.ir.kind import JumpKind
from torchcopylint.ir.question import value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Conditional
from torchcopylint.models import method_effect
from torchcopylint.models.effect import Shape
from torchcopylint.models.language import Gives


def run(frame: Frame, block: ir.Block) -> None:
    """Interpret a block until its end or a jump."""
    for instruction in block:
        if not frame.reached:
            return
        frame.fuel -= 1
        if frame.fuel < 0:
            raise Exhausted(frame.function.qualname)
        TRANSFER[type(instruction)](frame, instruction)


def _const(frame: Frame, i: ir.Const) -> None:
    frame.temps[i.dst] = (Const(i.value),)


def _move(frame: Frame, i: ir.Move) -> None:
    value = frame.get(i.src)
    if i.dst[0] == "%":
        frame.here.env[i.dst] = value
        return
    if frame.log.training.converted:
        frame.log.training.bound_from[value_of(i.node)] = i.dst
    if len(value) > 1 and frame.here.marks and isinstance(value_of(i.node), Conditional):
        for element in value:  # whoever picks one of two names takes them for two things
            read(frame, (element,), i.node)
    note_average(frame, i.node, frozenset(), frame.here.env.get(i.dst, NOTHING), value)
    bound = frame.here.env[i.dst] = bind(frame, value, i.dst, i.node, i.src[0] == "%", i.annotation)
    note_rebinding(frame, i, bound)


def _load_attr(frame: Frame, i: ir.LoadAttr) -> None:
    owner = frame.get(i.obj)
    note_there(frame, owner)
    value = load_attr(frame, owner, i.attr, i.node, i.called)
    found: Value = NOTHING
    for element in value:
        if type(element) is Bound and element.tag == "property":
            found = join_values(found, _property(frame, element, i.node))
        else:
            found = join_values(found, (element,))
    frame.temps[i.dst] = found


def _property(frame: Frame, element: Bound, node: Site) -> Value:
    cell = frame.cell(element.receiver)
    method = cell.cls.method(element.attr) if cell is not None and cell.cls is not None else None
    if method is not None:
        return call_code(frame, Callee(frame.program.code(method, ""), element.receiver), [], {}, node)
    traits = cell.layout if cell is not None else NO_FLAGS
    shape = Shape(((element.receiver,),), traits=traits)
    effect = method_effect(cell.kind if cell is not None else Kind.UNKNOWN, element.attr, shape)
    if effect is None or effect.result in (Gives.SCALAR, Gives.NONE):
        return SCALAR
    sure = cell.proof if cell is not None else 0
    return apply(frame, effect if effect.proof <= sure else replace(effect, proof=sure), shape, node)


def _load_item(frame: Frame, i: ir.LoadItem) -> None:
    note_there(frame, frame.get(i.obj))
    for ref in refs_of(frame.get(i.obj)):
        if frame.log.places.placings:
            note_looking_up(frame, ref, i.node)
    frame.temps[i.dst] = load_item(frame, frame.get(i.obj), frame.get(i.index), i.node, i.aug)


def _call(frame: Frame, i: ir.Call) -> None:
    value = frame.temps[i.dst] = call(frame, i)
    note_several(frame, value, i.node)


def _unpack(frame: Frame, i: ir.Unpack) -> None:
    value = frame.get(i.src)
    for dst, part in zip(i.dsts, unpack(frame, value, len(i.dsts), i.star, i.node), strict=True):
        frame.temps[dst] = part


def _import(frame: Frame, i: ir.Import) -> None:
    if i.dst != "*":
        frame.here.env[i.dst] = (Named(i.name),)
    elif not is_foreign(frame.function.qualname):
        frame.program.stars.append(i.name)


def _function(frame: Frame, i: ir.MakeFunction) -> None:
    code = frame.program.code(i.function, frame.function.qualname)
    value: Value = (Callee(code),)
    frame.program.define(frame, i.function)
    note_defaults(frame, i.function)
    if i.dst[0] == "%":
        frame.temps[i.dst] = value
    else:
        frame.here.env[i.dst] = value


def _class(frame: Frame, i: ir.MakeClass) -> None:
    kind = classify(frame, i.cls)
    if frame.state is not None:  # else its body never ends, and nothing is bound
        frame.state.env[i.dst] = (ClassOf(kind),)


def _return(frame: Frame, i: ir.Return) -> None:
    if i.src is not None:
        value = frame.get(i.src)
        read(frame, value, i.node, ReadHow.RETURNED)
        fate(frame, value, Fate.RETURNED)
        frame.log.memory.returns[i.node] = Returned(i.node, value)
        frame.returned = join_values(frame.returned, value)
    else:
        frame.returned = join_values(frame.returned, NONE)
    frame.exits.append(frame.here)
    frame.state = None


def _yield(frame: Frame, i: ir.Yield) -> None:
    if i.src is not None:
        value = frame.get(i.src)
        read(frame, value, i.node, ReadHow.RETURNED)
        fate(frame, value, Fate.RETURNED)
        hand_out(frame, value, i.node)
        frame.yielded = join_values(frame.yielded, value)
    frame.temps[i.dst] = UNKNOWN


def _discard(frame: Frame, i: ir.Discard) -> None:
    value = frame.get(i.src)
    frame.log.copying.dropped[i.node] = i.node
    if frame.protected:
        frame.log.copying.protected.add(i.node)
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        handle = frame.program.handles.of(ref.hand)
        if base_of(ref.hand) == base_of(ref.obj) and handle.node is i.node and len(value) == 1:
            frame.log.copying.discarded[i.node] = Discarded(i.node, cell)


def _delete(frame: Frame, i: ir.Delete) -> None:
    frame.here.env.pop(i.name, None)


def _jump(frame: Frame, i: ir.Jump) -> None:
    if i.kind is JumpKind.BREAK and frame.breaks:
        frame.breaks[-1].append(frame.here)
    elif i.kind is JumpKind.CONTINUE and frame.continues:
        frame.continues[-1].append(frame.here)
    frame.state = None


TRANSFER: dict[type[ir.Instruction], Callable[[Frame, Any], None]] = {
    ir.Const: _const,
    ir.Move: _move,
    ir.LoadAttr: _load_attr,
    ir.StoreAttr: store_attr,
    ir.LoadItem: _load_item,
    ir.StoreItem: store_item,
    ir.Call: _call,
    ir.Binary: binary,
    ir.Unary: unary,
    ir.Compare: comparison,
    ir.Augment: augment,
    ir.Build: build,
    ir.BuildDict: build_dict,
    ir.Append: add_round,
    ir.Slice: cut,
    ir.Unpack: _unpack,
    ir.Import: _import,
    ir.MakeFunction: _function,
    ir.MakeClass: _class,
    ir.Return: _return,
    ir.Yield: _yield,
    ir.Discard: _discard,
    ir.Delete: _delete,
    ir.Jump: _jump,
    ir.If: flow.branch,
    ir.Loop: flow.loop,
    ir.Try: flow.attempt,
    ir.With: flow.within,
}


__all__ = ["run"]
