"""Optimizers that share their state: both step, and each moves the moments of the other."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import SharedOptimizerState
from torchcopylint.domain.identity import Id, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import WriteKind
from torchcopylint.interpret.events.path import cell_of, name_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.ir.question import arguments_of, text_of


def shared_states(frame: Frame) -> Iterator[SharedOptimizerState]:
    """A SharedOptimizerState for each optimizer that was given the live state of another, where both step after it."""
    for shared in frame.log.training.shared_states.values():
        node, target, source = shared.node, shared.target, shared.source
        mine, theirs = _steps(frame, target), _steps(frame, source)
        if mine is None or theirs is None:
            continue
        args = arguments_of(node)
        cells = [cell_of(frame, frame.program.handles.of(hand).obj) for hand in (target, source)]
        yield SharedOptimizerState(
            node=node,
            name=name_of(frame, target),
            source=name_of(frame, source),
            proof=min((cell.proof for cell in cells if cell is not None), default=0),
            place=place(frame),
            steps=(
                Said.MOMENTS_SHARED.at(node),
                Said.ONE_STEPS.at(mine.node),
                Said.OTHER_STEPS.at(theirs.node),
            ),
            **site_of(frame, args[0].value if args else None),
            kind=Kind.OPTIMIZER,
            call=text_of(node),
            change=text_of(theirs.node),
            trained=True,
        )


def _steps(frame: Frame, hand: Id) -> Write | None:
    """A step of the optimizer after its state was shared: here, or in another method where it lasts."""
    numbers = [number for met, number in frame.log.memory.met if base_of(met) == hand]
    here = [w for n in numbers if (w := frame.log.memory.writes.get(n)) is not None and w.kind is WriteKind.TRAIN]
    obj = base_of(frame.program.handles.of(hand).obj)
    sisters = (f for f in frame.program.frames.values() if f is not None and f is not frame and f.owner is frame.owner)
    if not here and frame.owner is not None:
        here = [
            w
            for f in sisters
            for w in f.log.memory.writes.values()
            if w.kind is WriteKind.TRAIN and (obj,) in w.regions
        ]
    return here[0] if here else None
