"""References kept as if they were copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Step
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, base_of, older
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import LIVE, NO_LINK, Sharing, Sure
from torchcopylint.domain.use import QUIET, WriteKind
from torchcopylint.interpret.events.path import (
    cell_of,
    container_of,
    goes_over,
    of_module,
    parent_name,
    place,
    steps_to,
)
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.liveness import loops_around
from torchcopylint.interpret.state.log import Read, Write
from torchcopylint.interpret.state.program import Handle
from torchcopylint.interpret.state.touch import in_gradient
from torchcopylint.ir import Spot, is_foreign
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import under

_KINDS = frozenset({Kind.STATE_DICT, Kind.PARAMS, Kind.MODULE, Kind.TENSOR, Kind.LIST, Kind.DICT})


def stale_snapshots(frame: Frame) -> Iterator[Snapshot]:
    """A Snapshot for each reference taken before its source was changed and used after."""
    by_handle: dict[Id, list[tuple[Write, Read]]] = {}
    for (hand, number), reads in frame.log.memory.reads.items():
        write = frame.log.memory.writes.get(number)
        if (
            write is None
            or (write.kind is WriteKind.LOAD and write.proof < 2)
            or any(h.hand == base_of(hand) for h in frame.program.handles.chain(write.hand))
        ):
            continue
        seen = (r for r in reads.values() if r.how not in QUIET and not r.within)
        used = [(write, read) for read in seen if read.node is not write.node]
        by_handle.setdefault(base_of(hand), []).extend(used)
    taken: dict[Spot | None, tuple[Taken, list[tuple[Write, Read]]]] = {}
    for hand, used in by_handle.items():
        found = _taken_at(frame, hand, any(w.kind is WriteKind.TRAIN for w, _ in used)) if used else None
        if found is not None:
            taken.setdefault(found.at.named_at or found.at.node, (found, []))[1].extend(used)
    for found, used in taken.values():
        event = _event(frame, found, used)
        if event is not None:
            yield event


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a reference was taken as if it were a copy: the handle used, the link that shares, what to report at."""

    hand: Id
    link: Handle
    holder: Handle
    at: Handle
    about: Handle


def _taken_at(frame: Frame, hand: Id, trained: bool) -> Taken | None:
    kept = frame.log.places.held.get(base_of(hand))
    if kept is not None and (in_gradient(kept.cell) or not trained):
        handle = frame.program.handles.of(hand)
        shares = handle if in_gradient(kept.cell) else _taken(frame, handle)
        return Taken(hand, shares, handle, handle, shares) if shares is not None else None
    inner = frame.log.memory.inside.get(hand)
    link = _taken(frame, frame.program.handles.of(inner) if inner is not None else frame.program.handles.of(hand))
    if link is None:
        return None
    live = link.how in LIVE
    home = None if live else frame.log.places.homes.get(link.hand)
    holder = frame.program.handles.of(home) if home is not None else _named(frame, hand)
    about = holder if home is not None or link.how is Sharing.SAME_OBJECT else link
    at = link if live or (link.named_at and home is None) else holder
    return Taken(hand, link, holder, at, about)


def _event(frame: Frame, taken: Taken, used: list[tuple[Write, Read]]) -> Snapshot | None:
    cell = _cell(frame, taken.about)
    if cell.kind not in _KINDS or _only_at_first(frame, taken.at):
        return None
    if in_gradient(cell) and all(read.node in under(write.node) for write, read in used):
        return None  # it is written back to where it came from
    write, read = next(((w, r) for w, r in used if w.kind is WriteKind.TRAIN), used[0])
    at = taken.at
    return Snapshot(
        node=_reported_at(frame, at),
        name=_name(frame, taken) or text_of(_expression(frame, at)),
        source=parent_name(frame, taken.link),
        proof=cell.proof,
        place=place(frame),
        steps=_steps(frame, taken.hand, write, read),
        **site_of(frame, _site(frame, taken)),
        how=taken.link.how,
        kind=cell.kind,
        call=text_of(_expression(frame, taken.link)),
        change=write.words,
        trained=write.kind is WriteKind.TRAIN,
        clipped=all(w.kind is WriteKind.CLIP for w, _ in used),
        loaded=write.kind is WriteKind.LOAD,
        uses=frozenset(r.how for _, r in used),
        conditional=cell.sure is Sure.CONDITIONAL,
        gradient=in_gradient(cell),
        momentless=cell.family is Family.PLAIN_SGD,
        weights=of_module(frame, frame.program.handles.of(taken.link.hand)),
        met=_meets_itself(frame, taken, used),
        each=goes_over(frame, taken.link.hand),
    )


