"""Attributes and items being stored, and what a class or a caller comes to hold by it."""

from __future__ import annotations

import re

from torchcopylint import ir
from torchcopylint.domain.family import Family, OfKind
from torchcopylint.domain.ground import UNKNOWN_KIND
from torchcopylint.domain.heap import MAYBE, NO, YES, Cell, with_slot
from torchcopylint.domain.identity import base_of, is_older, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import SHALLOWS, Sharing
from torchcopylint.domain.use import Fate, TakeHow
from torchcopylint.domain.value import NOTHING, Const, Ref, Value, const_of, join_values, refs_of
from torchcopylint.interpret.effects.averaging import note_average
from torchcopylint.interpret.effects.container_slot import held_in
from torchcopylint.interpret.effects.copying import take
from torchcopylint.interpret.effects.data_assignment import store_data
from torchcopylint.interpret.effects.gradient import drops_gradient, let_go
from torchcopylint.interpret.effects.history import keep, keep_sum
from torchcopylint.interpret.effects.optimizer import replace_part
from torchcopylint.interpret.effects.overlap import note_stored
from torchcopylint.interpret.effects.rebinding import note_placing
from torchcopylint.interpret.naming import bind
from torchcopylint.interpret.state import autograd
from torchcopylint.interpret.state.access import everything, key_of
from torchcopylint.interpret.state.autograd import attach
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.indexing import place_of
from torchcopylint.interpret.state.log import Aliased, ItemStored, KeptAside, PartReplaced
from torchcopylint.interpret.state.touch import fate, read, write, write_perhaps
from torchcopylint.ir.question import value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import AugmentedAssign


def store_attr(frame: Frame, i: ir.StoreAttr) -> None:
    """`obj.attr = value`."""
    value = frame.get(i.src)
    if frame.log.training.converted:
        frame.log.training.bound_from[value_of(i.node)] = f".{i.attr}"
    owners = refs_of(frame.get(i.obj))
    name = f"{_text(frame, i.obj)}.{i.attr}"
    if i.attr == "data" and any(frame.here.heap[o.obj].kind is Kind.TENSOR for o in owners):
        store_data(frame, owners, value, i.node)
        return
    if i.attr == "requires_grad" and owners:
        _store_flag(frame, frame.get(i.obj), value)
        return
    if drops_gradient(i.attr, value):
        let_go(frame, frozenset(r[0] for o in owners for r in frame.here.heap[o.obj].regions), i.node)
        return
    before = tuple(e for o in owners for e in frame.here.heap[o.obj].slots.get(f".{i.attr}", NOTHING))
    note_average(frame, i.node, frozenset(base_of(o.obj) for o in owners), before, value)
    if i.aug:
        adds = isinstance(i.node, AugmentedAssign) and i.node.operator in ("+", "-")
        for owner in owners if adds else ():
            if owner.obj in frame.program.selves and not _set_anew(frame, owner, i.attr):
                keep(frame, (owner,), value, i.node, name)
    else:
        for owner in owners:
            if owner.obj in frame.program.selves and not _set_anew(frame, owner, i.attr):
                keep_sum(frame, owner, value, i.node)
        value = bind(frame, value, name, i.node, i.src[0] == "%" and _fresh_here(frame, value, i.node), i.annotation)
        fate(frame, value, Fate.KEPT)
    for owner in owners:
        cell = frame.here.heap[owner.obj]
        if i.attr == "requires_grad_" or cell.kind is Kind.SUPER:
            continue
        old = cell.slots.get(f".{i.attr}", NOTHING)
        _note_replaced(frame, owner, cell, value, i)
        if not i.aug:
            replace_part(frame, owner, f".{i.attr}", value, i.node, old)
        _check_cached(frame, owner, cell, value, i)
        _note_alias(frame, owner, cell, value, i)
        merged = value if len(owners) == 1 and not is_older(owner.obj) else join_values(old, value)
        frame.update(owner.obj, slots=with_slot(frame.here.heap[owner.obj].slots, f".{i.attr}", merged))


