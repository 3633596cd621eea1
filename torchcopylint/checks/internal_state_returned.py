"""TCL414: a returned state that keeps changing."""

from __future__ import annotations

from torchcopylint.domain.event import StateHandedOut
from torchcopylint.domain.finding import Confidence, Judgement


def internal_state_returned(event: StateHandedOut) -> Judgement | None:
    """A method named like a copy that returns the object's own tensors, which the class writes in place."""
    fields = {"name": event.name, "method": event.source, "write": event.change, "fix": f"{event.name}.clone()"}
    return Judgement("internal-state-returned", event.node, fields, event.steps, Confidence.MEDIUM)
