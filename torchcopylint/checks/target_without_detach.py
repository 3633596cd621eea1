"""TCL201: a target that is still attached to the graph."""

from __future__ import annotations

from torchcopylint.domain.event import TargetAttached
from torchcopylint.domain.finding import Change, Confidence, Judgement

_SHORT = 80


def target_without_detach(event: TargetAttached) -> Judgement | None:
    """An attached value used as the target of a loss that trains what the target was computed from."""
    fix = event.remedy if 0 < len(event.remedy) <= _SHORT else f"{event.name}.detach()"
    fields = {"name": event.name, "source": event.source, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    return Judgement("target-without-detach", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)
