"""What is bound or put where a write is meant: a loop's own name bound anew, a state dict's entry replaced."""

from __future__ import annotations

from torchcopylint import ir
from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import base_of, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.value import Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Placed, Rebound
from torchcopylint.interpret.state.touch import hands_of
from torchcopylint.ir.site import Site


def note_rebinding(frame: Frame, i: ir.Move, value: Value) -> None:
    """`for p in params: p = ...`: what the loop bound belongs to something, and what takes its place does not."""
    if not frame.rounds:
        return
    current = frame.rounds[-1]
    if i.node is current.node:
        frame.targets[i.dst] = value
        return
    bound = frame.targets.get(i.dst)
    if bound is None or not any(i.dst in r.assigned for r in frame.rounds):
        return
    old = [(ref, frame.here.heap[ref.obj]) for ref in refs_of(bound)]
    belong = bool(old) and len(old) == len(bound) and all(_belongs(frame, *each) for each in old)
    if not belong or not _other_tensor(frame, bound, value):
        return
    ref, cell = min(old, key=lambda each: each[1].proof)
    frame.log.places.rebound[i.node] = Rebound(
        node=i.node,
        name=i.dst,
        over=current.over,
        live=cell.family is Family.PARAMETER or frame.program.handles.of(ref.hand).how is Sharing.LIVE_WEIGHT,
        proof=cell.proof,
        grad_off=frame.grad_off,
    )


def _belongs(frame: Frame, ref: Ref, cell: Cell) -> bool:
    """Whether a loop's tensor is part of something that was there before the loop."""
    if cell.kind not in DATA or cell.proof < 2 or cell.family in (Family.BATCH, Family.OUTPUT):
        return False
    if any(base_of(root) != base_of(ref.obj) for root in roots_of(cell.regions)):
        return True
    birth = frame.program.births.get(base_of(ref.obj))
    return birth is not None and frame.rounds[-1].node not in birth.rounds and birth.node is not frame.rounds[-1].node


def _other_tensor(frame: Frame, bound: Value, value: Value) -> bool:
    """Whether what is bound now is a tensor that was computed: neither the same object nor what a module returns."""
    refs = refs_of(value)
    before = {base_of(ref.obj) for ref in refs_of(bound)}
    cells = [frame.here.heap[ref.obj] for ref in refs if base_of(ref.obj) not in before]
    return (
        bool(cells)
        and len(cells) == len(value)
        and all(c.kind in DATA and c.family is not Family.OUTPUT for c in cells)
    )


def note_placing(frame: Frame, ref: Ref, cell: Cell, value: Value, node: Site) -> None:
    """`state_dict[key] = value`: an entry of the dict is replaced, the model's own tensor stays as it is."""
    if cell.kind is not Kind.STATE_DICT or cell.made is not Origin.LIVE or _reaches(frame, cell, value):
        return
    number = frame.program.ids.of(frame.function, node, f"placed {base_of(ref.hand)}")
    frame.log.places.placings[number] = Placed(node, ref.hand, ref.obj, tuple(r.node for r in frame.rounds))
    for hand in hands_of(frame, {ref.obj}) | {ref.hand}:
        frame.here.marks[hand] = frame.here.marks.get(hand, frozenset()) | {number}


def _reaches(frame: Frame, cell: Cell, value: Value) -> bool:
    """Whether what is put into the dict is the model's own tensor, changed in place."""
    regions = {r for ref in refs_of(value) for r in frame.here.heap[ref.obj].regions}
    return any(r[: len(own)] == own for r in regions for own in cell.regions)


def note_looking_up(frame: Frame, ref: Ref, node: Site) -> None:
    """An entry of a state dict is read: what was put there before may be meant."""
    for number in frame.here.marks.get(ref.hand, ()):
        placed = frame.log.places.placings.get(number)
        if placed is not None and placed.rounds[-1:] != tuple(r.node for r in frame.rounds)[-1:]:
            frame.log.places.looked_up.add(number)
