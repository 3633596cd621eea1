"""Copies being made: whether of something that nothing else can reach, and what takes them."""

from __future__ import annotations

from torchcopylint.domain.event import Detour
from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import NO, YES, Cell
from torchcopylint.domain.identity import Id, Region, base_of, is_older, overlap, root_of, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import CopyHow, TakeHow
from torchcopylint.domain.value import NOTHING, Element, Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import CopyMade, DeepCopied, Joined, Taken
from torchcopylint.interpret.state.round import Round
from torchcopylint.interpret.state.touch import hands_of
from torchcopylint.ir.kind import LoopKind
from torchcopylint.ir.question import arguments_of, receiver_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape

_ITS_OWN = frozenset({Origin.FRESH, Origin.CLONE, Origin.COPY, Origin.TENSOR, Origin.COPIED})
"""How an object came to be that surely has storage of its own."""


def note_copy(frame: Frame, how: CopyHow, shape: Shape, node: Site, value: Value) -> None:
    """Remember that a copy was made of the first argument."""
    sources = refs_of(shape.args[0] if shape.args else NOTHING)
    cells = [frame.here.heap[ref.obj] for ref in sources]
    if not cells or len(cells) != len(shape.args[0]) or len({c.kind for c in cells}) > 1:
        return
    cell = min(cells, key=lambda c: c.proof)
    if how is CopyHow.DEEPCOPY:
        ran = frame.log.graph.ran.get(sources[0].obj, False)
        inside = [
            (base_of(r.obj), frame.here.heap[r.obj]) for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)
        ]
        frame.log.copying.deepcopied[node] = DeepCopied(node, ran, cell, sources[0].hand, tuple(inside))
    for made in refs_of(value):
        frame.log.copying.copied_from[base_of(made.obj)] = sources[0].obj
        frame.log.copying.copies[base_of(made.obj)] = CopyMade(
            node=node,
            made=made.obj,
            how=how,
            kind=_copied_kind(frame, cell),
            proof=_proof(frame, sources[0], cell),
            ground=min(c.ground for c in cells),
            source=frame.program.handles.of(sources[0].hand).name,
            rounds=tuple(frame.rounds),
            guarded=frame.guards > 0,
            tested=bool(frame.tests) or frame.parted,
            cell=cell,
            regions=frozenset().union(*(c.regions for c in cells)),
            needless=len(sources) == 1 and cell.kind in DATA and lone(frame, sources[0]),
            method=len(shape.args) + len(shape.keywords) > len(arguments_of(node)),
            through=_through(frame, sources[0], cell),
        )


def _copied_kind(frame: Frame, cell: Cell) -> Kind:
    """A container of modules or tensors counts as what it holds."""
    if cell.kind in (Kind.LIST, Kind.DICT, Kind.TUPLE):
        inner = {frame.here.heap[r.obj].kind for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)}
        return Kind.CONTAINER if inner & {Kind.TENSOR, Kind.MODULE} else cell.kind
    return cell.kind


def _proof(frame: Frame, ref: Ref, cell: Cell) -> int:
    """How well it is known what is copied.

    A list made of a tensor's numbers is as well known as that tensor; what the annotation of a dict says of its values
    is often not so of all of them.
    """
    if cell.made is Origin.TOLIST:
        return min((frame.here.heap[o].proof for o in cell.of), default=cell.proof)
    parent = frame.program.children.get(base_of(ref.obj))
    of_dict = parent is not None and frame.here.heap[parent[0]].kind is Kind.DICT
    return min(cell.proof, 1) if of_dict else cell.proof


def _through(frame: Frame, ref: Ref, cell: Cell) -> Detour | None:
    """The detour that data takes on its way into a tensor."""
    held = [e for v in (*cell.slots.values(), cell.rest) for e in v]
    if cell.kind in (Kind.LIST, Kind.TUPLE):
        if cell.made is Origin.TOLIST:
            return None if frame.program.handles.of(ref.hand).name else Detour.NUMBERS
        return Detour.ARRAYS if held and all(_array(frame, e) for e in held) else None
    if cell.kind is Kind.NDARRAY and cell.made is Origin.VIEW and not frame.program.handles.of(ref.hand).name:
        roots = [frame.here.heap[root] for root in roots_of(cell.regions)]
        parent = frame.program.handles.of(ref.hand).parent
        whole = frame.here.heap[frame.program.handles.of(parent).obj] if parent is not None else None
        tensors = roots and whole is not None and whole.kind is Kind.TENSOR and whole.proof >= 2
        return Detour.ARRAY if tensors else None
    return None


