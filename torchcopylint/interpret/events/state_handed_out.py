"""Methods that hand out what the object itself goes on writing."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import StateHandedOut
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import contains, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.sharing import Owner, Sure
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import Value, refs_of
from torchcopylint.interpret.events.path import cell_of, owner_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site
from torchcopylint.models.evidence import HANDS_OUT


def handed_out(frames: list[Frame]) -> Iterator[StateHandedOut]:
    """A StateHandedOut for each method named like a copy that returns tensors of the object, which it writes later."""
    for frame in frames:
        if frame.owner is None or not HANDS_OUT.search(frame.function.name):
            continue
        sisters = (f for f in frames if f.owner is frame.owner)
        writes = [w for f in sisters for w in f.log.memory.writes.values() if w.kind is WriteKind.WRITE]
        for given in frame.log.memory.returns.values():
            found = next((f for cell in _tensors(frame, given.value, 3) if (f := _own(frame, cell, writes))), None)
            if found is not None:
                yield _event(frame, given.node, *found)


def _tensors(frame: Frame, value: Value, depth: int) -> Iterator[Cell]:
    for ref in refs_of(value):
        cell = cell_of(frame, ref.obj, ref.hand)
        if ref.obj in frame.program.selves:
            continue
        if cell.kind in DATA:
            yield cell
        elif depth:
            for inner in (*cell.slots.values(), cell.rest):
                yield from _tensors(frame, inner, depth - 1)


def _own(frame: Frame, cell: Cell, writes: list[Write]) -> tuple[str, Write] | None:
    roots = [owner_of(frame, root) for root in roots_of(cell.regions)]
    if cell.sure is not Sure.MUST or len(roots) != 1 or roots[0][0] is not Owner.ATTRIBUTE:
        return None
    meets = (w for w in writes if w.sure is Sure.MUST and not w.via)
    write = next(
        (w for w in meets if any(contains(a, b) or contains(b, a) for a in w.regions for b in cell.regions)), None
    )
    return (roots[0][1], write) if write is not None else None


def _event(frame: Frame, node: Site, name: str, write: Write) -> StateHandedOut:
    return StateHandedOut(
        node=node,
        name=name,
        source=frame.function.name,
        place=place(frame),
        steps=(Said.HANDED_OUT_AS_IS.at(node, name), Said.WRITTEN.at(write.node)),
        kind=Kind.TENSOR,
        call=text_of(node),
        change=write.words,
    )
