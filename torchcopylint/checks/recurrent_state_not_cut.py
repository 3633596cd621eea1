"""TCL203: states carried into the next batch with their graph."""

from __future__ import annotations

from torchcopylint.domain.event import StateCarried
from torchcopylint.domain.finding import Change, Confidence, Judgement


def recurrent_state_not_cut(event: StateCarried) -> Judgement | None:
    """A state carried from iteration to iteration, in a loop that calls backward through it in each."""
    fields = {"name": event.name, "call": event.source}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    return Judgement(
        "recurrent-state-not-cut", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes
    )
