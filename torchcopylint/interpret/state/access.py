"""Attributes and items: reading what is there, and giving a place to what is not known yet."""

from __future__ import annotations

from torchcopylint.domain.family import OfKind
from torchcopylint.domain.ground import UNKNOWN_KIND, Known
from torchcopylint.domain.heap import MAYBE, NO, Cell
from torchcopylint.domain.identity import Region, base_of, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import NO_FLAGS, Layout
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.value import (
    NOTHING,
    SCALAR,
    UNKNOWN,
    Bound,
    Callee,
    ClassOf,
    Const,
    Cut,
    Element,
    Named,
    Ref,
    Scalar,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret.classes import attribute_kind
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.indexing import indexed
from torchcopylint.ir import Function
from torchcopylint.ir.question import decorated
from torchcopylint.ir.site import Site
from torchcopylint.models import evidence, is_number, is_property, property_kind
from torchcopylint.models.layer import HOLDERS_OF_MODULES


def load_attr(frame: Frame, value: Value, attr: str, node: Site, called: bool) -> Value:
    """What `value.attr` stands for; a method about to be called stays bound to its receiver."""
    found: Value = NOTHING
    for _, element in frame.each(value):
        found = join_values(found, _load_one(frame, element, attr, node, called))
    return found or UNKNOWN


def _load_one(frame: Frame, element: Element, attr: str, node: Site, called: bool) -> Value:
    if type(element) is Named:
        return SCALAR if is_number(f"{element.name}.{attr}") else (Named(f"{element.name}.{attr}"),)
    if type(element) is ClassOf:
        return _class_attr(frame, element, attr)
    if type(element) is not Ref:
        return (Bound(element, attr),) if called else UNKNOWN if not isinstance(element, Const | Scalar) else SCALAR
    cell = frame.cell(element)
    if cell is None:
        return UNKNOWN
    if attr == "grad" and not called:
        frame.log.graph.gradients_read.setdefault(base_of(element.obj), node)
    slot = cell.slots.get(f".{attr}")
    if slot is not None:
        perhaps = f"?.{attr}" in cell.slots and not _was_there(frame, element, f".{attr}", slot)
        return join_values(slot, UNKNOWN) if perhaps else slot
    if base_of(element.obj) in frame.program.selves and cell.cls is not None:
        method = cell.cls.method(attr)
        if method is not None:
            return _own_method(frame, element, attr, method, called)
    if cell.cls is not None:
        method = cell.cls.method(attr)
        if method is not None and (called or is_computed(method)):
            return _own_method(frame, element, attr, method, called)
    if called:
        return (Bound(element, attr),)
    if is_property(cell.kind, attr):
        return (Bound(element, attr, "property"),)
    if cell.kind is Kind.SUPER:
        return (Bound(element, attr),)
    return child(frame, element, cell, f".{attr}", node)


def _was_there(frame: Frame, owner: Ref, key: str, value: Value) -> bool:
    """Whether a slot holds what was found there when it was first looked at, and nothing that was stored since."""
    places = [frame.program.children.get(base_of(ref.obj)) for ref in refs_of(value)]
    return all(place is not None and (base_of(place[0]), place[1]) == (base_of(owner.obj), key) for place in places)


def _own_method(frame: Frame, ref: Ref, attr: str, method: Function, called: bool) -> Value:
    """A method of the object's class: what is about to be called, or computed where it is read."""
    if is_computed(method):
        return (Bound(ref, attr, "property"),)
    return (Callee(frame.program.code(method, ""), ref),) if called else UNKNOWN


def is_computed(method: Function) -> bool:
    """Whether reading the attribute calls the method."""
    return any(decorated(method.node, name) for name in ("property", "cached_property"))


def _class_attr(frame: Frame, element: ClassOf, attr: str) -> Value:
    method = element.known.method(attr)
    if method is not None:
        return (Callee(frame.program.code(method, "")),)
    return frame.program.class_slots.get(element.known.cls.qualname, {}).get(f".{attr}", UNKNOWN)


def child(frame: Frame, parent: Ref, cell: Cell, key: str, node: Site) -> Value:
    """An attribute or item nobody has stored yet: it gets an object, kept so that the next look finds the same."""
    if cell.kind is Kind.TUPLE and cell.rest and key[0] == ".":
        return cell.rest
    known = property_kind(Kind.MODULE if _inside_module(frame, cell) else cell.kind, key)
    known = known or _child_kind(frame, cell, key)
    kind = known.kind
    part = key if key != "[*]" else "*"
    regions: frozenset[Region] = frozenset((*r, part) for r in cell.regions if len(r) < 6)
    ref = frame.make(
        frame.function,
        f"{parent.obj}{key}",
        Cell(
            **known._asdict(),
            regions=regions,
            layout=cell.layout & {Layout.RECOMPUTED} if key == ".weight" else NO_FLAGS,
            attached=NO
            if cell.kind in (Kind.LOADER, Kind.DATASET, Kind.NDARRAY) or kind is Kind.NDARRAY
            else _attached(cell, key),
            sources=cell.sources | {parent.obj} if cell.kind in DATA and cell.attached else cell.sources,
        ),
        Sharing.ATTRIBUTE if key[0] == "." else Sharing.ITEM,
    )
    inherit(frame, parent, cell, ref)
    frame.program.children.setdefault(ref.obj, (parent.obj, key))
    _as_old_as(frame, parent, ref, node)
    if label := _label(frame, parent, key):
        frame.program.handles.name(ref.hand, label, None)
    frame.update(parent.obj, slots={**frame.here.heap[parent.obj].slots, key: (ref,)})
    return (ref,)


def _inside_module(frame: Frame, cell: Cell) -> bool:
    """Whether something of unknown kind is an attribute of a module: `model.fc`, whose `.weight` is a parameter."""
    if cell.kind is not Kind.UNKNOWN or not all(len(r) > 1 and str(r[-1])[0] in ".[" for r in cell.regions):
        return False
    roots = [frame.here.heap.get(root) for root in roots_of(cell.regions)]
    return bool(roots) and all(root is not None and root.kind is Kind.MODULE and root.proof >= 2 for root in roots)


def inherit(frame: Frame, parent: Ref, cell: Cell, ref: Ref) -> None:
    """What is taken out of a stale state dict or list of parameters is as stale as that is."""
    if cell.kind in (Kind.STATE_DICT, Kind.PARAMS):
        frame.program.handles.of(ref.hand).parent = parent.hand
        stale = frame.here.marks.get(parent.hand)
        if stale:
            frame.here.marks[ref.hand] = stale
            frame.log.memory.inherited.add(base_of(ref.hand))


def _attached(cell: Cell, key: str) -> int:
    if key == ".grad" or cell.kind is Kind.STATE_DICT:
        return NO
    return cell.attached if cell.kind in DATA or cell.attached == NO else MAYBE


def _child_kind(frame: Frame, cell: Cell, key: str) -> Known:
    if type(cell.family) is OfKind:
        return Known(cell.family.kind, cell.proof)
    if cell.kind is Kind.MODULE and cell.family in HOLDERS_OF_MODULES and key[0] == "[":
        return Known(Kind.MODULE, 3)
    if key[0] == ".":
        stored = attribute_kind(frame.program, cell.cls, key[1:])
        return stored if stored.kind is not Kind.UNKNOWN else Known(*evidence.kind_from_name(key[1:]))
    return UNKNOWN_KIND


def _label(frame: Frame, parent: Ref, key: str) -> str:
    base = frame.program.handles.of(parent.hand).name
    return f"{base}{key}" if base and key != "[*]" else ""


def load_item(frame: Frame, value: Value, index: Value, node: Site, aug: bool = False) -> Value:
    """What `value[index]` stands for: a view, a copy, perhaps either, or what the container holds there."""
    found: Value = NOTHING
    for i, element in frame.each(value):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, SCALAR if isinstance(element, Const | Scalar) else UNKNOWN)
        elif cell.kind in DATA and cell.proof < 3 and _by_name(index):
            frame.update(element.obj, **UNKNOWN_KIND._asdict())
            found = join_values(found, held_at(frame, element, frame.here.heap[element.obj], index, node))
        elif cell.kind in DATA or _sliced_by_axis(frame, element, cell, index):
            cell = frame.here.heap[element.obj]
            found = join_values(found, (indexed(frame, element, cell, index, node, i, aug),))
        else:
            found = join_values(found, held_at(frame, element, cell, index, node))
    return found or UNKNOWN


