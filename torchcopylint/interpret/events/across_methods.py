"""What only shows across the methods of a class: kept by one, trained by another, used by a third."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.finding import Step
from torchcopylint.domain.identity import Id, Region, base_of, overlap, roots_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import NO_LINK, Sharing
from torchcopylint.domain.use import ReadHow, WriteKind
from torchcopylint.interpret.events.path import (
    cell_of,
    in_attribute,
    is_anothers,
    me,
    owner_of,
    parent_name,
    place,
)
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import KeptAside, Loaded, Write
from torchcopylint.ir.question import method_of, receiver_of, text_of
from torchcopylint.ir.site import Site


def class_snapshots(frames: list[Frame]) -> Iterator[Snapshot]:
    """A Snapshot for each attribute that one method binds to what another trains and a third uses as a copy."""
    methods = [frame for frame in frames if frame.owner is not None]
    for frame in methods:
        sisters = [other for other in methods if other.owner is frame.owner]
        for alias in frame.log.places.aliased.values():
            lasts = base_of(alias.obj) in in_attribute(frame, alias.attr)
            if (
                lasts
                and _trained(sisters, frame, cell_of(frame, alias.obj).regions)
                and _used(sisters, frame, alias.attr)
            ):
                yield _alias(frame, alias.node, alias.attr, alias.source, _training(sisters))
        for kept in frame.log.places.snapshots.values():
            use = _use(sisters, frame, kept)
            if use is not None and in_attribute(frame, kept.attr) and _lives_on(frame, kept.hand):
                yield _snapshot(frame, kept, use)


def _use(sisters: list[Frame], frame: Frame, kept: KeptAside) -> tuple[Step, ...] | None:
    """Where what is kept is used as if it were a copy: loaded or copied back in another call, or averaged into."""
    if kept.kind is not Kind.TENSOR:
        for other in sisters:
            loaded = other.log.training.loaded.get(f"{me(other)}.{kept.attr}")
            if loaded is not None and (other is not frame or loaded.before) and _into_the_same(frame, kept, loaded):
                return (Said.READ_CHANGED.at(loaded.node, f"{me(frame)}.{kept.attr}"),)
    regions = cell_of(frame, frame.program.handles.of(kept.hand).obj, kept.hand).regions
    users = [other for other in sisters if other is not frame and _uses(other, kept.attr)]
    for other in users:
        for write in _writes(other, regions):
            if method_of(write.node) == "copy_" or (_through(other, write, kept.attr) and _COPY.search(kept.attr)):
                return (Said.CHANGES_REFERRED.at(write.node, write.words),)
    live = kept.kind is Kind.STATE_DICT or kept.kind is Kind.PARAMS
    return None if live or not users or not _trained(sisters, frame, regions) else _training(sisters)


def _into_the_same(frame: Frame, kept: KeptAside, loaded: Loaded) -> bool:
    """Whether what is loaded may come back into the model that it is of: another attribute's is another model."""
    names = [h.name for h in frame.program.handles.chain(kept.hand)]
    source = next((name for name in reversed(names) if name.startswith(f"{me(frame)}.")), "")
    target = text_of(receiver_of(loaded.node)).removesuffix(".module")
    return not source or "." not in target or target.partition(".")[2] == source.partition(".")[2]


_COPY = re.compile(
    r"shadow|(^|_)ema(_|$)|average|avg|target|teacher|slow|before|old|orig|prev|init|start|snapshot|backup|saved|best"
    r"|frozen|anchor|kept|stored"
)
"""In the name of an attribute that is meant to hold a copy."""


def _writes(frame: Frame, regions: frozenset[Region]) -> Iterator[Write]:
    """What a method writes in place in these regions."""
    for write in frame.log.memory.writes.values():
        if write.kind is WriteKind.WRITE and any(overlap(a, b) for a in write.regions for b in regions):
            yield write


def _through(frame: Frame, write: Write, attr: str) -> bool:
    """Whether a write goes through what an attribute holds."""
    chain = frame.program.handles.chain(write.hand)
    names = [text_of(receiver_of(write.node)), *(h.name for h in chain)]
    names += [owner_of(frame, root)[1] for root in roots_of(write.regions)]
    return any(re.match(rf"{me(frame)}\.{attr}(?!\w)", name) for name in names)


def _trained(sisters: list[Frame], frame: Frame, regions: frozenset[Region]) -> bool:
    return any(overlap(a, b) for sister in sisters for a in sister.log.training.stepped for b in regions)


def _used(sisters: list[Frame], frame: Frame, attr: str) -> bool:
    return any(_uses(other, attr) for other in sisters if other is not frame)


def _uses(frame: Frame, attr: str) -> bool:
    return attr in frame.function.uses.get(me(frame), ())


def _training(sisters: list[Frame]) -> tuple[Step, ...]:
    writes = (
        w for sister in sisters for w in sister.log.memory.writes.values() if w.kind is WriteKind.TRAIN and not w.via
    )
    return tuple(Said.TRAINED.at(w.node) for w in writes)[:1]


def _alias(frame: Frame, node: Site, attr: str, source: str, training: tuple[Step, ...]) -> Snapshot:
    return Snapshot(
        node=node,
        name=f"{me(frame)}.{attr}",
        source=source,
        place=place(frame),
        steps=(Said.SAME_MODULE.at(node, f"{me(frame)}.{attr}", source), *training),
        **site_of(frame, node),
        how=Sharing.SAME_OBJECT,
        kind=Kind.MODULE,
        trained=True,
    )


def _lives_on(frame: Frame, hand: Id) -> bool:
    """Whether what the references lead to belongs to more than this method: an argument, an attribute, a global."""
    return is_anothers(frame, frame.program.handles.of(hand).obj)


def _snapshot(frame: Frame, kept: KeptAside, use: tuple[Step, ...]) -> Snapshot:
    chain = frame.program.handles.chain(kept.hand)
    taken = next((h for h in chain if h.how not in NO_LINK), chain[0])
    name = f"{me(frame)}.{kept.attr}"
    return Snapshot(
        node=kept.node,
        name=name,
        source=parent_name(frame, taken),
        place=place(frame),
        steps=(Said.KEPT_FOR_OTHERS.at(kept.node, name), *use),
        **site_of(frame, taken.node),
        how=taken.how,
        kind=kept.kind,
        call=text_of(taken.node),
        trained=True,
        weights=True,
        each=kept.kind is not Kind.TENSOR,
        uses=frozenset({ReadHow.LOADED}),
    )