def _name(frame: Frame, taken: Taken) -> str:
    """What keeps the reference: the container that it is in, its own name, or the one that it was given later."""
    at = taken.at
    named = container_of(frame, at.hand) or at.name or taken.holder.name
    known = frame.program.handles.ways.get(Sharing.SAME_OBJECT, ())
    later = (h.name for h in known if h.parent in (at.hand, older(at.hand)))
    return named or next(later, "")


def _meets_itself(frame: Frame, taken: Taken, used: list[tuple[Write, Read]]) -> bool:
    """Whether a use meets the live thing: `torch.equal(before, layer.weight)`, `p.copy_(before)`."""
    source = parent_name(frame, taken.link)
    pattern = re.compile(rf"(?<![\w.]){re.escape(source)}(?!\w)") if source else None
    return pattern is not None and any(pattern.search(text_of(read.node)) for _, read in used)


def _only_at_first(frame: Frame, at: Handle) -> bool:
    """Whether the name stands for the thing itself only until a loop puts a copy in its place: `best = model`."""
    copies = (frame.program.handles.of(made) for made, copy in frame.log.copying.copies.items() if copy.rounds)
    later = [handle.named_at for handle in copies if handle.name == at.name]
    if not later or at.named_at is None:
        return False
    depth = loops_around(frame.function.body, at.named_at)
    return all(loops_around(frame.function.body, node) > depth for node in later)


def _site(frame: Frame, taken: Taken) -> Spot | None:
    """What a copy would be made of: the values put into the container, where they are the weights themselves."""
    if taken.link.how is Sharing.LIVE_WEIGHT:
        inner = frame.log.memory.inside.get(taken.hand, taken.hand)
        held = frame.log.places.held.get(base_of(inner))
        return held.node if held is not None else None
    within = taken.about is taken.holder and taken.link is not taken.holder
    if within and frame.program.made_at(taken.link) is not taken.link.node:
        return None  # the function that is called fills the container
    return _expression(frame, taken.link)


def _named(frame: Frame, hand: Id) -> Handle:
    """The nearest handle with a name, at or above this one."""
    chain = frame.program.handles.chain(hand)
    return next((h for h in chain if h.name), chain[0])


def _cell(frame: Frame, handle: Handle) -> Cell:
    seen = frame.log.memory.seen
    return seen.get(handle.hand) or seen.get(older(handle.hand)) or cell_of(frame, handle.obj, handle.hand)


def _reported_at(frame: Frame, at: Handle) -> Spot | None:
    """Where the reference is kept; what a function of the file leaves in an attribute is kept there."""
    made = frame.program.made_at(at) if at.named_at is at.node else at.node
    if made is not at.node and not is_foreign(frame.program.maker_of(at).qualname):
        return made
    return at.named_at or at.node


def _expression(frame: Frame, taken: Handle) -> Spot | None:
    """What took the reference: where a call left it in an attribute, what took it inside."""
    return frame.program.made_at(taken) if taken.named_at is taken.node else taken.node


def _taken(frame: Frame, handle: Handle) -> Handle | None:
    """The link at which the snapshot was taken by reference."""
    chain = frame.program.handles.chain(handle.hand)
    for link in chain:
        if link.hand in frame.log.memory.inherited:
            continue
        if link.how not in NO_LINK:
            return link
    return chain[0] if chain[0].how is Sharing.SAME_OBJECT else None


def _steps(frame: Frame, hand: Id, write: Write, read: Read) -> tuple[Step, ...]:
    steps = steps_to(frame, hand)
    changes = Said.TRAINS_REFERRED if write.kind is WriteKind.TRAIN else Said.CHANGES_REFERRED
    steps.append(changes.at(write.node, write.words))
    steps.append(Said.READ_CHANGED.at(read.node, frame.program.handles.of(hand).name))
    return tuple(steps)
