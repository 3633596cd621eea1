"""Effects of calls, applied: arguments read and written, actions carried out, results made."""

from __future__ import annotations

from collections.abc import Callable

from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import NONE, SCALAR, Const, Value, refs_of
from torchcopylint.interpret.effects.action import ACTIONS
from torchcopylint.interpret.effects.container import (
    copy_deep,
    copy_shallow,
    hold,
    number,
    record,
    take_element,
    take_items,
    take_values,
    zip_up,
)
from torchcopylint.interpret.effects.copying import note_copy, note_growth, note_taken
from torchcopylint.interpret.effects.overlap import note_computed
from torchcopylint.interpret.effects.result import (
    context,
    fresh,
    live_references,
    method_name,
    output,
    parts,
    passed,
    plain,
    same,
    several,
    unknown,
    view,
)
from torchcopylint.interpret.effects.transfer_to_host import enqueue
from torchcopylint.interpret.state.autograd import attach
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log.copying import Pure
from torchcopylint.interpret.state.saved import save
from torchcopylint.interpret.state.touch import read, write
from torchcopylint.ir.question import arguments_of
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Act, Gives, Grad


def apply(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """Carry out an effect on these arguments; the call's value."""
    given = [*shape.args, *shape.keywords.values()]
    if effect.takes is not None:
        note_taken(frame, effect, shape, node)
    for i, value in enumerate(given):
        if i not in effect.writes:
            read(frame, value, node, _reading(effect, i))
    for i in effect.writes:
        if i < len(shape.args) and effect.act is not Act.LOADS:
            if method_name(node) in _ELEMENTWISE:
                for value in shape.args[i + 1 :]:
                    note_computed(frame, shape.args[i], value, node)
            with frame.gradients(True if effect.grad is Grad.NEVER else None):
                write(frame, shape.args[i], node, arithmetic=_computes(node), constant=_constant(shape, node))
    if effect.writes and effect.act is not Act.LOADS and effect.grad is not Grad.NEVER:
        _spread(frame, effect, shape)
    action = ACTIONS.get(effect.act)
    answer = action(frame, effect, shape, node) if action is not None else None
    if answer is not None:
        return answer
    value = RESULTS[effect.result](frame, effect, shape, node)
    save(frame, effect, shape, node, value)
    if effect.pure and _proven(frame, shape) and "inplace" not in shape.keywords:
        method = len(shape.args) + len(shape.keywords) > len(arguments_of(node))
        frame.log.copying.pure[node] = Pure(frame.here.heap[refs_of(shape.args[0])[0].obj], method)
    if effect.deferred:
        enqueue(frame, value, node, into=bool(effect.writes))
    if effect.copy is not None:
        note_copy(frame, effect.copy, shape, node, value)
    if effect.act is Act.JOINS:
        note_growth(frame, shape, node, value)
    return value


_ELEMENTWISE = frozenset(
    "copy_ add_ sub_ subtract_ mul_ multiply_ div_ divide_ true_divide_ floor_divide_ pow_ fmod_ remainder_ lerp_ "
    "addcmul_ addcdiv_ atan2_ hypot_ maximum_ minimum_ logical_and_ logical_or_ logical_xor_".split()
)


def _proven(frame: Frame, shape: Shape) -> bool:
    first = frame.cell(shape.args[0][0]) if shape.args and len(shape.args[0]) == 1 else None
    return first is not None and first.kind in DATA and first.proof >= 2


_READING = {
    Act.RUNS: ReadHow.CALLED,
    Act.LOADS: ReadHow.LOADED,
    Act.SAVES: ReadHow.SAVED,
    Act.STEPS: ReadHow.STEPPED,
    Act.BACKWARD: ReadHow.BACKWARD,
    Act.CLIPS: ReadHow.ASKED,
}


def _reading(effect: Effect, i: int) -> ReadHow:
    if effect.act in _READING and i in effect.on:
        return _READING[effect.act]
    if effect.act is Act.ASKS:
        return ReadHow.ASKED
    if effect.writes:
        return ReadHow.COMPUTED
    if effect.result in (Gives.LIVE, Gives.SAME, Gives.WRAPPED):
        return ReadHow.ASKED
    if effect.result in (Gives.VIEW, Gives.PARTS):
        return ReadHow.VIEWED
    return ReadHow.COMPUTED if effect.kind is Kind.TENSOR or effect.result is Gives.SCALAR else ReadHow.READ


_FILLING = frozenset("zero fill copy normal uniform set resize random bernoulli".split())


def _computes(node: Site) -> bool:
    return method_name(node).rstrip("_") not in _FILLING


def _constant(shape: Shape, node: Site) -> bool:
    if _computes(node):
        return False
    return len(shape.args) < 2 or all(isinstance(e, Const) for v in shape.args[1:] for e in v)


def _spread(frame: Frame, effect: Effect, shape: Shape) -> None:
    """What is written from an attached value becomes attached itself."""
    others = [v for i, v in enumerate(shape.args) if i not in effect.writes]
    for i in effect.writes:
        if i < len(shape.args):
            attach(frame, shape.args[i], others)


RESULTS: dict[Gives, Callable[[Frame, Effect, Shape, Site], Value]] = {
    Gives.FRESH: fresh,
    Gives.SEVERAL: several,
    Gives.VIEW: view,
    Gives.PERHAPS: view,
    Gives.PARTS: parts,
    Gives.SAME: same,
    Gives.WRAPPED: same,
    Gives.ELEMENT: take_element,
    Gives.ITEMS: take_items,
    Gives.VALUES: take_values,
    Gives.ENUMERATED: number,
    Gives.ZIPPED: zip_up,
    Gives.COPIED: copy_deep,
    Gives.SHALLOW: copy_shallow,
    Gives.HELD: hold,
    Gives.RECORD: record,
    Gives.LIVE: live_references,
    Gives.OUTPUT: output,
    Gives.PASSED: passed,
    Gives.CONTEXT: context,
    Gives.SCALAR: plain(SCALAR),
    Gives.NONE: plain(NONE),
    Gives.UNKNOWN: unknown,
}
