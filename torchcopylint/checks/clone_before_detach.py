"""TCL109: a clone that is recorded in the graph and immediately detached."""

from __future__ import annotations

from torchcopylint.domain.event import Clone
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import TakeHow


def clone_before_detach(event: Clone) -> Judgement | None:
    """`x.clone().detach()` of a tensor that may be attached to the graph."""
    taken = event.taken
    if taken is None or taken.how is not TakeHow.DETACHES or not event.attached or event.kind is not Kind.TENSOR:
        return None
    if event.needless and event.bare:
        return None  # it needs no clone at all
    fields = {"call": taken.text, "name": event.argument, "fix": f"{event.argument}.detach().clone()"}
    changes = (Change(taken.node, f"{event.of}.detach().clone()"),) if event.bare else ()
    confidence = Confidence(max(event.proof, 1))
    return Judgement("clone-before-detach", taken.node, fields, event.steps, confidence, changes)
