"""Tensors that an assignment gave one storage: what changes one changes the other."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import TiedStorage
from torchcopylint.domain.family import Family
from torchcopylint.domain.identity import Id, Region, base_of, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import QUIET, ReadHow, WriteKind
from torchcopylint.interpret.events.path import cell_of, cell_when_read, name_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read, Tie, Write
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import Spot
from torchcopylint.ir.question import arguments_of, text_of

_QUIET = QUIET | {ReadHow.VIEWED}


def ties(frame: Frame) -> Iterator[TiedStorage]:
    """A TiedStorage for each `p.data = q.data` and `nn.Parameter(x)` where one side is changed and the other used."""
    for tie in frame.log.places.tied.values():
        found = next(((w, r) for hand, w, r in _used(frame) if _shows(frame, tie, hand, w)), None)
        if found is not None:
            yield _event(frame, tie.node, tie.name, tie.source, tie.kind, *found)
    made = [(h, h.parent) for h in frame.program.handles.ways.get(Sharing.PARAMETER, ()) if h.parent is not None]
    for link, parent in made:
        found = next(((w, r) for hand, w, r in _used(frame) if _parts(frame, link, base_of(parent), hand, w)), None)
        if found is not None:
            yield _event(frame, link.node, link.name, name_of(frame, parent), Kind.TENSOR, *found)


def _parts(frame: Frame, link: Handle, base: Id, hand: Id, write: Write) -> bool:
    """Whether a parameter and what it was made of, `base`, are distinguished: one is written, the other read."""
    handles = frame.program.handles
    reads, writes = handles.ancestors(hand), handles.ancestors(write.hand)
    trained = write.kind is WriteKind.TRAIN and _trains(frame, link, write)
    if base_of(hand) == base and handles.of(hand).name:
        return trained or (write.kind is WriteKind.WRITE and link.hand in writes)
    blank = cell_of(frame, handles.of(base).obj).family is Family.BLANK
    by_base = write.kind is WriteKind.WRITE and base in writes and link.hand not in writes
    return by_base and link.hand in reads and not blank


def _used(frame: Frame) -> Iterator[tuple[int, Write, Read]]:
    for (hand, number), reads in frame.log.memory.reads.items():
        write = frame.log.memory.writes.get(number)
        if write is not None:
            used = (read for read in reads.values() if read.how not in _QUIET and read.node is not write.node)
            yield from ((hand, write, read) for read in used)


def _shows(frame: Frame, tie: Tie, hand: int, write: Write) -> bool:
    """Whether a read of this handle after this write shows that the two share."""
    obj = base_of(frame.program.handles.of(hand).obj)
    if write.kind is WriteKind.LOAD or write.sure is not Sure.MUST:
        return False
    own = _meets(write.regions, tie.own)
    if obj in tie.holders:
        return _meets(write.regions, tie.regions) and not own
    regions = cell_when_read(frame, frame.program.handles.of(hand)).regions
    return own and _meets(regions, tie.regions) and not _meets(regions, tie.own)


def _meets(some: frozenset[Region], others: frozenset[Region]) -> bool:
    return any(overlap(a, b) for a in some for b in others)


def _trains(frame: Frame, link: Handle, write: Write) -> bool:
    return bool(cell_when_read(frame, link).regions & write.regions)


def _event(
    frame: Frame, node: Spot | None, name: str, source: str, kind: Kind, write: Write, read: Read
) -> TiedStorage:
    args = arguments_of(node)
    return TiedStorage(
        node=node,
        name=name or text_of(node),
        source=source,
        place=place(frame),
        steps=(
            Said.MEMORY_SHARED.at(node, source),
            Said.CHANGES_BOTH.at(write.node, write.words),
            Said.OTHER_READ_CHANGED.at(read.node),
        ),
        **site_of(frame, args[0].value if args else node),
        kind=kind,
        call=text_of(node),
        change=write.words,
        trained=write.kind is WriteKind.TRAIN,
    )
