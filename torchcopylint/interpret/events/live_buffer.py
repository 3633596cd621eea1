"""Tensors kept in a container, or handed out by a generator, while somebody goes on writing them."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import LiveBuffer
from torchcopylint.domain.family import Family
from torchcopylint.domain.identity import Id, base_of, contains, is_older, older, roots_of
from torchcopylint.domain.sharing import Owner, Sharing, Sure
from torchcopylint.domain.use import QUIET, WriteKind
from torchcopylint.interpret.classes import stored_attributes
from torchcopylint.interpret.events.path import (
    cell_of,
    container_of,
    goes_over,
    is_anothers,
    me,
    name_of,
    owner_of,
    place,
    steps_to,
)
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Held, Read, Write
from torchcopylint.interpret.state.touch import in_gradient
from torchcopylint.ir import Function
from torchcopylint.ir.question import text_of


def live_buffers(frame: Frame) -> Iterator[LiveBuffer]:
    """A LiveBuffer for each tensor that was put somewhere as it is, and overwritten there before it was used."""
    for held in frame.log.places.held.values():
        if goes_over(frame, held.hand):
            continue
        writes = [
            frame.log.memory.writes[number]
            for hand, number in frame.log.memory.met
            if base_of(hand) == held.hand and _overwrites(frame, held, number, later=is_older(hand))
        ]
        if writes:
            write = min(writes, key=lambda w: w.kind is not WriteKind.TRAIN)
            reads = _reads(frame, held)
            if reads or held.how is Sharing.YIELDED or _lasts(frame, held):
                yield _event(frame, held, write, reads)


def _overwrites(frame: Frame, held: Held, number: int, later: bool) -> bool:
    """Whether a write surely changes what is held: in a later round, or at once, not to fill it, and not for it."""
    write = frame.log.memory.writes[number]
    handles = frame.program.handles
    inside = {held.hand, *(base_of(handles.of(hand).obj) for hand in held.into)}
    if write.sure is not Sure.MUST or write.kind is WriteKind.LOAD:
        return False
    if inside & {base_of(write.obj), *handles.ancestors(write.hand)}:
        return False
    if write.kind is WriteKind.TRAIN and held.hand in frame.log.training.trainees:
        return False
    if held.cell.sure is not Sure.MUST or not _meets(held, write):
        return False
    if held.born != held.rounds[: len(held.born)]:
        return False
    if later:
        return len(held.born) < len(held.rounds) and not _one_of_many(frame, held)
    if held.how is Sharing.YIELDED or held.cell.family is Family.BLANK:
        return False
    if held.cell.family is Family.PARAMETER and write.kind is not WriteKind.TRAIN:
        return False  # it is collected to be trained, and initialised where it lies
    if write.kind is WriteKind.WRITE and not write.via and not _looked_at(frame, write, number):
        return False  # nobody else looks at what was written: it was meant for the container
    return write.rounds == held.rounds[: len(write.rounds)]


def _looked_at(frame: Frame, write: Write, number: int) -> bool:
    """Whether what was written is looked at under its own name afterwards, perhaps in the next iteration."""
    for hand in (base_of(write.hand), older(write.hand)):
        for read in frame.log.memory.reads.get((hand, number), {}).values():
            if read.how not in QUIET and not read.within and read.node is not write.node:
                return True
    return False


def _one_of_many(frame: Frame, held: Held) -> bool:
    """Whether what is held came up in going over something: the next iteration has another."""
    return any(frame.program.handles.of(root).how is Sharing.ELEMENT for root in roots_of(held.cell.regions))


def _meets(held: Held, write: Write) -> bool:
    return any(contains(a, b) or contains(b, a) for a in held.cell.regions for b in write.regions)


def _reads(frame: Frame, held: Held) -> list[Read]:
    return [
        read
        for (hand, _), reads in frame.log.memory.reads.items()
        if base_of(hand) == held.hand
        for read in reads.values()
        if read.how not in QUIET and read.node not in frame.log.places.adding
    ]


def _lasts(frame: Frame, held: Held) -> bool:
    """Whether the container belongs to somebody who is not seen here."""
    return any(is_anothers(frame, frame.program.handles.of(hand).obj) for hand in held.into)


def buffers_of_classes(frames: list[Frame]) -> Iterator[LiveBuffer]:
    """A LiveBuffer for each attribute that a method puts into another as it is, and that the next call writes."""
    for frame in frames:
        if frame.owner is None or frame.function.name == "__init__":
            continue
        sisters = [other for other in frames if other.owner is frame.owner]
        for held in frame.log.places.held.values():
            attr, into = _attribute(frame, held.obj), _container(frame, held)
            if held.how is not Sharing.KEPT or not attr or not into or held.cell.sure is not Sure.MUST:
                continue
            methods = [m for m in frame.owner.cls.methods.values() if m is not frame.function]
            setters = (m for m in (frame.function, *methods) if m.name != "__init__")
            if any(attr in stored_attributes(frame.program, method) for method in setters):
                continue
            writes = (w for other in sisters for w in other.log.memory.writes.values() if w.kind in _OVERWRITING)
            write = next((w for w in writes if w.sure is Sure.MUST and not w.via and _meets(held, w)), None)
            if write is not None and any(into in _uses(method) for method in methods):
                yield _event(frame, held, write, [])


_OVERWRITING = (WriteKind.WRITE, WriteKind.TRAIN)


def _attribute(frame: Frame, obj: Id) -> str:
    """The attribute of `self` that an object is, or lies in."""
    roots = [*roots_of(cell_of(frame, obj).regions)]
    found = [name.split(".") for kind, name in (owner_of(frame, root) for root in roots) if kind is Owner.ATTRIBUTE]
    return found[0][1].partition("[")[0] if len(found) == len(roots) == 1 and len(found[0]) > 1 else ""


def _container(frame: Frame, held: Held) -> str:
    names = [name_of(frame, hand).split(".") for hand in held.into]
    return names[0][1] if len(names) == 1 and len(names[0]) > 1 and names[0][0] == me(frame) else ""


def _uses(method: Function) -> frozenset[str]:
    return frozenset().union(*(method.uses.get(parameter.name, ()) for parameter in method.parameters[:1]))


_CHANGES = {
    (True, True): Said.TRAINS_KEPT,
    (True, False): Said.TRAINS_HANDED_OUT,
    (False, True): Said.CHANGES_KEPT,
    (False, False): Said.CHANGES_HANDED_OUT,
}
"""(whether it trains, whether what holds the thing has a name) → what is said of a write."""


def _event(frame: Frame, held: Held, write: Write, reads: list[Read]) -> LiveBuffer:
    into = container_of(frame, held.hand)
    steps = steps_to(frame, held.hand)
    steps.append((Said.HANDED_OUT if held.how is Sharing.YIELDED else Said.KEPT_NOT_COPIED).at(held.node))
    steps.append(_CHANGES[write.kind is WriteKind.TRAIN, bool(into)].at(write.node, write.words))
    steps += [Said.READ_CHANGED.at(read.node, "") for read in reads[:1]]
    return LiveBuffer(
        node=held.node,
        name=into,
        source=name_of(frame, held.hand) or text_of(held.node),
        proof=held.cell.proof,
        place=place(frame),
        steps=tuple(steps),
        **site_of(frame, held.node),
        yielded=held.how is Sharing.YIELDED,
        kind=held.cell.kind,
        call=text_of(held.node),
        change=write.words,
        trained=write.kind is WriteKind.TRAIN,
        clipped=write.kind is WriteKind.CLIP,
        gradient=in_gradient(held.cell),
    )
