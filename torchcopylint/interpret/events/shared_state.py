"""Optimizers that share their state: both step, and each moves the moments of the other."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import SharedOptimizerState
from torchcopylint.domain.identity import Id, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import WriteKind
from torchcopylint.interpret.events.path import cell_of, name_of, other_methods, place
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
        twin = mine is not None and theirs is None and _is_of_a_twin(frame, target, source)
        theirs = mine if twin else theirs
        if mine is None or theirs is None:
            continue
        args = arguments_of(node)
        cells = [cell_of(frame, frame.program.handles.of(hand).obj) for hand in (target, source)]
        yield SharedOptimizerState(
            node=node,
            name=name_of(frame, target),
            source=name_of(frame, source),
            proof=min(cells[0].proof, 2) if twin else min(cell.proof for cell in cells),
            place=place(frame),
            steps=(
                Said.MOMENTS_SHARED.at(node),
                Said.ONE_STEPS.at(mine.node),
                Said.OTHER_STEPS.at(theirs.node),
            ),
            **site_of(frame, args[0].value),
            kind=Kind.OPTIMIZER,
            call=text_of(node),
            change=text_of(theirs.node),
            trained=True,
        )


def _is_of_a_twin(frame: Frame, target: Id, source: Id) -> bool:
    """`self.optimizer`, `other.optimizer`: the same attribute of this object and of one that a method is given, which
    has the same methods."""
    places = [frame.program.children.get(base_of(frame.program.handles.of(hand).obj)) for hand in (target, source)]
    own, given = places
    if own is None or given is None or own[1] != given[1] or base_of(own[0]) not in frame.program.selves:
        return False
    cell = cell_of(frame, given[0])
    return base_of(given[0]) in frame.symbols.values() and (cell.cls is None or cell.cls is frame.owner)


def _steps(frame: Frame, hand: Id) -> Write | None:
    """A step of the optimizer after its state was shared: here, or in another method where it lasts."""
    here = (frame.log.memory.writes[number] for met, number in frame.log.memory.met if base_of(met) == hand)
    obj = base_of(frame.program.handles.of(hand).obj)
    elsewhere = (w for f in other_methods(frame) for w in f.log.memory.writes.values() if (obj,) in w.regions)
    return next((write for write in (*here, *elsewhere) if write.kind is WriteKind.TRAIN), None)
