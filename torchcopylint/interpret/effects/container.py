"""What a call gives that holds things: elements, pairs, copies deep and shallow."""

from __future__ import annotations

from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import NO, Cell, bounded
from torchcopylint.domain.identity import Region
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import Fate
from torchcopylint.domain.value import NOTHING, SCALAR, UNKNOWN, Const, Ref, Value, join_values, refs_of
from torchcopylint.interpret.effects.container_slot import held_in
from torchcopylint.interpret.effects.iterate import elements
from torchcopylint.interpret.effects.result import kind_of, made_from
from torchcopylint.interpret.state.access import everything, held_at, inherit
from torchcopylint.interpret.state.autograd import sources_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.touch import fate
from torchcopylint.ir.question import arguments_of
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape


def take_element(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """What `get`, `pop` or `next` take out of a container."""
    found: Value = NOTHING
    receiver = shape.args[0] if shape.args else UNKNOWN
    for _, element in frame.each(receiver):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, UNKNOWN)
        elif len(shape.args) > 1:
            found = join_values(found, held_at(frame, element, cell, shape.args[1], node))
        else:
            found = join_values(found, elements(frame, (element,), node, "next"))
    for value in shape.args[2:]:
        found = join_values(found, value)
    return found or UNKNOWN


def _pairs(frame: Frame, node: Site, tag: str, left: Value, right: Value) -> Value:
    pair = frame.make(node, f"{tag} pair", Cell(Kind.TUPLE, 3, slots={"[0]": left, "[1]": right}))
    return (frame.make(node, tag, Cell(Kind.ITEMS, 3, rest=(pair,))),)


def _held_in(frame: Frame, value: Value, node: Site) -> Value:
    found: Value = NOTHING
    for _, element in frame.each(value):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            continue
        if cell.kind is Kind.STATE_DICT and cell.made is not Origin.COPIED and not everything(cell):
            found = join_values(found, (_entry(frame, element, cell, node),))
        else:
            found = join_values(found, held_at(frame, element, cell, SCALAR, node))
    return found or UNKNOWN


def _entry(frame: Frame, ref: Ref, cell: Cell, node: Site) -> Ref:
    regions = frozenset((*r, "*") for r in cell.regions)
    made = frame.make(
        node,
        "entry",
        Cell(Kind.TENSOR, 3, regions, sure=cell.sure, attached=NO, ground=cell.ground),
        Sharing.LIVE_WEIGHT,
    )
    inherit(frame, ref, cell, made)
    return made