def _array(frame: Frame, element: Element) -> bool:
    """Whether it is an array for certain: what indexing gives may be a single number."""
    cell = frame.cell(element)
    if cell is None or cell.kind is not Kind.NDARRAY or cell.proof < 2:
        return False
    return not isinstance(element, Ref) or frame.program.handles.of(element.hand).how is not Sharing.INDEX


def lone(frame: Frame, ref: Ref) -> bool:
    """Whether something is a temporary with storage of its own: nothing else reaches it, and no gradient needs it."""
    cell = frame.here.heap[ref.obj]
    if cell.leaf == YES or cell.sure is Sure.MAY or cell.proof < 2 or not _handed_straight(frame, ref):
        return False
    for region in cell.regions:
        root = root_of(region)
        owner = frame.here.heap.get(root)
        if owner is None or len(region) > 1:
            return False
        if root != ref.obj and not _made_here(frame, root, owner):
            return False
    return not hands_of(frame, frame.here.sharing(cell.regions))


def _handed_straight(frame: Frame, ref: Ref) -> bool:
    """Whether it came from where it was made without a name, and without a view, which may be seen through."""
    for handle in frame.program.handles.chain(ref.hand):
        cell = frame.here.heap[handle.obj]
        if handle.name:
            return False
        if handle.parent is None:
            return _made_here(frame, handle.obj, cell)
        if cell.made is not Origin.CONDITIONAL or Layout.UNEVEN in cell.layout:
            return False
    return False


def _made_here(frame: Frame, obj: Id, cell: Cell) -> bool:
    """Whether this function made it, by a call that keeps no hold of it."""
    if is_older(obj) or obj in frame.program.origins or cell.family is Family.OUTPUT or cell.leaf == YES:
        return False
    own = cell.made in _ITS_OWN or Layout.INDEXED in cell.layout or cell.made is Origin.CONDITIONAL
    return own and not (cell.attached != NO and cell.family is Family.SAVED)


def note_taken(frame: Frame, effect: Effect, shape: Shape, node: Site) -> None:
    """A call takes one of its arguments: was that a copy, made for it?"""
    assert effect.takes is not None
    how, index = effect.takes
    into = shape.args[0] if how is TakeHow.COPIES and shape.args else NOTHING
    take(frame, shape.value(index), node, how, into)


def take(frame: Frame, value: Value, node: Site, how: TakeHow, into: Value) -> None:
    """Something takes a value that may be a copy made for it; `into` is what it writes, if it does."""
    given = value[0] if len(value) == 1 else None
    if type(given) is not Ref or is_older(given.obj):
        return
    copy = frame.log.copying.copies.get(given.obj)
    if copy is None or copy.node not in _parts(node) or frame.program.handles.of(given.hand).name:
        return
    cells = [frame.here.heap[ref.obj] for ref in refs_of(into)]
    proof = min((cell.proof for cell in cells), default=0) if len(cells) == len(into) == 1 else 0
    apart = all(_apart(frame, cell.regions, copy.regions) for cell in cells)
    kind = cells[0].kind if len(cells) == 1 else Kind.NONE
    ground = min((cell.ground for cell in cells), default=Ground.GUESSED)
    frame.log.copying.taken[given.obj] = Taken(node, how, kind, proof, ground, apart)


def _parts(node: Site) -> list[Site]:
    """What a call is called on and given, or what a statement assigns."""
    parts = (*(argument.value for argument in arguments_of(node)), receiver_of(node), value_of(node))
    return [part for part in parts if part is not None]


def _apart(frame: Frame, written: frozenset[Region], source: frozenset[Region]) -> bool:
    """Whether two things surely share no memory; what a call gave of which nothing is known may be a view."""
    roots = (frame.here.heap.get(root) for root in roots_of((*written, *source)))
    if any(root is not None and root.made is Origin.CALLED for root in roots):
        return False
    return not any(overlap(a, b) for a in written for b in source)


def note_growth(frame: Frame, shape: Shape, node: Site, value: Value) -> None:
    """What this place put together in an earlier iteration goes into what it puts together now."""
    made = {base_of(r.obj) for r in refs_of(value)}
    inner = next((r for r in reversed(frame.rounds) if isinstance(r, Round)), None)
    if inner is None or inner.few or inner.kind is LoopKind.COMPREHENSION:
        return
    for ref in refs_of(shape.args[0] if shape.args else NOTHING):
        cell = frame.here.heap[ref.obj]
        for part in refs_of(tuple(e for v in (*cell.slots.values(), cell.rest) for e in v)):
            name = frame.program.handles.of(part.hand).name
            if is_older(part.obj) and base_of(part.obj) in made and name.isidentifier():
                grown = frame.here.heap[part.obj]
                frame.log.copying.joined[node] = Joined(node, name, grown.kind, grown.proof, inner)
