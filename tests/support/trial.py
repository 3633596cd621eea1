"""A row of the table put on trial: torch runs the call, and what happens is held against what the row says.

Nothing is read off torch's internals here but the version counter. That memory is shared shows in a write to the
result that reaches the argument; that a value is kept for backward shows in backward refusing after it was written.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from torchcopylint.models.derive.call import Call, Slot, carries_graph, is_array, tensors_in
from torchcopylint.models.derive.catalogue import Callee
from torchcopylint.models.table import Row

CALLS = 12
"""Calls tried of each name, of those torch accepts."""
REFUSAL = "modified by an inplace operation"


@dataclass
class Trial:
    """One name: what it is, what the table says, what is found wrong with that."""

    callee: Callee
    row: Row
    wrong: set[str]
    ran: int = 0
    ever_wrote: bool = False
    ever_attached: bool = False

    def accepts(self, call: Call) -> bool:
        """Whether torch runs the call, on dense tensors, of which the table speaks, and the result holds anything."""
        if any(tensor.layout is not torch.strided or tensor.is_quantized for _, tensor in call.tensors()):
            return False
        result = self.run(call.rebuilt())
        if tensors := tensors_in(result):
            return any(one.numel() for one in tensors)
        return result is not None and not (isinstance(result, tuple) and len(result) == 0)

    def run(self, call: Call) -> Any:
        """The result, an iterator's as a list, a missing one as an empty list; None when torch refuses."""
        torch.default_generator.manual_seed(0)
        try:
            result = self.callee.invoke(call.args, call.kwargs)
        except Exception:
            return None
        return list(result) if hasattr(result, "__next__") else [] if result is None else result

    def position(self, slot: Slot) -> int | None:
        if isinstance(slot, str):
            return self.row.params.index(slot) if slot in self.row.params else None
        return min(slot, len(self.row.params) - 1) if self.row.variadic else slot

    def name(self, slot: Slot) -> str:
        place = self.position(slot)
        return self.row.params[place].lstrip("*") if place is not None and place < len(self.row.params) else str(slot)

    def expect(self, truth: bool, complaint: str) -> None:
        if not truth:
            self.wrong.add(complaint)


def tried(callee: Callee, row: Row, calls: list[Call]) -> list[str]:
    """What torch does otherwise than the row says, over the first calls it accepts."""
    trial = Trial(callee, row, set())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in calls:
            if trial.ran < CALLS and trial.accepts(call):
                trial.ran += 1
                _writes(trial, call)
                _shares(trial, call)
                _carries(trial, call)
                _keeps(trial, call)
    trial.expect(trial.ran > 0, "no call of it runs")
    trial.expect(trial.ever_wrote or row.kind != "inplace", "never writes")
    trial.expect(trial.ever_attached or not row.attached, "never carries the graph")
    return sorted(trial.wrong)


def _writes(trial: Trial, call: Call) -> None:
    here = call.rebuilt()
    before = _values(here)
    versions = {id(tensor): tensor._version for _, tensor in here.tensors()}
    result = trial.run(here)
    for (slot, tensor), (_, old) in zip(here.tensors(), before, strict=False):
        changed = tensor.shape != old.shape or not torch.equal(_bits(tensor), _bits(old))
        trial.ever_wrote |= changed
        if changed and trial.row.kind != "metadata":
            trial.expect(trial.position(slot) in trial.row.writes, f"writes argument {slot}")
            counted = tensor._version > versions[id(tensor)]
            trial.expect(counted == trial.row.counter, f"{'counts' if counted else 'does not count'} the write")
        if trial.row.kind in ("inplace", "metadata") and trial.row.aliases[:1] == (slot,) and trial.row.must:
            trial.expect(any(one is tensor for one in tensors_in(result)), "does not return its argument")


def _shares(trial: Trial, call: Call) -> None:
    here = call.rebuilt()
    result = trial.run(here)
    for one in [result] if is_array(result) else tensors_in(result):
        same = any(tensor is one for _, tensor in here.tensors())
        reached, counted = _reached(here, one)
        if reached is None:
            continue
        places = {trial.position(slot) for slot in reached}
        known = {*trial.row.aliases, *trial.row.writes}
        trial.expect(places <= known, f"shares memory with arguments {sorted(reached, key=str)}")
        trial.expect(bool(places) or trial.row.kind != "view", "is a copy")
        trial.expect(trial.row.same or not same, "returns its argument itself")
        if reached and trial.row.kind in ("view", "conditional"):
            _agrees(trial, here, one, counted)


def _agrees(trial: Trial, call: Call, one: Any, counted: bool) -> None:
    """How a result that shares does so: with the version counter or without, under the condition of the row."""
    if is_array(one) or list(call.arrays()):
        return
    trial.expect(counted == trial.row.counter, f"{'shares' if counted else 'has its own'} version counter")
    if trial.row.when == "dtype-or-device":
        trial.expect(one.dtype in {tensor.dtype for _, tensor in call.tensors()}, "shares although the dtype changes")


