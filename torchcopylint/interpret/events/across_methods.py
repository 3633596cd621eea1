"""What only shows across the methods of a class: kept by one, trained by another, used by a third."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.finding import Step
from torchcopylint.domain.identity import Id, base_of, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import NO_LINK, Sharing
from torchcopylint.domain.use import ReadHow, WriteKind
from torchcopylint.interpret.events.path import cell_of, in_attribute, is_anothers, me, parent_name, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site


def class_snapshots(frames: list[Frame]) -> Iterator[Snapshot]:
    """A Snapshot for each attribute that one method binds to what another trains and a third uses as a copy."""
    methods = [frame for frame in frames if frame.owner is not None]
    for frame in methods:
        sisters = [other for other in methods if other.owner is frame.owner]
        for alias in frame.log.places.aliased.values():
            lasts = base_of(alias.obj) in in_attribute(frame, alias.attr)
            if lasts and _trained(sisters, frame, alias.obj) and _used(sisters, frame, alias.attr):
                yield _alias(frame, alias.node, alias.attr, alias.source, _training(sisters))
        for kept in frame.log.places.snapshots.values():
            node, attr, hand, kind = kept.node, kept.attr, kept.hand, kept.kind
            if kind is Kind.STATE_DICT:
                used = any(f"{me(o)}.{attr}" in o.log.training.loaded_names for o in sisters if o is not frame)
            else:
                used = _used(sisters, frame, attr) and _trained(sisters, frame, frame.program.handles.of(hand).obj)
            if used and in_attribute(frame, attr) and _lives_on(frame, hand):
                yield _snapshot(frame, node, attr, hand, kind)


def _trained(sisters: list[Frame], frame: Frame, obj: Id) -> bool:
    regions = cell_of(frame, obj).regions
    return any(overlap(a, b) for sister in sisters for a in sister.log.training.stepped for b in regions)


def _used(sisters: list[Frame], frame: Frame, attr: str) -> bool:
    return any(attr in other.function.uses.get(me(other), ()) for other in sisters if other is not frame)


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


def _snapshot(frame: Frame, node: Site, attr: str, hand: Id, kind: Kind) -> Snapshot:
    chain = frame.program.handles.chain(hand)
    taken = next((h for h in chain if h.how not in NO_LINK), chain[0])
    return Snapshot(
        node=node,
        name=f"{me(frame)}.{attr}",
        source=parent_name(frame, taken),
        place=place(frame),
        steps=(Said.KEPT_FOR_OTHERS.at(node, f"{me(frame)}.{attr}"),),
        **site_of(frame, taken.node),
        how=taken.how,
        kind=kind,
        call=text_of(taken.node),
        trained=True,
        weights=True,
        each=kind is not Kind.TENSOR,
        uses=frozenset({ReadHow.LOADED}),
    )
