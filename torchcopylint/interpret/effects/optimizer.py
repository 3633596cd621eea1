"""Optimizers and what they hold: made from parameters, given more, left with those that were replaced."""

from __future__ import annotations

from torchcopylint.domain.family import Family, OfClass
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Region, base_of, older, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.use import Fate, WriteKind
from torchcopylint.domain.value import NOTHING, Ref, Value, join_values, refs_of
from torchcopylint.interpret.effects.concern import Answer, concerned
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Relinked
from torchcopylint.interpret.state.touch import fate, hands_of, write
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import HIGH, Effect, Shape

_SGD = OfClass("SGD")


def hold_parameters(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """An optimizer is made: it holds these parameters."""
    held = shape.value(0, "params")
    fate(frame, held, Fate.TRAINED)
    regions_of = _parameters_in(frame, held, 5)
    _trained_copies(frame, regions_of)
    _relink(frame, regions_of)
    frame.log.training.optimized |= {base_of(r.obj) for r in refs_of(regions_of)}
    plain = effect.family == _SGD and not shape.keywords.keys() & {"momentum", "nesterov"} and len(shape.args) < 3
    family = Family.PLAIN_SGD if plain else effect.family
    slots = {".held": regions_of, **_rate(frame, shape.value(1, "lr"), node)}
    made = Cell(Kind.OPTIMIZER, 3, slots=slots, made=Origin.FRESH, family=family, ground=Ground.MADE)
    made = made._replace(layout=frozenset({Layout.UNSTEPPED}))
    return (frame.make(node, "fresh", made),)


def _rate(frame: Frame, rate: Value, node: Site) -> dict[str, Value]:
    """The groups of an optimizer whose learning rate is a tensor: each has that very tensor."""
    if not rate or any(type(e) is not Ref or frame.here.heap[e.obj].kind is not Kind.TENSOR for e in rate):
        return {}
    group = frame.make(node, "group", Cell(Kind.DICT, 3, slots={"['lr']": rate}, ground=Ground.MADE))
    return {".param_groups": (frame.make(node, "groups", Cell(Kind.LIST, 3, rest=(group,), ground=Ground.MADE)),)}


def schedule(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """A scheduler steps: a learning rate that is a tensor is written in place."""
    heap = frame.here.heap
    found = concerned(effect, shape)
    for key in (".optimizer", ".param_groups", "", "['lr']"):
        cells = [heap[ref.obj] for ref in refs_of(found)]
        found = NOTHING
        for cell in cells:
            found = join_values(found, cell.slots.get(key, NOTHING) if key else cell.rest)
    tensors = tuple(ref for ref in refs_of(found) if heap[ref.obj].kind is Kind.TENSOR)
    with frame.gradients(True):
        write(frame, tensors, node, arithmetic=True)
    return None


def _relink(frame: Frame, held: Value) -> None:
    """What was replaced is in an optimizer's hands again: one that was made after it."""
    regions = {region for ref in refs_of(held) for region in frame.here.heap[ref.obj].regions}
    for key, link in list(frame.log.training.relinked.items()):
        cell = frame.here.heap.get(frame.program.handles.of(link.thing).obj) if not link.copied else None
        if cell is None:
            continue
        parts = (ref for value in cell.slots.values() for ref in refs_of(value))
        own = cell.regions.union(*(frame.here.heap[part.obj].regions for part in parts))
        if any(overlap(a, b) for a in own for b in regions):
            del frame.log.training.relinked[key]


def _parameters_in(frame: Frame, value: Value, depth: int) -> Value:
    """The parameters among a list, a list of groups, or what else an optimizer is made from."""
    found: Value = NOTHING
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None:
            continue
        if cell.kind in (Kind.LIST, Kind.DICT, Kind.TUPLE, Kind.SET, Kind.ITEMS) and depth:
            for inner in (cell.rest, *cell.slots.values()):
                found = join_values(found, _parameters_in(frame, inner, depth - 1))
        else:
            found = join_values(found, (ref,))
    return found


def hold_more(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`add_param_group`."""
    for ref in refs_of(shape.value(0)):
        cell = frame.here.heap[ref.obj]
        more = join_values(cell.slots.get(".held", NOTHING), _parameters_in(frame, shape.value(1, "param_group"), 5))
        frame.update(ref.obj, slots={**cell.slots, ".held": more})
        for key, link in list(frame.log.training.relinked.items()):
            if link.optimizer == ref.obj:
                del frame.log.training.relinked[key]
    return None


def is_unstepped(frame: Frame, ref: Ref) -> bool:
    """Whether an optimizer was made in this function and has not stepped since, here or in what was called: its state
    is empty."""
    birth = frame.program.births.get(base_of(ref.obj))
    if Layout.UNSTEPPED not in frame.here.heap[ref.obj].layout or birth is None or birth.function is not frame.function:
        return False
    marks = {number for hand in hands_of(frame, {ref.obj}) | {ref.hand} for number in frame.here.marks.get(hand, ())}
    writes = (frame.log.memory.writes.get(number) for number in marks)
    return all(write is None or write.kind is not WriteKind.TRAIN for write in writes)


def no_longer_new(frame: Frame, value: Value) -> None:
    """These may have stepped, or were given the state of another."""
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is not None and Layout.UNSTEPPED in cell.layout:
            frame.update(ref.obj, layout=cell.layout - {Layout.UNSTEPPED})


def _trained_copies(frame: Frame, value: Value) -> None:
    roots = {r[0] for ref in refs_of(value) for r in frame.here.heap[ref.obj].regions}
    for root in roots:
        cell = frame.here.heap.get(root) if isinstance(root, int) else None
        if isinstance(root, int) and cell is not None and cell.made is Origin.COPIED:
            fate(frame, (Ref(root, root),), Fate.TRAINED)


def owned_by(frame: Frame, optimizers: Value) -> set[int | str]:
    """The modules whose parameters any of these optimizers holds."""
    held = [h for ref in refs_of(optimizers) for h in refs_of(frame.here.heap[ref.obj].slots.get(".held", NOTHING))]
    return {r[0] for h in held for r in frame.here.heap[h.obj].regions}


def check_link(frame: Frame, ref: Ref, owned: set[int | str], node: Site) -> None:
    """A step of an optimizer for an old module, where backward went through a copied or newly created one."""
    for source in frame.last_backward:
        found = frame.here.heap.get(source)
        made = found.made if found is not None and found.kind is Kind.MODULE else Origin.UNKNOWN
        if found is None or (made is not Origin.COPIED and (made is not Origin.FRESH or found.proof < HIGH)):
            continue
        names = {frame.program.handles.of(o).name for o in owned if isinstance(o, int)}
        same = frame.program.handles.of(source).name in names - {""}
        apart = not owned & frame.last_backward
        copied = found.of & owned and apart
        if (
            owned
            and (copied or (same and (apart or made is Origin.COPIED)))
            and not {source, base_of(source), older(source)} & owned
        ):
            birth = frame.program.births.get(base_of(source))
            if birth is not None:
                frame.log.training.relinked[birth.node] = Relinked(birth.node, source, ref.hand, node, copied=True)


def replace_part(frame: Frame, owner: Ref, part: str, value: Value, node: Site, old: Value | None = None) -> None:
    """A part of an object is set: what optimizers hold of it may be the old one's.

    old: what was there, where that is known; without it only a module has parts of which something is known.
    """
    cell = frame.here.heap[owner.obj]
    if (cell.kind is not Kind.MODULE and old is None) or not _brings_weights(frame, value):
        return
    gone = {region for ref in refs_of(old or NOTHING) for region in frame.here.heap[ref.obj].regions}
    if cell.kind is Kind.MODULE:
        gone |= {(*region, part) for region in cell.regions}
    if not _wraps(frame, value, owner):
        unlink(frame, owner, frozenset(gone), node)


def _brings_weights(frame: Frame, value: Value) -> bool:
    """Whether the value brings weights of its own: a new module that has some to train, or a new parameter."""
    cells = [c for r in refs_of(value) if (c := frame.cell(r)) is not None]
    return any(
        c.family is Family.PARAMETER
        or (c.kind is Kind.MODULE and c.made is Origin.FRESH and c.family is not Family.STATELESS)
        for c in cells
        if Layout.FROZEN not in c.layout
    )


def _wraps(frame: Frame, value: Value, owner: Ref) -> bool:
    """Whether what is put into a module holds something of it, as a layer around the one that was there: the optimizer
    goes on stepping that."""
    roots = {region[0] for region in frame.here.heap[owner.obj].regions}
    cells = [frame.here.heap[ref.obj] for ref in refs_of(value)]
    held = (inner for cell in cells for part in (*cell.slots.values(), cell.rest) for inner in refs_of(part))
    return any(region[0] in roots for ref in held for region in frame.here.heap[ref.obj].regions)


def unlink(frame: Frame, ref: Ref, regions: frozenset[Region], node: Site) -> None:
    """The parameters in these regions are replaced: note the optimizers made from the old ones."""
    frame.log.training.unlinked.setdefault(base_of(ref.obj), node)
    for obj, cell in frame.here.heap.items():
        if cell.kind is not Kind.OPTIMIZER:
            continue
        for held in refs_of(cell.slots.get(".held", NOTHING)):
            inside = frame.here.heap[held.obj].regions
            if any(r[: len(h)] == h for r in regions for h in inside):
                frame.log.training.relinked[node] = Relinked(node, ref.hand, obj)
