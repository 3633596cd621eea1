"""Writes to what a call made of a tensor and nobody keeps: `x.diag().fill_(0)`, `x.flip(0)[0].zero_()`."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import PickWritten, RecomputedWritten
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import base_of, is_older, roots_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import WriteKind
from torchcopylint.interpret.events.lost_write import may_be_refused, on_trial
from torchcopylint.interpret.events.other_names import continues
from torchcopylint.interpret.events.path import cell_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.ir.question import arguments_of, last_name, receiver_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Assign, AugmentedAssign, Call
from torchcopylint.models.picking import landing


def lost_in_dropped(frame: Frame) -> Iterator[PickWritten]:
    """A PickWritten for each statement that writes to the new tensor which a call in it gave, and to nothing else."""
    for number, write in frame.log.memory.writes.items():
        if write.kind is not WriteKind.WRITE or write.via or Layout.INDEXED in write.layout:
            continue
        call = _maker(frame, write)
        if call is None or _is_read(frame, number) or continues(frame, write) or on_trial(frame, write.node):
            continue
        made, args = frame.log.copying.pure[call], arguments_of(call)
        first = receiver_of(call) if made.method else args[0].value
        source, word = text_of(first), last_name(call)
        yield PickWritten(
            node=write.node,
            name=text_of(call),
            source=source,
            proof=made.cell.proof,
            ground=write.ground,
            place=place(frame),
            steps=(Said.COPIED.at(call),),
            refused=may_be_refused(frame, write),
            write=write.words,
            site=write.node,
            maker=word,
            landing=landing(word, source),
        )


def lost_in_computed(frame: Frame) -> Iterator[RecomputedWritten]:
    """A RecomputedWritten for each write to a weight that is computed anew before it is used."""
    for write in frame.log.memory.writes.values():
        if write.kind is WriteKind.WRITE and not write.via and Layout.RECOMPUTED in write.layout:
            whole = next((h.name for h in frame.program.handles.chain(write.hand) if h.name.endswith(".weight")), "")
            yield RecomputedWritten(
                node=write.node,
                name=whole,
                source=whole,
                proof=write.proof,
                ground=write.ground,
                place=place(frame),
                steps=(Said.WRITTEN.at(write.node),),
                write=write.words,
            )


def _maker(frame: Frame, write: Write) -> Site | None:
    """The call in the statement that made all that is written, from a tensor, where that has no name."""
    statement = isinstance(write.node, Assign | AugmentedAssign) or write.node in frame.log.copying.dropped
    chain = frame.program.handles.chain(write.hand)
    if not statement or any(handle.name or handle.how is Sharing.RELAID for handle in chain):
        return None
    roots = [*roots_of(write.regions)]
    if len(roots) != 1 or is_older(roots[0]):
        return None
    birth = frame.program.births.get(base_of(roots[0]))
    if birth is None or birth.function is not frame.function or not _made(cell_of(frame, roots[0])):
        return None
    call = birth.node
    return call if isinstance(call, Call) and call in frame.log.copying.pure else None


def _made(cell: Cell) -> bool:
    return cell.kind is Kind.TENSOR and cell.made in (Origin.FRESH, Origin.CLONE, Origin.COPY)


def _is_read(frame: Frame, number: int) -> bool:
    return any(noticed == number for _, noticed in frame.log.memory.reads)
