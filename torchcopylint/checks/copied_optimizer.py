"""TCL602: an optimizer or scheduler copied without its model."""

from __future__ import annotations

from torchcopylint.domain.event import DeepCopy
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import Fate

_HOLDS = {
    Kind.OPTIMIZER: (
        "parameters that belong to no model",
        "create a new optimizer and load a copy of its `state_dict()`",
    ),
    Kind.SCHEDULER: ("an optimizer that never steps", "create a new scheduler for the optimizer in use"),
}


def copied_optimizer(event: DeepCopy) -> Judgement | None:
    """`copy.deepcopy(optimizer)` or `copy.deepcopy(scheduler)`, apart from what it drives.

    Only a name is no evidence of a scheduler: those of diffusion models drive nothing.
    """
    if event.kind not in _HOLDS or not event.bare or Fate.RELINKED in event.fate:
        return None
    if event.kind is Kind.SCHEDULER and event.proof < 2:
        return None
    holds, instead = _HOLDS[event.kind]
    used = bool(event.fate) or event.kind is Kind.SCHEDULER
    fields = {"call": event.call, "kind": event.kind.value, "holds": holds, "fix": instead}
    sure = Confidence(event.proof if used and event.proof else 1)
    return Judgement("copied-optimizer", event.node, fields, event.steps, sure)
