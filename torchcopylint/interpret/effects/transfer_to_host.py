"""Transfers to the host that may still be under way: who looks too early, and what waits for them."""

from __future__ import annotations

from torchcopylint.domain.layout import Layout
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.touch import hands_of
from torchcopylint.ir.site import Site


def enqueue(frame: Frame, value: Value, node: Site, into: bool) -> None:
    """What a transfer writes is not there yet; `into`: it writes a buffer that was there, and is pinned."""
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        if into and Layout.PINNED not in cell.layout:
            continue
        number = frame.program.ids.of(frame.function, node, "in flight")
        rounds = tuple(r.node for r in frame.rounds)
        frame.log.memory.writes[number] = Write(
            node, ref.hand, ref.obj, "", WriteKind.TRANSFER, cell.regions, rounds=rounds
        )
        frame.log.memory.flights.add(number)
        for hand in hands_of(frame, {ref.obj}) | {ref.hand} if into else {ref.hand}:
            frame.here.marks[hand] = frame.here.marks.get(hand, frozenset()) | {number}


def settle(frame: Frame) -> None:
    """All transfers are done."""
    marks, flights = frame.here.marks, frame.log.memory.flights
    for hand, numbers in list(marks.items()):
        if not numbers.isdisjoint(flights):
            marks[hand] = numbers - flights
