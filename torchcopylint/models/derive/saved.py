"""What autograd keeps for backward, found out as a program would: write it after the call, and call backward."""

from __future__ import annotations

from typing import Any

import torch

from torchcopylint.models.derive.call import Call, Slot, carries_graph, storages, tensors_in
from torchcopylint.models.derive.catalogue import Callee

COMPLAINT = "modified by an inplace operation"
MEMBERS = 4
"""Results asked one by one, of those that are several."""


def kept(callee: Callee, call: Call, needed: Slot) -> set[Slot]:
    """The inputs (by slot) and results whose change after the call breaks the gradient of the needed input.

    The result is named "result", its members when it is several "result[0]", "result[1]" and so on. A result that
    shares storage with an input goes by the input's slot.
    """
    candidates = {slot for slot, _ in call.tensors()} | set(_places(callee, call))
    return {candidate for candidate in candidates if _breaks(callee, call, needed, candidate)}


def executed(callee: Callee, call: Call, attach: Slot) -> tuple[Call, Any, list[torch.Tensor]]:
    """The call with one slot attached: its rebuilt arguments, its result, and the tensors its node ends in.

    A call that returns nothing, such as x[i] = v, leaves its node on what it wrote.
    """
    here = call.rebuilt(frozenset({attach}))
    nodes = {tensor.grad_fn for _, tensor in here.tensors()}
    result = callee.invoke(here.args, here.kwargs)
    result = list(result) if hasattr(result, "__next__") else result
    written = [tensor for _, tensor in here.tensors() if tensor.grad_fn not in nodes]
    return here, result, tensors_in(result) or written


def _places(callee: Callee, call: Call) -> dict[Slot, int]:
    """The names of the results that share no storage with an input, and where they stand."""
    here = call.rebuilt()
    result = callee.invoke(here.args, here.kwargs)
    given = {key for _, tensor in here.tensors() for key in storages(tensor)}
    single = isinstance(result, torch.Tensor)
    own = [not storages(tensor) & given for tensor in tensors_in(result)][:MEMBERS]
    return {"result" if single else f"result[{place}]": place for place, alone in enumerate(own) if alone}


def _breaks(callee: Callee, call: Call, needed: Slot, candidate: Slot) -> bool:
    torch.default_generator.manual_seed(0)
    here, _, ends = executed(callee, call, needed)
    place = _place(candidate)
    changed = [t for slot, t in here.tensors() if slot == candidate] if place is None else ends[place : place + 1]
    try:
        totals = [end.sum() for end in ends if end.requires_grad and carries_graph(end)]
        for tensor in changed:
            torch.autograd.graph.increment_version(tensor)
        torch.autograd.backward(totals, [torch.ones_like(total) for total in totals])
    except Exception as error:  # some derivatives fail on their own, with all kinds of errors
        return COMPLAINT in str(error)
    return False


def _place(candidate: Slot) -> int | None:
    """Which result a name such as "result[1]" means; None for arguments."""
    if not isinstance(candidate, str) or not candidate.startswith("result"):
        return None
    return int(candidate.removeprefix("result").strip("[]") or 0)