def _by_name(index: Value) -> bool:
    """`x["key"]`: whatever it is, it is not a tensor."""
    return len(index) == 1 and isinstance(index[0], Const) and isinstance(index[0].value, str)


def _sliced_by_axis(frame: Frame, ref: Ref, cell: Cell, index: Value) -> bool:
    """`x[:, 3]`: only tensors and arrays take several indices with slices among them."""
    parts = frame.cell(index[0]) if len(index) == 1 else None
    if cell.kind is not Kind.UNKNOWN or parts is None or parts.kind is not Kind.TUPLE:
        return False
    if not any(isinstance(e, Cut) for v in parts.slots.values() for e in v):
        return False
    frame.update(ref.obj, kind=Kind.TENSOR, proof=2)
    return True


def held_at(frame: Frame, ref: Ref, cell: Cell, index: Value, node: Site) -> Value:
    """What a container, module or unknown thing holds under an index."""
    key = key_of(index)
    if Layout.PARTS in cell.layout:
        return _part_view(frame, cell, key, node)
    if Layout.SEVERAL in cell.layout and key and key not in cell.slots:
        each = frame.here.heap[refs_of(cell.rest)[0].obj]
        made = frame.make(frame.function, f"{ref.obj}{key}", each._replace(regions=frozenset()))
        frame.update(ref.obj, slots={**cell.slots, key: (made,)})
        return (made,)
    if key:
        slot = cell.slots.get(key)
        if slot is not None:
            return slot
        if cell.rest:
            return everything(cell) if key[1] == "-" else _one_of(frame, ref, cell, key, node)
        if Layout.CLOSED in cell.layout:
            return everything(cell) or UNKNOWN
        return child(frame, ref, cell, key, node)
    if len(index) == 1 and isinstance(index[0], Cut) and cell.kind in (Kind.LIST, Kind.TUPLE):
        return (frame.make(node, "sliced", cell._replace(regions=frozenset(), sure=Sure.MUST), Sharing.SHALLOW),)
    if len(index) == 1 and isinstance(index[0], Cut) and cell.kind is Kind.MODULE and cell.family in HOLDERS_OF_MODULES:
        return (_some_layers(frame, ref, cell, index[0], node),)
    held = everything(cell)
    if held and (Layout.CLOSED in cell.layout or cell.rest or cell.kind in (Kind.LIST, Kind.TUPLE, Kind.ITEMS)):
        return held
    other = cell.slots.get("[*]") or child(frame, ref, cell, "[*]", node)
    return join_values(held, other)