def _reached(call: Call, one: Any) -> tuple[set[Slot] | None, bool]:
    """The arguments in which two different fills of the result show, and whether the versions of those tensors rose."""
    versions = {id(tensor): tensor._version for _, tensor in call.tensors()}
    if not (one.size if is_array(one) else one.numel()):
        return None, False
    try:
        with torch.no_grad():
            one.fill(0) if is_array(one) else one.fill_(0)
            first = _values(call)
            one.fill(1) if is_array(one) else one.fill_(1)
            second = _values(call)
    except (RuntimeError, ValueError):  # read-only, quantised, sparse
        return None, False
    shown = [not torch.equal(_bits(a), _bits(b)) for (_, a), (_, b) in zip(first, second, strict=True)]
    counted = [t._version > versions[id(t)] for (_, t), here in zip(call.tensors(), shown, strict=False) if here]
    return {slot for (slot, _), here in zip(first, shown, strict=True) if here}, all(counted)


def _values(call: Call) -> list[tuple[Slot, torch.Tensor]]:
    """Copies of the tensors among the arguments, then of the arrays."""
    arrays = [(slot, torch.from_numpy(array.copy())) for slot, array in call.arrays()]
    return [*((slot, tensor.detach().clone()) for slot, tensor in call.tensors()), *arrays]


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    """The elements as bytes, so that a NaN equals itself."""
    return torch.empty(tensor.numel(), dtype=tensor.dtype).copy_(tensor.detach().reshape(-1)).view(torch.uint8)


def _carries(trial: Trial, call: Call) -> None:
    for slot in call.differentiable():
        ends = _ends(trial, call.rebuilt(frozenset({slot})))
        attached = any(one.requires_grad for one in ends)
        trial.expect(trial.row.attached or not attached, "carries the graph")
        trial.expect(not (attached and trial.row.detaches), "does not cut the graph")
        trial.ever_attached |= attached
        if attached and trial.row.kind == "view":
            refused = _refuses_write(ends[0])
            trial.expect(refused == trial.row.multi, f"{'refuses' if refused else 'allows'} writes to its views")


def _ends(trial: Trial, call: Call) -> list[torch.Tensor]:
    """The tensors of the result; of a call that writes and returns nothing, what it wrote."""
    result = trial.run(call)
    if isinstance(result, list) and not result and trial.row.kind == "inplace":
        return [tensor for slot, tensor in call.tensors() if slot in trial.row.writes]
    return tensors_in(result)


def _refuses_write(view: torch.Tensor) -> bool:
    try:
        view.mul_(1)
    except RuntimeError as error:
        return "multiple views" in str(error)
    return False


def _keeps(trial: Trial, call: Call) -> None:
    ordinary = not call.kwargs and all(_ordinary(tensor) for _, tensor in call.tensors())
    form = "alone" if {slot for slot, _ in call.tensors()} <= {0} else "beside"
    sure = {(kept, needed) for kept, needed, where in trial.row.sure if where in ("any", form)}
    for slot in call.differentiable():
        for kept, refused in _refusals(trial, call, slot):
            pair = (kept, trial.name(slot))
            trial.expect(pair in trial.row.saves_for or not refused, f"keeps {pair[0]} for the gradient of {pair[1]}")
            trial.expect(refused or not ordinary or pair not in sure, f"does not keep {pair[0]} for {pair[1]}")


def _ordinary(tensor: torch.Tensor) -> bool:
    return tensor.is_contiguous() and tensor.numel() > 1 and not tensor.is_complex()


def _refusals(trial: Trial, call: Call, attach: Slot) -> Iterator[tuple[str, bool]]:
    """Every argument and result by name, each written in a run of its own, and whether backward then refused."""
    here = call.rebuilt(frozenset({attach}))
    if not any(one.requires_grad for one in _ends(trial, here)):
        return
    for slot in {slot for slot, _ in call.tensors()}:
        own = slot == 0 and trial.row.kind in ("inplace", "metadata")
        yield "result" if own else trial.name(slot), _refused(trial, call, attach, slot)
    if trial.row.kind == "fresh" and isinstance(trial.run(here), torch.Tensor):
        yield "result", _refused(trial, call, attach, "result")


def _refused(trial: Trial, call: Call, attach: Slot, write: Slot) -> bool:
    here = call.rebuilt(frozenset({attach}))
    ends = _ends(trial, here)
    written = ends if write == "result" else [tensor for slot, tensor in here.tensors() if slot == write]
    try:
        totals = [end.sum() for end in ends if end.requires_grad and carries_graph(end)]
        for tensor in written:
            tensor.detach().copy_(tensor.detach().clone())
        torch.autograd.backward(totals, [torch.ones_like(total) for total in totals])
    except Exception as error:
        return REFUSAL in str(error)
    return False
