"""What calls do beyond their value: append, freeze, save, test, replicate; the table of all actions."""

from __future__ import annotations

from collections.abc import Callable

from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, base_of, roots_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Dtype, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import NO_LINK
from torchcopylint.domain.use import Conversion, CopyHow, Fate
from torchcopylint.domain.value import (
    NOTHING,
    SCALAR,
    UNKNOWN,
    ClassOf,
    Element,
    Named,
    Narrow,
    Value,
    const_of,
    join_values,
    refs_of,
)
from torchcopylint.interpret.effects.concern import Answer, concerned
from torchcopylint.interpret.effects.container import copy_deep
from torchcopylint.interpret.effects.container_slot import held_in
from torchcopylint.interpret.effects.copying import note_copy
from torchcopylint.interpret.effects.data_assignment import adopt
from torchcopylint.interpret.effects.departure import modules_leave
from torchcopylint.interpret.effects.gradient import clip, zero
from torchcopylint.interpret.effects.history import keep
from torchcopylint.interpret.effects.optimizer import hold_more, hold_parameters, replace_part, schedule
from torchcopylint.interpret.effects.overlap import note_filled
from torchcopylint.interpret.effects.training import (
    compare_arguments,
    descend,
    detach,
    differentiate,
    freeze,
    load,
    relink,
    require,
    retain,
    run_module,
    share_state,
    step,
)
from torchcopylint.interpret.state.access import everything, load_attr
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Converted, InSeveral, Lacking
from torchcopylint.interpret.state.touch import fate, hands_of, write
from torchcopylint.ir.question import arguments_of, method_of
from torchcopylint.ir.site import Site
from torchcopylint.models.annotation import of_class
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Act