def _some_layers(frame: Frame, ref: Ref, cell: Cell, cut: Cut, node: Site) -> Ref:
    """`net[:2]`: another module, with the very layers of this one."""
    text = cut.text.removesuffix(":") if cut.text.count(":") > 1 else cut.text
    key = f"[{text}]" if "?" not in text else ""
    known = refs_of(cell.slots.get(f".{key}", NOTHING))
    if known and key:
        return known[0]
    regions = frozenset((*r, key or "*") for r in cell.regions if len(r) < 6) or cell.regions
    part = Cell(Kind.MODULE, cell.proof, regions, attached=cell.attached, family=cell.family, ground=cell.ground)
    made = frame.make(frame.function if key else node, f"{ref.obj}{key or '[*:]'}", part, Sharing.ITEM)
    if key:
        frame.program.children.setdefault(made.obj, (ref.obj, key))
        _as_old_as(frame, ref, made, node)
        frame.update(ref.obj, slots={**frame.here.heap[ref.obj].slots, f".{key}": (made,)})
        if label := _label(frame, ref, key):
            frame.program.handles.name(made.hand, label, None)
    return made


def _one_of(frame: Frame, ref: Ref, cell: Cell, key: str, node: Site) -> Value:
    """What a container holds under a key: where a comprehension made one for each key, it is that of this key alone."""
    only = cell.rest[0] if len(cell.rest) == 1 else None
    if cell.kind is not Kind.DICT or type(only) is not Ref or frame.here.heap[only.obj].regions != {(only.obj,)}:
        return cell.rest
    made = frame.make(frame.function, f"{ref.obj}{key}", frame.here.heap[only.obj]._replace(regions=frozenset()))
    _as_old_as(frame, ref, made, node)
    if label := _label(frame, ref, key):
        frame.program.handles.name(made.hand, label, None)
    frame.update(ref.obj, slots={**frame.here.heap[ref.obj].slots, key: (made,)})
    return (made,)


def _as_old_as(frame: Frame, parent: Ref, ref: Ref, node: Site) -> None:
    """What is first looked at now was there as long as what holds it."""
    origin = frame.program.births.get(base_of(parent.obj))
    if origin is not None:
        frame.program.births[ref.obj] = origin._replace(node=node)
    for born in frame.born:
        if parent.obj not in born:
            born.discard(ref.obj)


def _part_view(frame: Frame, cell: Cell, key: str, node: Site) -> Value:
    """One of several views that were made together: apart from its sisters, not from the base."""
    (base,) = refs_of(cell.rest)[:1]
    part = f"#{key}@{min(cell.of, default=base.obj)}" if key else "*"
    whole = frame.here.heap[base.obj]
    made = frame.make(
        node,
        f"part{key}",
        whole._replace(regions=frozenset((*r, part) for r in whole.regions if len(r) < 6) or whole.regions),
        Sharing.PART,
    )
    frame.program.handles.of(made.hand).parent = frame.program.handles.of(base.hand).parent
    return (made,)


def key_of(index: Value) -> str:
    """The slot of a literal index, "" for any other."""
    if len(index) == 1 and isinstance(index[0], Const) and isinstance(index[0].value, int | str):
        return f"[{index[0].value!r}]"
    return ""


def everything(cell: Cell) -> Value:
    """Whatever a container may hold."""
    found = cell.rest
    for key, value in cell.slots.items():
        if key[0] == "[":
            found = join_values(found, value)
    return found