def take_items(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """The pairs of a dict; the entries of a state dict are the live weights."""
    return _pairs(frame, node, "items", SCALAR, _held_in(frame, shape.args[0], node))


def take_values(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """The values of a dict."""
    return (frame.make(node, "values", Cell(Kind.ITEMS, 3, rest=_held_in(frame, shape.args[0], node))),)


def number(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """The pairs of `enumerate`."""
    inner = elements(frame, shape.args[0] if shape.args else UNKNOWN, node, "enumerated")
    made = _pairs(frame, node, "enumerate", SCALAR, inner)
    return _as_loader(frame, made, shape)


def _as_loader(frame: Frame, value: Value, shape: Shape) -> Value:
    if any(kind_of(frame, v) is Kind.LOADER for v in shape.args):
        for ref in refs_of(value):
            frame.update(ref.obj, family=Family.LOADED)
    return value


def zip_up(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """The rows of `zip`, or the elements of `chain` one after another."""
    parts = [elements(frame, value, node, f"zip{i}") for i, value in enumerate(shape.args)]
    if effect.family is Family.CHAIN:
        found: Value = NOTHING
        for part in parts:
            found = join_values(found, part)
        return (frame.make(node, "chain", Cell(Kind.LIST, 3, rest=found)),)
    row = frame.make(node, "zip row", Cell(Kind.TUPLE, 3, slots={f"[{i}]": part for i, part in enumerate(parts)}))
    return _as_loader(frame, (frame.make(node, "zip", Cell(Kind.ITEMS, 3, rest=(row,))),), shape)


def copy_deep(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """A deep copy: nothing is shared with what it was made of."""
    found: Value = NOTHING
    for i, element in enumerate(shape.args[0] if shape.args else UNKNOWN):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, (element,))
            continue
        new = cell._replace(
            regions=frozenset(),
            sure=Sure.MUST,
            made=Origin.COPIED,
            of=frozenset({element.obj}),
            slots={},
            rest=NOTHING,
            layout=frozenset(),
            counter=True,
            attached=cell.attached if cell.leaf != NO or cell.kind is Kind.MODULE else NO,
            sources=frozenset(),
        )
        made = frame.make(node, f"copied{i}", new, Sharing.DEEP_COPY)
        found = join_values(found, (made,))
    return found or UNKNOWN


def copy_shallow(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """A new container of the same elements; of a module, tensor or state dict, of the same storage."""
    value = next((v for i in effect.of if (v := shape.value(i))), NOTHING)
    if not value:
        return (
            frame.make(
                node, "shallow", Cell(_container(effect), 3, layout=frozenset({Layout.CLOSED}), ground=Ground.MADE)
            ),
        )
    found: Value = NOTHING
    for i, element in enumerate(value):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, UNKNOWN if not isinstance(element, Const) else SCALAR)
            continue
        found = join_values(found, (_shallow_of(frame, effect, element, cell, node, i),))
    return found or UNKNOWN


def _container(effect: Effect) -> Kind:
    return effect.kind if effect.kind is not Kind.UNKNOWN else Kind.LIST


_LIVE = frozenset({Kind.STATE_DICT, Kind.PARAMS, Kind.MODULE, Kind.TENSOR, Kind.LOADER, Kind.MODULES})
_OF_THEIR_KIND = _LIVE | {Kind.DICT, Kind.OBJECT}
"""Things of which a shallow copy is another of the same kind; of others it is what the call makes."""
_SHARED = _LIVE | {Kind.UNKNOWN}
"""Things whose storage is that of their shallow copy."""


def _shallow_of(frame: Frame, effect: Effect, ref: Ref, cell: Cell, node: Site, i: int) -> Ref:
    kind = cell.kind if cell.kind in _OF_THEIR_KIND else effect.kind if effect.kind is not Kind.UNKNOWN else cell.kind
    shares = cell.kind in _SHARED
    rest = cell.rest
    if cell.kind in DATA and effect.kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
        kind, shares, rest = effect.kind, False, elements(frame, (ref,), node, f"rows{i}")
    ground = cell.ground if kind == cell.kind else Ground.MADE if kind == effect.kind else Ground.GUESSED
    regions = cell.regions if shares else frozenset[Region]()
    made = frame.make(
        node,
        f"shallow{i}",
        cell._replace(kind=kind, regions=regions, made=Origin.SHALLOW, rest=rest, ground=ground),
        effect.sharing or Sharing.SHALLOW,
    )
    frame.program.handles.of(made.hand).parent = ref.hand
    return made


def hold(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """Something that keeps what it is given: a ModuleList, a loader, a dataset."""
    rest: Value = NOTHING
    regions: set[Region] = set()
    for value in [*made_from(effect, shape), *shape.keywords.values()]:
        for ref in refs_of(value):
            cell = frame.here.heap[ref.obj]
            inner = everything(cell) if cell.kind in (Kind.LIST, Kind.TUPLE, Kind.ITEMS, Kind.DICT) else (ref,)
            rest = join_values(rest, inner)
            fate(frame, inner, Fate.STORED)
            if effect.kind is Kind.MODULE:
                fate(frame, inner, Fate.LAYERED)
    for ref in refs_of(rest):
        regions |= frame.here.heap[ref.obj].regions
    made = frame.make(
        node,
        "held",
        Cell(effect.kind, effect.proof, rest=rest, family=effect.family, made=Origin.FRESH, layout=effect.layout),
    )
    frame.update(made.obj, ground=Ground.MADE if effect.certain else Ground.GUESSED)
    frame.update(made.obj, regions=frozenset(regions) | {(made.obj,)})
    return (made,)


def record(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """An object that has its arguments as attributes: each goes by a handle of its own there."""
    given = made_from(effect, shape)
    sources, attached = sources_of(frame, given)
    made = frame.make(
        node,
        "record",
        Cell(effect.kind, effect.proof, attached=frame.attached(attached), sources=bounded(sources), made=Origin.FRESH),
    )
    frame.update(made.obj, ground=Ground.MADE if effect.certain else Ground.GUESSED)
    written = arguments_of(node)
    slots: dict[str, Value] = {}
    for n, names in enumerate(effect.fields):
        value = shape.value(n, names[0])
        by_name = next((a.value for a in written if a.keyword == names[0]), None)
        site = by_name or (written[n].value if n < len(written) and not written[n].keyword else None)
        if refs_of(value):
            held = held_in(frame, (made,), value, site)
            fate(frame, value, Fate.STORED)
            slots |= {f".{name}": held for name in names}
    frame.update(made.obj, slots=slots)
    return (made,)
