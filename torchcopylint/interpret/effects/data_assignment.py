"""`p.data = value`, `vector_to_parameters`: weights lie elsewhere now, perhaps where somebody else lies too; views of
where they lay stay behind."""

from __future__ import annotations

from collections.abc import Sequence

from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, Region, base_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import NOTHING, Ref, Value, join_values, refs_of
from torchcopylint.interpret.effects.departure import leave, modules_leave
from torchcopylint.interpret.state.access import everything
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Tie
from torchcopylint.interpret.state.touch import read
from torchcopylint.ir.question import arguments_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape


def store_data(frame: Frame, owners: tuple[Ref, ...], value: Value, node: Site) -> None:
    """The owners share the value's memory from here on."""
    read(frame, value, node, ReadHow.COMPUTED)
    for owner in owners:
        own = frame.here.heap[owner.obj].regions
        for key in [k for k, tie in frame.log.places.tied.items() if tie.of == base_of(owner.obj)]:
            del frame.log.places.tied[key]
        frame.program.in_rows.pop(base_of(owner.obj), None)
        _leave_views(frame, owner, node)
        for ref in refs_of(value):
            cell = frame.here.heap[ref.obj]
            frame.update(owner.obj, regions=frame.here.heap[owner.obj].regions | cell.regions)
            if len(owners) == 1 and len(value) == 1:
                _tie(frame, owner, ref, cell, own, node)


def adopt(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value | None:
    """`vector_to_parameters(vector, weights)`: the weights are parts of the vector from here on."""
    vector, weights = refs_of(shape.value(0, "vec")), _each(frame, shape.value(1, "parameters"))
    modules = {s for ref in refs_of(weights) for s in frame.here.heap[ref.obj].sources}
    owners = [Ref(s, s) for s in sorted(modules) if frame.here.heap[s].kind is Kind.MODULE]
    modules_leave(frame, tuple(owners), node, parameters=False)
    for given in vector if len(vector) == 1 else ():
        cell = frame.here.heap[given.obj]
        for owner in (*owners, *refs_of(weights)):
            own = frame.here.heap[owner.obj].regions
            frame.update(owner.obj, regions=own | cell.regions)
        if cell.sure is Sure.MUST and owners:
            note_tie(frame, node, _weights_text(node), owners, given, cell.regions)
    return None


def note_tie(
    frame: Frame, node: Site, name: str, owners: Sequence[Ref], given: Ref, regions: frozenset[Region]
) -> None:
    """Remember that modules share these regions with something given, where that has a name of its own."""
    source = next((h.name for h in frame.program.handles.chain(given.hand) if h.name), "")
    own = frozenset(r for o in owners for r in frame.here.heap[o.obj].regions - regions)
    if source:
        holders = frozenset(base_of(owner.obj) for owner in owners)
        kind = frame.here.heap[given.obj].kind
        frame.log.places.tied[node] = Tie(node, name, source, holders, own, regions, base_of(given.obj), kind)


def _each(frame: Frame, value: Value) -> Value:
    """What a list of weights holds; the weights of a module as they are."""
    found: Value = NOTHING
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        found = join_values(found, everything(cell) if cell.kind in (Kind.LIST, Kind.TUPLE) else (ref,))
    return found


def _weights_text(node: Site) -> str:
    arguments = arguments_of(node)
    return text_of(arguments[1].value) if len(arguments) > 1 else ""


def _tie(frame: Frame, owner: Ref, ref: Ref, cell: Cell, own: frozenset[Region], node: Site) -> None:
    """Remember that the two share, where the other is something that was there before and lives on."""
    handles, heap = frame.program.handles, frame.here.heap
    chain = handles.chain(ref.hand)
    roots = {r[0] for r in cell.regions}
    mine = {r[0] for r in own}
    known = all(isinstance(root, int) and root in heap for root in roots)
    source = next((h for h in chain if h.name), None)
    if source is None or not known or roots & mine or cell.sure is not Sure.MUST or cell.kind not in DATA:
        return
    if any(base_of(h.obj) == base_of(owner.obj) for h in chain) or (cell.made is Origin.FRESH and source is chain[0]):
        return
    modules: set[Id] = {root for root in mine if isinstance(root, int) and heap[root].kind is Kind.MODULE}
    for module in modules:
        frame.update(module, regions=heap[module].regions | cell.regions)
    name = handles.of(owner.hand).name
    holders = frozenset(base_of(obj) for obj in {owner.obj, *modules})
    tie = Tie(node, name, source.name, holders, own, cell.regions, base_of(source.obj), Kind.TENSOR)
    frame.log.places.tied[node] = tie


def _leave_views(frame: Frame, owner: Ref, node: Site) -> None:
    """What was taken of the old memory keeps that; in a loop over all weights, what was taken of any of them."""
    left = frame.here.heap[owner.obj].regions
    if frame.program.handles.of(owner.hand).how is Sharing.LIVE_WEIGHT:
        left = frozenset(region[:-1] if region[-1] == "*" and len(region) > 1 else region for region in left)
    modules = {root for region in left if isinstance(root := region[0], int) and len(region) == 1}
    leave(frame, left, node, parameters=False, owners=frozenset({owner.obj, *modules}))
