"""Weights that get storage of their own: what shared with them stays behind, and is a snapshot from then on.

On torch 2.13 a cast (`module.double()`), `to_empty` and `p.data = new` keep the parameters as objects and give them
other storage, buffers become other tensors; `load_state_dict(assign=True)` puts other parameters in their place.
"""

from __future__ import annotations

from collections.abc import Collection

from torchcopylint.domain.ageing import renamed
from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, Region, base_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.value import Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Departed
from torchcopylint.interpret.state.touch import in_gradient
from torchcopylint.ir.site import Site

_BUFFERS = frozenset({".running_mean", ".running_var", ".num_batches_tracked"})


def modules_leave(frame: Frame, value: Value, node: Site, parameters: bool) -> None:
    """The weights of these modules lie elsewhere from here on; with `parameters` they are other objects, too."""
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        if cell.kind is Kind.MODULE:
            key = frame.program.ids.of(frame.function, node, f"departed {base_of(ref.obj)}")
            frame.log.training.departed[key] = Departed(base_of(ref.obj), parameters)
            _release(frame, ref, parameters)
            leave(frame, cell.regions, node, parameters, frozenset({ref.obj}))


def leave(
    frame: Frame, left: Collection[Region], node: Site, parameters: bool, owners: frozenset[Id] = frozenset()
) -> None:
    """What lies in these regions, and is neither an owner nor the live thing itself, lies apart from here on."""
    moved: dict[Id, Id] = {}
    for obj, cell in list(frame.here.heap.items()):
        if obj in owners or not any(_whole(region, left) for region in cell.regions):
            continue
        if not _stays_behind(frame, obj, cell, parameters):
            continue
        roots = {whole: _root(frame, node, whole) for whole in left}
        regions = ((roots[w], *r[len(w) :]) if (w := _whole(r, left)) else r for r in cell.regions)
        frame.update(obj, regions=frozenset(regions))
        if _drop_slot(frame, obj):
            moved[obj] = frame.program.ids.of(frame.function, node, f"left {base_of(obj)}")
    _rename(frame, moved)


def _root(frame: Frame, node: Site, whole: Region) -> Id:
    root = frame.program.ids.of(frame.function, node, f"left {whole}")
    frame.program.handles.open(root, root, node, Sharing.MADE)
    return root


def _whole(region: Region, left: Collection[Region]) -> Region:
    return next((whole for whole in left if region[: len(whole)] == whole), ())


def _stays_behind(frame: Frame, obj: Id, cell: Cell, parameters: bool) -> bool:
    """Whether an object is a reference to the old storage, and not the parameter or module that gets the new."""
    if in_gradient(cell):
        return False
    if cell.kind is Kind.STATE_DICT:
        return cell.made is Origin.LIVE
    if cell.kind is Kind.PARAMS:
        return parameters
    return cell.kind in DATA and (parameters or not _is_parameter(frame, obj, cell))


def _is_parameter(frame: Frame, obj: Id, cell: Cell) -> bool:
    """Whether it is a module's parameter itself: a buffer is not, nor what a state dict holds."""
    if cell.family is Family.BUFFER:
        return False
    place = frame.program.children.get(base_of(obj))
    if place is not None:
        owner = frame.here.heap.get(place[0])
        return place[1] not in _BUFFERS and (owner is None or owner.kind is not Kind.STATE_DICT)
    how = frame.program.handles.of(obj).how
    return cell.family is Family.PARAMETER or (how is Sharing.LIVE_WEIGHT and bool(cell.attached))


def _drop_slot(frame: Frame, obj: Id) -> bool:
    """The module finds another object under this attribute from now on; whether there was one."""
    place = frame.program.children.get(base_of(obj))
    owner = frame.here.heap.get(place[0]) if place is not None else None
    if place is None or owner is None or owner.kind is Kind.STATE_DICT or place[1] not in owner.slots:
        return False
    frame.update(place[0], slots={key: value for key, value in owner.slots.items() if key != place[1]})
    return True


def _release(frame: Frame, ref: Ref, parameters: bool) -> None:
    """Tensors that were given to the module, and are its buffers or the memory of its parameters, are so no more."""
    slots = dict(frame.here.heap[ref.obj].slots)
    for key, value in list(slots.items()):
        cells = {r.obj: frame.here.heap[r.obj] for r in refs_of(value)}
        if cells and all(cell.kind is Kind.TENSOR and cell.family is Family.BUFFER for cell in cells.values()):
            del slots[key]
        elif cells and all(cell.kind is Kind.TENSOR and cell.family is Family.PARAMETER for cell in cells.values()):
            if parameters:
                del slots[key]
            for obj in cells if not parameters else ():
                frame.update(obj, regions=frozenset({(obj,)}))
    frame.update(ref.obj, slots=slots)


def _rename(frame: Frame, moved: dict[Id, Id]) -> None:
    """Objects that were found in a module and are no longer there are others than what is found there next."""
    for old, new in moved.items():
        was = frame.program.handles.of(old)
        frame.program.handles.open(new, new, was.node, was.how, was.name, was.parent)
        for born in frame.born:
            born.add(new)
    if moved:
        frame.state = renamed(frame.here, moved)
