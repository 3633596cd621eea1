"""TCL105: two copies of a model where one is enough."""

from __future__ import annotations

from torchcopylint.domain.event import DeepCopy
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import TakeHow


def deepcopy_then_move(event: DeepCopy) -> Judgement | None:
    """copy.deepcopy of a module that is immediately moved to another device."""
    taken = event.taken
    if event.kind is not Kind.MODULE or taken is None or taken.how not in (TakeHow.MOVES, TakeHow.MOVES_TO_CPU):
        return None
    sure = taken.how is TakeHow.MOVES_TO_CPU and event.proof >= 2
    fields = {"call": taken.text, "name": event.argument}
    return Judgement(
        "deepcopy-then-move", event.node, fields, event.steps, Confidence.MEDIUM if sure else Confidence.LOW
    )
