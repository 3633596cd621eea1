"""TCL407: a gradient that goes on growing."""

from __future__ import annotations

from torchcopylint.domain.event import StaleSnapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.sharing import Sharing


def gradient_snapshot(event: StaleSnapshot) -> Judgement | None:
    """A gradient kept by reference, used after another backward, or after it was zeroed."""
    if event.family != "gradient" or event.kind != "tensor" or event.how is Sharing.YIELDED:
        return None
    fix = f"{event.text}.clone()" if event.site is not None else f"{event.source or event.name}.clone()"
    fields = {"name": event.name, "source": event.source, "change": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("gradient-snapshot", event.node, fields, event.steps, sure, changes)
