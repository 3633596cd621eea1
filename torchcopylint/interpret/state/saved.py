"""What autograd keeps for backward, and what is written before backward comes."""

from __future__ import annotations

from torchcopylint.domain.event import Refusal
from torchcopylint.domain.heap import NO, YES, Cell, Pending
from torchcopylint.domain.identity import Id, Region, base_of, overlap
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import Value, refs_of
from torchcopylint.interpret.state.autograd import trainable
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Broken, Refused, Saved, Write
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape

MOST_PENDING = 80
RESULT = -1


def save(frame: Frame, effect: Effect, shape: Shape, node: Site, value: Value) -> None:
    """The node that a call adds to the graph keeps some of its arguments, or its result, for backward."""
    made = refs_of(value)
    if not effect.saves or frame.grad_off or len(made) != 1 or len(value) != 1:
        return
    if frame.here.heap[made[0].obj].attached != YES:
        return
    for kept, needed in effect.saves:
        wanted = shape.args[needed] if needed < len(shape.args) else ()
        given = value if kept == RESULT else shape.args[kept] if kept < len(shape.args) else ()
        refs = refs_of(given)
        if len(refs) == 1 == len(given) and _attached(frame, wanted):
            cell = frame.here.heap[refs[0].obj]
            if cell.sure is Sure.MUST and cell.kind is Kind.TENSOR:
                number = frame.program.ids.of(frame.function, node, f"saved {kept}{frame.turn}")
                name = "" if kept == RESULT else frame.program.handles.of(refs[0].hand).name
                frame.log.graph.saved[number] = Saved(node, name, refs[0].hand)
                _keep(frame, Pending(number, made[0].obj, cell.regions, counted=cell.counter))


def _attached(frame: Frame, value: Value) -> bool:
    cell = frame.cell(value[0]) if len(value) == 1 else None
    if cell is not None and cell.kind is Kind.MODULE:
        return trainable(frame, value) == YES
    return cell is not None and cell.attached == YES


def _keep(frame: Frame, new: Pending) -> None:
    others = {p for p in frame.here.saved if (p.number, p.made) != (new.number, new.made)}
    if len(others) < MOST_PENDING:
        frame.here.saved = frozenset(others | {new})


def strike(frame: Frame, cell: Cell, number: int, write: Write) -> None:
    """Something is written in place: what is kept of it, and not yet used, is no longer what it was."""
    if write.kind is not WriteKind.WRITE or write.thing not in DATA or write.proof < 2:
        return
    if not frame.grad_off and cell.attached == YES:
        _refuse(frame, cell, write)
    if write.sure is not Sure.MUST or cell.sure is not Sure.MUST:
        return
    hit = {p for p in frame.here.saved if not p.write and _meets(p.regions, cell.regions, cell.counter and p.counted)}
    if hit:
        struck = {p._replace(write=number, counted=cell.counter and p.counted) for p in hit}
        frame.here.saved = (frame.here.saved - hit) | struck


def _meets(kept: frozenset[Region], written: frozenset[Region], counted: bool) -> bool:
    """Whether a write to these regions surely shows in what is kept: any write to the storage, where it is counted."""
    if len(kept) != 1 or len(written) != 1:
        return False
    (here,), (there,) = kept, written
    if counted:
        return _tensor(here) == _tensor(there)
    return overlap(here, there) and "*" not in there and (here == there[: len(here)] or there == here[: len(there)])


def _tensor(region: Region) -> Region:
    """The part of a region that says which tensor it is: the root, and the attributes that lead to it."""
    length = 1
    while length < len(region) and str(region[length]).startswith("."):
        length += 1
    return region[:length]


def _refuse(frame: Frame, cell: Cell, write: Write) -> None:
    """Torch raises on some writes at once: to a leaf, to a view of one, to one of several views made together."""
    why, base = None, write.obj
    if cell.leaf == YES:
        why = Refusal.LEAF
    elif cell.leaf == NO and len(cell.regions) == 1 and cell.counter and write.sure is Sure.MUST:
        ((root, *path),) = cell.regions
        owner = frame.here.heap.get(root) if isinstance(root, int) else None
        if path and owner is not None and owner.kind is Kind.TENSOR and (owner.attached, owner.leaf) == (YES, YES):
            why, base = Refusal.VIEW_OF_LEAF, root if isinstance(root, int) else write.obj
        elif Layout.MULTI in cell.layout:
            why = Refusal.ONE_OF_SEVERAL
    if why is not None and write.sure is Sure.MUST:
        birth = frame.program.births.get(base_of(base))
        frame.log.graph.refused[write.node] = Refused(
            why, write, birth is not None and birth.function is frame.function
        )


def spend(frame: Frame, sources: frozenset[Id], node: Site, again: bool) -> None:
    """Backward runs through these: what it finds changed breaks it; what it has used is let go."""
    used = {p for p in frame.here.saved if p.made in sources}
    for pending in used:
        if pending.write:
            frame.log.graph.broken.setdefault((pending.number, pending.write), Broken(pending, node))
    if not again:
        frame.here.saved = frame.here.saved - used


def unspent(frame: Frame, sources: frozenset[Id]) -> list[Broken]:
    """What is handed out of the function broken already: whoever calls backward on it finds it so."""
    if frame.state is None:
        return []
    known = set(frame.log.graph.broken)
    found = [p for p in frame.here.saved if p.write and p.made in sources and (p.number, p.write) not in known]
    return [Broken(p, None) for p in sorted(found, key=lambda p: (p.number, p.write))]
