"""Shallow copies of modules and tensors that are written: the write reaches what they were made from."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import ShallowCopyWritten
from torchcopylint.domain.identity import base_of
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import WriteKind
from torchcopylint.interpret.events.path import cell_of, is_anothers, name_of, place, steps_to
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site


def written_copies(frame: Frame) -> Iterator[ShallowCopyWritten]:
    """A ShallowCopyWritten for each shallow copy that is written while its source lives on."""
    for number, write in frame.log.memory.writes.items():
        link = next((h for h in frame.program.handles.chain(write.hand) if h.how is Sharing.SHALLOW_OBJECT), None)
        if link is not None and write.kind in (WriteKind.WRITE, WriteKind.LOAD) and link.parent is not None:
            source = frame.program.handles.of(link.parent)
            if _lives_on(frame, source, number):
                yield _event(frame, link, source, write)
    for replaced in frame.log.places.replaced.values():
        link = frame.program.handles.of(replaced.hand)
        if link.parent is not None:
            yield _event(frame, link, frame.program.handles.of(link.parent), None, replaced.node)


def _lives_on(frame: Frame, source: Handle, number: int) -> bool:
    """Whether what was copied belongs to somebody else, or is read after the write."""
    if is_anothers(frame, source.obj):
        return True
    return any(base_of(hand) == source.hand and seen == number for hand, seen in frame.log.memory.reads)


def _event(
    frame: Frame, link: Handle, source: Handle, write: Write | None, stored: Site | None = None
) -> ShallowCopyWritten:
    cell = cell_of(frame, link.obj)
    where = write.node if write is not None else stored
    return ShallowCopyWritten(
        node=link.named_at or link.node,
        name=link.name or text_of(link.node),
        source=name_of(frame, source.hand),
        proof=cell.proof,
        place=place(frame),
        steps=(*steps_to(frame, link.hand), Said.CHANGES_SOURCE.at(where, source.name)),
        **site_of(frame, link.node),
        kind=cell.kind,
        call=text_of(link.node),
        change=text_of(where),
    )
