"""The autograd graph: what depends on it and how surely, what a write depends on it, what is a leaf."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import MAYBE, NO, SLOTTED, YES, Cell, bounded, join_cells
from torchcopylint.domain.identity import Id, base_of, is_older, root_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.value import Const, Ref, Unknown, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.models.effect import Effect
from torchcopylint.models.language import Grad
from torchcopylint.models.layer import HOLDERS

_PLAIN = (Kind.TENSOR, Kind.NDARRAY, Kind.UNKNOWN)


def sources_of(frame: Frame, values: Iterable[Value], deep: bool = True) -> tuple[frozenset[Id], int]:
    """(what the values were computed from and are, how surely one of them is attached to the graph)."""
    found: set[Id] = set()
    surest = NO
    for value in values:
        attached: set[int] = set()
        for element in value:
            if type(element) is Ref:
                sources, sure = _sources(frame, element, deep)
                found |= sources
                attached.add(sure)
            elif element != Const(None):
                attached.add(MAYBE if type(element) is Unknown else NO)
        surest = max(surest, attached.pop() if len(attached) == 1 else MAYBE if attached else NO)
    return frozenset(found), surest


def _sources(frame: Frame, ref: Ref, deep: bool) -> tuple[frozenset[Id], int]:
    cell = frame.cell(ref)
    if cell is None:
        return frozenset(), MAYBE
    if cell.kind in SLOTTED and cell.kind is not Kind.STATE_DICT:
        inner, sure = sources_of(frame, (*cell.slots.values(), cell.rest), deep=False) if deep else (frozenset(), NO)
        unseen = not cell.slots and not cell.rest and base_of(ref.obj) in frame.given
        return inner | {ref.obj}, MAYBE if unseen else sure
    return (cell.sources | {ref.obj}, cell.attached) if cell.attached else (frozenset(), NO)


class Standing(NamedTuple):
    """How a value stands in the graph: attached, a leaf if so, computed from which sources, perhaps not from all."""

    attached: int
    leaf: int = NO
    sources: frozenset[Id] = frozenset()
    either: bool = False


def graph(frame: Frame, effect: Effect, values: list[Value]) -> Standing:
    """How a result computed from the values stands in the graph."""
    if effect.grad in (Grad.LEAF, Grad.PARAMETER, Grad.PERHAPS):
        return Standing(MAYBE if effect.grad is Grad.PERHAPS else YES, YES)
    if effect.grad in (Grad.CUT, Grad.NEVER):
        return Standing(NO)
    return computed(frame, values)


def computed(frame: Frame, values: list[Value]) -> Standing:
    """How a tensor computed from the values stands in the graph."""
    sources, attached = sources_of(frame, values)
    if frame.attached(attached) == NO:
        return Standing(NO)
    either = any(len(v) > 1 or any(frame.here.heap[r.obj].either for r in refs_of(v)) for v in values)
    return Standing(frame.attached(attached), NO, bounded(sources), either)


def regrade(frame: Frame, value: Value, inner: Cell, attached: int, sources: frozenset[Id]) -> None:
    """A function that was called set how its argument is attached to the graph, or wrote into it what hangs there."""
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        written = inner.attached == MAYBE or inner.leaf == NO
        if written:
            attached = frame.attached(max(attached, cell.attached)) or cell.attached
        leaf = inner.leaf if attached == YES and cell.attached == NO else MAYBE
        sure = _alone(frame, ref, value) and not inner.either and not (written and frame.grad_off)
        hangs = bounded(cell.sources | sources) if attached else frozenset[Id]()
        _change(frame, ref, Standing(attached, leaf, hangs, cell.either or inner.either), sure)
        _sisters(frame, ref, cell, attached, leaf)


def reached(frame: Frame, cell: Cell, sources: list[Value]) -> int:
    """How surely what another function made of these sources is attached to the graph."""
    known = {sources_of(frame, [value])[1] for value in sources if refs_of(value)}
    if cell.attached != MAYBE or not known:
        return cell.attached
    return MAYBE if cell.either and len(known) > 1 else max(known)


def looked_at(frame: Frame, ref: Ref, cell: Cell) -> Standing:
    """How a view stands in the graph: taken with gradients off it still requires them, but leads nowhere."""
    if frame.attached(cell.attached) != cell.attached:
        return Standing(MAYBE, MAYBE)
    return Standing(cell.attached, NO, cell.sources | {ref.obj} if cell.attached else cell.sources, cell.either)


def shared(frame: Frame, effect: Effect, ref: Ref) -> Standing:
    """How what may be a view of the argument, a copy of it, or the argument itself stands in the graph."""
    cell = frame.here.heap[ref.obj]
    if effect.grad is not Grad.FLOWS:
        return graph(frame, effect, [(ref,)])
    view = looked_at(frame, ref, cell)
    if not effect.itself:
        return view._replace(sources=bounded(view.sources))
    leaf = view.leaf if cell.leaf == NO else MAYBE
    return view._replace(leaf=leaf, sources=bounded(cell.sources | {ref.obj}))


def attach(frame: Frame, value: Value, written: list[Value]) -> None:
    """The objects now hang on the graph as far as what was written into them does, and so may what shares with them."""
    new = computed(frame, written)
    if not new.attached:
        return
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None or cell.kind not in _PLAIN or cell.family is Family.PARAMETER:
            continue
        new = new._replace(sources=bounded(cell.sources | new.sources), either=cell.either or new.either)
        leaf = NO if new.attached == YES and not cell.attached else cell.leaf if cell.attached == YES else MAYBE
        mine = new._replace(attached=max(cell.attached, new.attached), leaf=leaf)
        _change(frame, ref, mine, sure=_alone(frame, ref, value))
        for other in frame.here.sharing(cell.regions) - {ref.obj}:
            theirs = max(frame.here.heap[other].attached, new.attached)
            _change(frame, Ref(other, other), new._replace(attached=theirs, leaf=MAYBE), sure=False)


def require(frame: Frame, value: Value, wanted: int) -> None:
    """`requires_grad_(..)`: leaves that hang on the graph from now on, that do not, or perhaps."""
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None:
            continue
        leaf = cell.leaf if cell.attached == YES else YES if cell.attached == NO or cell.leaf == YES else MAYBE
        sources = cell.sources if wanted else frozenset[Id]()
        # A view taken with gradients off goes on asking its base, whatever it is told itself.
        asks = wanted == NO and cell.attached == MAYBE and cell.regions != {(base_of(ref.obj),)}
        sure = wanted != MAYBE and not asks and _alone(frame, ref, value)
        _change(frame, ref, Standing(wanted, leaf, sources, cell.either), sure)
        _sisters(frame, ref, cell, wanted, leaf)


def cut(frame: Frame, value: Value) -> None:
    """`detach_()`: the objects hang on no graph from now on."""
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is not None:
            _change(frame, ref, Standing(NO), sure=_alone(frame, ref, value))
            _sisters(frame, ref, cell, NO, NO)


def _alone(frame: Frame, ref: Ref, value: Value) -> bool:
    return len(value) == 1 and not is_older(ref.obj) and not frame.doubt


def _sisters(frame: Frame, ref: Ref, cell: Cell, attached: int, leaf: int) -> None:
    """What `.to(..)` made may be the very tensor, and a view asks its base: set on one, it is perhaps set on others."""
    for other in frame.here.sharing(cell.regions) - {ref.obj}:
        found = frame.here.heap[other]
        _change(frame, Ref(other, other), Standing(attached, leaf, found.sources, found.either), sure=False)


def _change(frame: Frame, ref: Ref, new: Standing, sure: bool) -> None:
    cell = frame.here.heap[ref.obj]
    if cell.kind not in _PLAIN or cell.kind is Kind.NDARRAY:
        return
    frame.log.graph.regraded.add(base_of(ref.obj))
    if not sure:
        either = join_cells(cell, cell._replace(**new._asdict()))
        new = Standing(either.attached, either.leaf, bounded(either.sources), either.either)
    if new != (cell.attached, cell.leaf, cell.sources, cell.either):
        frame.update(ref.obj, **new._asdict())


def freeze(frame: Frame, value: Value, sure: bool = True) -> None:
    """`requires_grad_(False)` on tensors and modules: what they hold hangs on no graph from now on."""
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        certain = sure and _alone(frame, ref, value)
        if cell.kind in (Kind.TENSOR, Kind.UNKNOWN):
            require(frame, (ref,), NO if certain else MAYBE)
            _freeze_owner(frame, cell, certain)
        flags = {Layout.FROZEN} if certain else {Layout.FROZEN, Layout.PARTLY_FROZEN}
        frame.update(ref.obj, layout=frame.here.heap[ref.obj].layout | flags)
        if cell.kind is Kind.MODULE:
            _freeze_parameters(frame, cell, certain)


def thaw(frame: Frame, value: Value) -> None:
    """`requires_grad_()` on modules: nothing is known to be frozen any more."""
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        if Layout.FROZEN in cell.layout:
            frame.update(ref.obj, layout=cell.layout | {Layout.PARTLY_FROZEN})
        for obj in frame.here.sharing(cell.regions):
            if frame.here.heap[obj].attached == NO and frame.here.heap[obj].family is Family.PARAMETER:
                frame.update(obj, attached=MAYBE)


def _freeze_owner(frame: Frame, cell: Cell, certain: bool) -> None:
    if cell.family is not Family.PARAMETER:
        return
    for region in cell.regions:
        root = root_of(region)
        owner = frame.here.heap.get(root)
        if owner is not None and owner.kind is Kind.MODULE:
            whole = certain and region[1:] == ("*",)
            flags = {Layout.FROZEN} if whole else {Layout.FROZEN, Layout.PARTLY_FROZEN}
            frame.update(root, layout=owner.layout | flags)


def _freeze_parameters(frame: Frame, module: Cell, certain: bool) -> None:
    for obj in frame.here.sharing(module.regions):
        cell = frame.here.heap[obj]
        if cell.kind in _PLAIN and cell.attached:
            known = certain and cell.family is Family.PARAMETER and not is_older(obj)
            _change(frame, Ref(obj, obj), Standing(NO, cell.leaf), sure=known)


def trainable(frame: Frame, value: Value, depth: int = 4) -> int:
    """Whether a module has weights that hang on the graph: YES for any known module that is not known to be frozen."""
    found: set[int] = set()
    for element in value:
        cell = frame.cell(element)
        if cell is None or cell.kind is not Kind.MODULE:
            found.add(MAYBE)
        elif cell.family in (Family.STATELESS, Family.LOSS):
            found.add(NO)
        elif Layout.FROZEN in cell.layout:
            found.add(MAYBE if Layout.PARTLY_FROZEN in cell.layout else NO)
        elif cell.family in HOLDERS and depth:
            held = {r for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)}
            found.add(max((trainable(frame, (r,), depth - 1) for r in held), default=MAYBE))
        else:
            found.add(YES if cell.proof >= 2 else MAYBE)
    return found.pop() if len(found) == 1 else MAYBE