def _appends(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    container, value = concerned(effect, shape), concerned(effect, shape, 1)
    fate(frame, value, Fate.STORED)
    keep(frame, container, value, node)
    args = arguments_of(node)
    frame.log.places.adding.add(node)
    placed = held_in(frame, container, value, args[-1].value if args else None)
    for ref in refs_of(container):
        cell = frame.here.heap[ref.obj]
        for held in refs_of(value):
            frame.log.places.homes.setdefault(base_of(held.hand), ref.hand)
        if frame.program.replicated.get(base_of(ref.obj), 0) not in frame.program.slot_stores | {0}:
            frame.program.changed.add(base_of(ref.obj))
        frame.update(ref.obj, rest=join_values(cell.rest, placed))
    return None


def _extends(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    for ref in refs_of(concerned(effect, shape)):
        for held in refs_of(concerned(effect, shape, 1)):
            frame.log.places.homes.setdefault(base_of(held.hand), ref.hand)
        for other in refs_of(concerned(effect, shape, 1)):
            cell, more = frame.here.heap[ref.obj], frame.here.heap[other.obj]
            fate(frame, everything(more), Fate.STORED)
            keep(frame, (ref,), everything(more), node)
            frame.update(ref.obj, rest=join_values(cell.rest, everything(more)))
    return None


def _clears(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    for ref in refs_of(concerned(effect, shape)):
        frame.update(
            ref.obj, rest=NOTHING, slots={k: v for k, v in frame.here.heap[ref.obj].slots.items() if k[0] == "."}
        )
    return None


def _word(kind: Kind) -> str:
    return str(kind.value)


def _is_instance(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    kinds: set[Kind] = set()
    for element in shape.value(1):
        found = frame.cell(element)
        inner = [e for v in found.slots.values() for e in v] if found is not None else [element]
        kinds |= {_asked_for(part) for part in inner}
    name = next((frame.program.handles.of(r.hand).name for r in refs_of(shape.value(0))), "")
    return (Narrow(name, tuple(sorted(kinds, key=_word))),) if name else SCALAR


def _asked_for(part: Element) -> Kind:
    """What an instance of that class is; of a class of the program, an object where all of its bases are known."""
    if isinstance(part, Named):
        return of_class(part.name.removeprefix("builtins.")).kind
    if not isinstance(part, ClassOf):
        return Kind.UNKNOWN
    plain = part.known.kind in (Kind.UNKNOWN, Kind.OBJECT) and not part.known.foreign
    return Kind.OBJECT if plain else Kind.CLASS


def _tests_tensor(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    name = next((frame.program.handles.of(r.hand).name for r in refs_of(shape.value(0))), "")
    return (Narrow(name, (Kind.TENSOR,)),) if name else SCALAR


def _gets(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    attr = shape.const(1)
    return load_attr(frame, shape.value(0), attr, node, False) if isinstance(attr, str) else None


def _sets(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    for ref in refs_of(shape.value(0)):
        cell = frame.here.heap[ref.obj]
        attr = shape.const(1)
        if isinstance(attr, str):
            frame.update(ref.obj, slots={**cell.slots, f".{attr}": shape.value(2) or SCALAR})
        part = f".{attr}" if isinstance(attr, str) else "*"
        replace_part(frame, ref, part, shape.value(2), node)
    return SCALAR


def _sets_default(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    for ref in refs_of(shape.value(0)):
        cell = frame.here.heap[ref.obj]
        frame.update(ref.obj, rest=join_values(cell.rest, shape.value(2)))
    return None


def replicate(frame: Frame, value: Value, node: Site, into: Id, repeated: bool = False) -> None:
    """The same objects now stand in several places."""
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is not None and cell.kind in (Kind.MODULE, Kind.TENSOR, Kind.LIST, Kind.NDARRAY, Kind.DICT):
            frame.program.replicated[base_of(ref.obj)] = into
            frame.log.places.replicated[base_of(ref.obj)] = InSeveral(
                node, cell.kind, cell.family, cell.proof, cell.ground, ref.hand, repeated, frame.in_class
            )


def _replicates(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    made = frame.make(node, "fromkeys", Cell(Kind.DICT, 3, rest=shape.value(1) or SCALAR, ground=Ground.MADE))
    replicate(frame, shape.value(1), node, made.obj)
    return (made,)


def _saves(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    fate(frame, shape.value(0), Fate.SAVED)
    if len(effect.on) > 1:
        for ref in refs_of(shape.value(effect.on[1])):
            cell = frame.here.heap[ref.obj]
            if cell.kind is Kind.PACKED:
                frame.update(ref.obj, slots={".packed": UNKNOWN if cell.slots else shape.value(0)})
                frame.log.copying.marked[base_of(ref.obj)] = _marks(frame, shape.value(0))
    return None


def _packs(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """Bytes, or a buffer for them; what else becomes of it is remembered as of a copy."""
    packed = {".packed": shape.value(0)} if effect.on else {}
    made = frame.make(node, "packed", Cell(Kind.PACKED, 3, slots=packed, made=Origin.PACKED))
    frame.update(made.obj, of=frozenset({made.obj}))
    frame.log.copying.marked[made.obj] = _marks(frame, shape.value(0))
    return (made,)


def _marks(frame: Frame, value: Value) -> frozenset[int]:
    """The writes that a value has seen since it was taken."""
    return frozenset().union(*(frame.here.marks.get(ref.hand, frozenset()) for ref in refs_of(value)))


def _unpacks(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """What was packed comes out as a copy."""
    given = refs_of(shape.value(0))
    packed = frame.here.heap[given[0].obj] if len(given) == 1 == len(shape.value(0)) else None
    if packed is None or packed.kind is not Kind.PACKED or ".packed" not in packed.slots:
        return None
    source = Shape((packed.slots[".packed"],))
    if _marks(frame, source.args[0]) != frame.log.copying.marked.get(base_of(given[0].obj)):
        return None
    value = copy_deep(frame, effect, source, node)
    how = CopyHow.SAVE if effect.act is Act.UNPACKS_SAVED else CopyHow.PICKLE
    note_copy(frame, how, source, node, value)
    for made in refs_of(value):
        frame.log.copying.packed[base_of(made.obj)] = base_of(given[0].obj)
    return value


def _registers(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    name = const_of(shape.value(1, "name"))
    for ref in refs_of(shape.value(0)):
        if isinstance(name, str):
            cell = frame.here.heap[ref.obj]
            frame.update(ref.obj, slots={**cell.slots, f".{name}": shape.value(2, "tensor") or SCALAR})
            replace_part(frame, ref, f".{name}", shape.value(2, "tensor"), node)
            for held in refs_of(shape.value(2, "tensor")):
                if frame.here.heap[held.obj].family is not Family.BLANK:
                    frame.update(held.obj, family=Family.BUFFER)
    return None


def _converts(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """A module is cast or moved, itself: whoever knew it as it was before now finds it changed."""
    _gives_other_storage(frame, effect, concerned(effect, shape), node)
    for ref in refs_of(concerned(effect, shape)):
        hands = hands_of(frame, {ref.obj}) | {ref.hand}
        casts = effect.conversion is Conversion.CAST
        earlier = frozenset(
            n for n, made in frame.log.training.converted.items() if casts or made.how is Conversion.MOVED
        )
        for hand in hands:
            frame.here.marks[hand] = frame.here.marks.get(hand, frozenset()) - earlier
        if effect.conversion is not None and frame.here.heap[ref.obj].kind is Kind.MODULE:
            number = frame.program.ids.of(frame.function, node, f"converted {base_of(ref.hand)}")
            frame.log.training.converted[number] = Converted(node, ref.hand, ref.obj, effect.conversion)
            for hand in hands:
                frame.here.marks[hand] |= {number}
    return None


def _gives_other_storage(frame: Frame, effect: Effect, value: Value, node: Site) -> None:
    """A cast to a dtype that the weights do not have gives them other memory; float32 where nothing is known."""
    wanted = {flag for flag in effect.layout if isinstance(flag, Dtype)}
    for ref in refs_of(value) if wanted else ():
        cell = frame.here.heap[ref.obj]
        have = {flag for flag in cell.layout if isinstance(flag, Dtype)} or {Dtype.FLOAT32}
        if cell.kind is Kind.MODULE and have != wanted:
            modules_leave(frame, (ref,), node, parameters=False)
            frame.update(ref.obj, layout=(cell.layout - have) | wanted)


def _reshapes(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`x.unsqueeze_(0)`: the tensor itself gets other sizes; its elements, and what it is a view of, stay the same."""
    for ref in refs_of(concerned(effect, shape)):
        frame.program.in_rows.pop(base_of(ref.obj), None)
        if all(handle.how in NO_LINK for handle in frame.program.handles.chain(ref.hand)[:1]):
            write(frame, (ref,), node)
    return None


def _reparametrises(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """The weight of a module is computed from other tensors before each use from here on, or no longer."""
    for ref in refs_of(concerned(effect, shape)):
        weights = refs_of(frame.here.heap[ref.obj].slots.get(".weight", NOTHING))
        for obj in (ref.obj, *(weight.obj for weight in weights)):
            layout = frame.here.heap[obj].layout - {Layout.RECOMPUTED}
            computed = {Layout.RECOMPUTED} if effect.act is Act.REPARAMETRISES else set()
            frame.update(obj, layout=layout | computed)
    return None


def _renews(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`module.to_empty(...)`: other memory for all of its weights."""
    modules_leave(frame, concerned(effect, shape), node, parameters=False)
    return None


def _lacks(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """A method that its receiver does not have is called: where its kind is a guess, the guess was wrong."""
    value = concerned(effect, shape)
    cell = frame.cell(value[0]) if len(value) == 1 else None
    if cell is None or not _as_made(cell) or _of_guessed(frame, cell) or "hasattr" in frame.function.attributes:
        return None
    if not frame.doubt and not frame.protected:
        frame.log.copying.lacking[node] = Lacking(node, cell.kind, cell.proof, cell.ground, effect.remedy)
    return None


def _as_made(cell: Cell) -> bool:
    """Whether the methods of a thing are known: a tensor, a layer of torch's own, a class that is all in this file."""
    if cell.cls is not None:
        return not cell.cls.foreign and cell.cls.method("__getattr__") is None
    return cell.proof == 3 and (cell.kind in (Kind.TENSOR, Kind.STATE_DICT) or bool(cell.family))


def _of_guessed(frame: Frame, cell: Cell) -> bool:
    """Whether a call made it of what is only taken for a tensor: `torch.cat` of other things gives other things."""
    roots = [frame.here.heap[root] for root in roots_of(cell.regions)]
    return any(root.made is Origin.FRESH and root.ground is Ground.GUESSED for root in roots)


def _remembers(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`copy.deepcopy(a, b)`: b is taken for the memo."""
    value = concerned(effect, shape)
    cell = frame.cell(value[0]) if len(value) == 1 else None
    if (
        cell is not None
        and cell.proof >= 2
        and cell.kind in (Kind.TENSOR, Kind.MODULE, Kind.STATE_DICT, Kind.OPTIMIZER, Kind.NDARRAY)
    ):
        frame.log.copying.lacking[node] = Lacking(node, cell.kind, cell.proof, cell.ground, memo=True)
    return None


def _fills_out(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    out = shape.keywords.get("out", NOTHING)
    for value in shape.args:
        note_filled(frame, out, value, node, method_of(node))
    write(frame, out, node)
    return out or None


ACTIONS: dict[Act | None, Callable[[Frame, Effect, Shape, Site], Answer]] = {
    Act.BACKWARD: descend,
    Act.ZEROES: zero,
    Act.CLIPS: clip,
    Act.SCHEDULES: schedule,
    Act.SHARES_STATE: share_state,
    Act.DIFFERENTIATES: differentiate,
    Act.STEPS: step,
    Act.HOLDS: hold_parameters,
    Act.HOLDS_MORE: hold_more,
    Act.LOADS: load,
    Act.RELINKS: relink,
    Act.APPENDS: _appends,
    Act.EXTENDS: _extends,
    Act.CLEARS: _clears,
    Act.FREEZES: freeze,
    Act.REQUIRES: require,
    Act.DETACHES: detach,
    Act.RETAINS: retain,
    Act.COMPARES: compare_arguments,
    Act.IS_INSTANCE: _is_instance,
    Act.IS_TENSOR: _tests_tensor,
    Act.GETS_ATTRIBUTE: _gets,
    Act.SETS_ATTRIBUTE: _sets,
    Act.SETS_DEFAULT: _sets_default,
    Act.REPLICATES: _replicates,
    Act.RUNS: run_module,
    Act.SAVES: _saves,
    Act.OPENS: _packs,
    Act.PACKS: _packs,
    Act.UNPACKS: _unpacks,
    Act.UNPACKS_SAVED: _unpacks,
    Act.REGISTERS: _registers,
    Act.FILLS_OUT: _fills_out,
    Act.CONVERTS: _converts,
    Act.RENEWS: _renews,
    Act.REPARAMETRISES: _reparametrises,
    Act.RESTORES: _reparametrises,
    Act.ADOPTS: adopt,
    Act.RESHAPES: _reshapes,
    Act.LACKS: _lacks,
    Act.REMEMBERS: _remembers,
}
