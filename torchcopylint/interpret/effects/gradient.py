"""Gradients: `backward` adds to them in place, `zero_grad` lets go of them or fills them with zeros."""

from __future__ import annotations

from collections.abc import Iterable

from torchcopylint.domain.ageing import renamed
from torchcopylint.domain.identity import Id, Region, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import NOTHING, Const, Value, refs_of
from torchcopylint.interpret.effects.concern import Answer, concerned
from torchcopylint.interpret.state.access import everything
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.touch import hands_of, in_gradient
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape

Roots = frozenset[int | str]


def accumulate(frame: Frame, sources: Iterable[Id], node: Site, anew: bool) -> None:
    """`backward` adds to the gradients of all that it reaches; anew: it binds others, and what was kept stays."""
    heap = frame.here.heap
    roots = frozenset(r[0] for source in sources if source in heap for r in heap[source].regions)
    if anew:
        if roots:
            let_go(frame, roots, node)
        return
    _write(frame, roots, node, WriteKind.ACCUMULATE)


def zero(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`zero_grad`: the gradients are gone, and whoever kept one keeps it; or they are filled with zeros."""
    roots = _leaves(frame, concerned(effect, shape))
    if shape.const(1, "set_to_none") is False:
        _write(frame, roots, node, WriteKind.ZERO)
    else:
        let_go(frame, roots, node)
    return None


def clip(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`clip_grad_norm_`, `unscale_`: the gradients are changed in place, and whoever kept one finds it changed."""
    _write(frame, _leaves(frame, concerned(effect, shape)), node, WriteKind.CLIP)
    return None


def _leaves(frame: Frame, value: Value) -> Roots:
    """What a module, an optimizer or a list of parameters has gradients of."""
    heap = frame.here.heap
    roots: set[int | str] = set()
    for ref in refs_of(value):
        cell = heap[ref.obj]
        held = refs_of(cell.slots.get(".held", NOTHING)) if cell.kind is Kind.OPTIMIZER else (ref,)
        held = refs_of(everything(cell)) if cell.kind in (Kind.LIST, Kind.TUPLE) else held
        roots |= {r[0] for h in held for r in heap[h.obj].regions}
    return frozenset(roots)


def _write(frame: Frame, roots: Roots, node: Site, kind: WriteKind) -> None:
    regions: frozenset[Region] = frozenset((root, "*", ".grad") for root in roots)
    if not regions:
        return
    number = frame.program.ids.of(frame.function, node, kind.name)
    rounds = tuple(r.node for r in frame.rounds)
    frame.program.handles.open(number, number, node, Sharing.MADE)
    frame.log.memory.writes[number] = Write(
        node, number, number, "", kind, regions, True, rounds, guarded=frame.guards > 0
    )
    touch_gradients(frame, regions, number)


def touch_gradients(frame: Frame, regions: frozenset[Region], number: int) -> None:
    """Mark every handle of every gradient that belongs to what the regions begin with."""
    state, roots = frame.here, {r[0] for r in regions}
    objects = {
        obj for obj, cell in state.heap.items() if in_gradient(cell) and any(r[0] in roots for r in cell.regions)
    }
    for hand in hands_of(frame, objects) if objects else ():
        state.marks[hand] = state.marks.get(hand, frozenset()) | {number}
        if base_of(hand) in frame.program.watched:
            frame.log.memory.met.add((hand, number))


def let_go(frame: Frame, roots: Roots, node: Site) -> None:
    """The gradients of these leaves are no longer theirs: the next `backward` makes new ones. No roots: of all."""
    state, ids = frame.here, frame.program.ids
    moved: dict[Id, Id] = {}
    for obj, cell in list(state.heap.items()):
        if in_gradient(cell) and (not roots or any(r[0] in roots for r in cell.regions)):
            regions = frozenset(_apart(frame, r, node) for r in cell.regions)
            state.heap[obj] = cell._replace(regions=regions)
        grad = cell.slots.get(".grad")
        if grad and (not roots or any(r[0] in roots for r in cell.regions)):
            frame.update(obj, slots={key: value for key, value in cell.slots.items() if key != ".grad"})
            for ref in refs_of(grad):
                moved[ref.obj] = ids.of(frame.function, node, f"left {base_of(ref.obj)}")
    for old, new in moved.items():
        was = frame.program.handles.of(old)
        frame.program.handles.open(new, new, was.node, was.how, was.name, was.parent)
        for born in frame.born:
            born.add(new)
    if moved:
        frame.state = renamed(state, moved)


def _apart(frame: Frame, region: Region, node: Site) -> Region:
    if ".grad" not in region:
        return region
    at = region.index(".grad")
    return (frame.program.ids.of(frame.function, node, f"apart {region[:at]}"), *region[at + 1 :])


def drops_gradient(attr: str, value: object) -> bool:
    """Whether storing this under the attribute lets go of a gradient: `p.grad = None`."""
    return attr == "grad" and value == (Const(None),)