def _set_anew(frame: Frame, owner: Ref, attr: str) -> bool:
    """Whether an attribute holds a number that this function has just set: a sum begins there, and none goes on."""
    old = frame.here.heap[owner.obj].slots.get(f".{attr}", NOTHING)
    found = frame.given.get(base_of(owner.obj))
    entered = found.slots.get(f".{attr}") if found is not None else None
    return bool(old) and old is not entered and all(isinstance(e, Const) for e in old)


def _store_flag(frame: Frame, owners: Value, value: Value) -> None:
    """`x.requires_grad = ...`."""
    wanted = {True: YES, False: NO}.get(bool(const_of(value)), MAYBE) if const_of(value) in (True, False) else MAYBE
    if wanted == YES:
        autograd.require(frame, owners, YES)
    else:
        autograd.freeze(frame, owners, sure=wanted == NO)


def _check_cached(frame: Frame, owner: Ref, cell: Cell, value: Value, i: ir.StoreAttr) -> None:
    if cell.kind is Kind.MODULE and frame.function.name == "forward":
        for ref in refs_of(value):
            found = frame.cell(ref)
            if found is not None and found.kind is Kind.TENSOR and found.attached and found.leaf == NO:
                frame.log.graph.cached[i.attr] = ref.obj


def _note_alias(frame: Frame, owner: Ref, cell: Cell, value: Value, i: ir.StoreAttr) -> None:
    """`self.target = self.online`, `self.best = model.state_dict()`: what other methods of the class may rely on."""
    if owner.obj not in frame.program.selves or i.aug:
        return
    for ref in refs_of(value):
        found = frame.cell(ref)
        handle = frame.program.handles.of(ref.hand)
        renamed = handle.parent if handle.how is Sharing.SAME_OBJECT else None
        if found is not None and found.kind is Kind.MODULE and renamed is not None:
            source = frame.program.handles.of(renamed).name
            frame.log.places.aliased[i.node] = Aliased(i.node, ref.obj, i.attr, source)
        elif (
            found is not None
            and found.kind is Kind.STATE_DICT
            and found.made in (Origin.LIVE, Origin.SHALLOW, Origin.BUILT)
        ):
            frame.log.places.snapshots[i.node] = KeptAside(i.node, i.attr, ref.hand, Kind.STATE_DICT)
        elif found is not None and found.kind is Kind.TENSOR and _of_module(frame, ref):
            frame.log.places.snapshots[i.node] = KeptAside(i.node, i.attr, ref.hand, Kind.TENSOR)
        elif found is not None and found.kind in (Kind.DICT, Kind.LIST):
            for inner in refs_of(everything(found)):
                how = frame.program.handles.chain(inner.hand)[0].how
                if how in _TAKEN and _of_module(frame, inner):
                    frame.log.places.snapshots[i.node] = KeptAside(i.node, i.attr, inner.hand, found.kind)
        elif found is not None and found.kind is Kind.PARAMS and handle.how in SHALLOWS:
            frame.log.places.snapshots[i.node] = KeptAside(i.node, i.attr, ref.hand, Kind.PARAMS)


_OF_TENSORS = OfKind(Kind.TENSOR)
_TAKEN = frozenset({Sharing.LIVE_WEIGHT, Sharing.DETACHED, Sharing.DATA, Sharing.DEVICE})
"""How what a container holds was taken from a module without copying it."""


def _note_replaced(frame: Frame, owner: Ref, cell: Cell, value: Value, i: ir.StoreAttr) -> None:
    """A part is replaced in a shallow copy of a module: the original has the same table of parts."""
    if cell.kind is Kind.MODULE and cell.made is Origin.SHALLOW and not i.aug and _parts(frame, cell, value, i.attr):
        link = next((h for h in frame.program.handles.chain(owner.hand) if h.how in SHALLOWS), None)
        own = frame.function.attributes & {"_modules", "_parameters", "_buffers", "__dict__"}
        if link is not None and not own:
            frame.log.places.replaced[i.node] = PartReplaced(i.node, link.hand)


def _parts(frame: Frame, cell: Cell, value: Value, attr: str) -> bool:
    """Whether the value goes into a module's table of parts: a module, or a parameter."""
    kinds = [(c.kind, c.family) for r in refs_of(value) if (c := frame.cell(r)) is not None]
    return bool(kinds) and all(kind is Kind.MODULE or family is Family.PARAMETER for kind, family in kinds)


