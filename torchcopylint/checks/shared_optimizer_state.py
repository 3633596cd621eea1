"""TCL411: two optimizers, one set of moments."""

from __future__ import annotations

from torchcopylint.domain.event import SharedOptimizerState
from torchcopylint.domain.finding import Change, Confidence, Judgement


def shared_optimizer_state(event: SharedOptimizerState) -> Judgement | None:
    """An optimizer loaded with the live state of another, where both keep stepping."""
    fix = f"copy.deepcopy({event.text})" if event.text else "copy.deepcopy(...)"
    fields = {"name": event.name, "source": event.source, "call": event.call, "fix": fix}
    changes = (Change(event.site, fix),) if event.text else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("shared-optimizer-state", event.node, fields, event.steps, sure, changes, ("copy",))
