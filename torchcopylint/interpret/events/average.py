"""Running averages that keep the graph of everything that ever went into them."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import AverageKept
from torchcopylint.domain.heap import NO
from torchcopylint.domain.identity import base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import NOTHING, refs_of
from torchcopylint.interpret.events.history_and_target import backwarded_by_others
from torchcopylint.interpret.events.path import cell_of, end_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Averaged
from torchcopylint.ir.question import operand_of, text_of


def averages(frame: Frame) -> Iterator[AverageKept]:
    """An AverageKept for each running average of attached values that lives on through rounds that call backward."""
    if frame.log.graph.second_order:
        return
    for average in frame.log.graph.averages.values():
        proof = _certainty(frame, average)
        if (
            proof
            and not average.made & frame.log.graph.backwarded
            and not backwarded_by_others(frame, average.name, average.holders)
        ):
            yield AverageKept(
                node=average.node,
                name=average.name,
                source=average.added,
                proof=proof,
                place=place(frame),
                steps=(Said.AVERAGED.at(average.node),),
                write=text_of(average.node),
                site=average.expression,
                remedy=f"{operand_of(average.expression)}.detach()",
            )


def _certainty(frame: Frame, average: Averaged) -> int:
    """3 where rounds that call backward are in sight, 2 in a layer's `forward`; 0 where the graph is let go."""
    if average.sure and _outlives(frame, average):
        return 3
    arguments = set(frame.symbols.values()) - frame.program.selves.keys()
    layer = frame.function.name == "forward" and place(frame).owner is Kind.MODULE
    carried = layer and _own(frame, average) and average.sources & arguments and _lasts(frame, average)
    return 2 if carried and not _is_fed_with_data(frame) else 0


def _is_fed_with_data(frame: Frame) -> bool:
    """Whether every call in the file hands over what was computed from nothing: that has no graph."""
    calls = frame.program.calls.get(frame.function, ())
    given = [(call.frame, ref) for call in calls for value in call.given.values() for ref in refs_of(value)]
    return bool(given) and all(not cell_of(where, ref.obj, ref.hand).sources for where, ref in given)


def _outlives(frame: Frame, average: Averaged) -> bool:
    """Whether the average, attached, is there in the next iteration of a loop, or call of a method, with a backward."""
    backward = list(frame.log.graph.backward_rounds.values())
    if not average.rounds:
        return any(not rounds for rounds in backward) and _own(frame, average) and _lasts(frame, average)
    if not average.returned:
        return False
    if not average.holders:
        return any(average.rounds[-1] in rounds for rounds in backward)
    births = [frame.program.births[holder] for holder in average.holders]
    return any(
        all(loop not in birth.rounds for birth in births)
        for loop in average.rounds
        if any(loop in rounds for rounds in backward)
    )


def _own(frame: Frame, average: Averaged) -> bool:
    """Whether the average is the object's own: an attribute of `self`."""
    return bool(average.holders) and average.holders <= {base_of(s) for s in frame.program.selves}


def _lasts(frame: Frame, average: Averaged) -> bool:
    """Whether the attached average is what the attribute holds when the function ends."""
    attribute = f".{average.name.rpartition('.')[2]}"
    heap = end_of(frame).heap
    held = [ref.obj for holder in average.holders for ref in refs_of(heap[holder].slots.get(attribute, NOTHING))]
    return any(base_of(obj) in average.made and heap[obj].attached != NO for obj in held)