def _of_module(frame: Frame, ref: Ref) -> bool:
    roots = (frame.here.heap.get(root) for root in roots_of(frame.here.heap[ref.obj].regions))
    return any(root is not None and root.kind is Kind.MODULE for root in roots)


def _fresh_here(frame: Frame, value: Value, node: Site) -> bool:
    return all(not frame.program.handles.of(r.hand).name for r in refs_of(value))


def _text(frame: Frame, operand: str) -> str:
    if operand[0] != "%":
        return operand.partition("~")[0]
    names = [frame.program.handles.of(r.hand).name for r in refs_of(frame.get(operand))]
    return next((n for n in names if n), "")


def store_item(frame: Frame, i: ir.StoreItem) -> None:
    """`obj[index] = value`: on tensors a write."""
    target, index, value = frame.get(i.obj), frame.get(i.index), frame.get(i.src)
    read(frame, value, i.node)
    fate(frame, value, Fate.STORED)
    for ref in refs_of(target):
        found = frame.here.heap[ref.obj]
        if found.kind in DATA and found.proof < 3 and key_of(index)[1:2] == "'":
            frame.update(ref.obj, **UNKNOWN_KIND._asdict())
    data = tuple(r for r in refs_of(target) if frame.here.heap[r.obj].kind in DATA)
    if data:
        take(frame, value, i.node, TakeHow.COPIES, data)
        part = _part(frame, index)
        if not i.aug and len(target) == len(data):
            note_stored(frame, data, part, value, i.node)
        constant = all(isinstance(e, Const) for e in value)
        write(frame, data, i.node, arithmetic=i.aug, constant=constant, alone=len(data) == len(target), part=part)
    elif key_of(index)[1:2] != "'":
        write_perhaps(frame, target, i.node, i.aug)
    perhaps = tuple(r for r in refs_of(target) if frame.here.heap[r.obj].kind in (*DATA, Kind.UNKNOWN))
    attach(frame, perhaps, [value])
    for ref in refs_of(target):
        cell = frame.here.heap[ref.obj]
        if ref not in data:
            _store_held(frame, ref, cell, index, value, i)


def _goes_over(frame: Frame, ref: Ref) -> bool:
    """Whether a loop around goes over the very container: one entry after another is overwritten, not a chosen one."""
    name = frame.program.handles.of(ref.hand).name
    return bool(name) and any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", r.over) for r in frame.rounds)


def _part(frame: Frame, index: Value) -> str:
    """The part that an index picks; "" for all of it."""
    part = place_of(frame, index)
    return "" if set(part) <= set("[]:.,") else part


def _store_held(frame: Frame, ref: Ref, cell: Cell, index: Value, value: Value, i: ir.StoreItem) -> None:
    key = key_of(index)
    overs = tuple(r.over for r in frame.rounds)
    frame.log.places.item_stores[i.node] = ItemStored(i.node, ref.hand, i.aug, overs)
    replace_part(frame, ref, key or "*", value, i.node)
    if not key:
        keep(frame, (ref,), value, i.node)
    else:
        frame.log.graph.placed.update({base_of(r.obj): i.node for r in refs_of(value)})
    if i.aug:
        return
    if not key:
        keep_sum(frame, ref, value, i.node)
    note_placing(frame, ref, cell, value, i.node)
    if not key and cell.family == _OF_TENSORS and _goes_over(frame, ref):
        write(frame, (ref,), i.node)
    note_average(
        frame, i.node, frozenset({base_of(ref.obj)}), join_values(cell.slots.get(key, NOTHING), cell.rest), value
    )
    slots = dict(cell.slots)
    if key and not is_older(ref.obj):
        slots[key] = value
        frame.update(ref.obj, slots=slots)
    else:
        if cell.kind in (Kind.DICT, Kind.LIST):
            value = held_in(frame, (ref,), value, value_of(i.node))
        frame.update(ref.obj, rest=join_values(cell.rest, value))
    frame.program.slot_stores.add(base_of(ref.obj))
