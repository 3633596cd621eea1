"""TCL407: a stored gradient that keeps changing."""

from __future__ import annotations

from torchcopylint.domain.event import LiveBuffer, Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind


def gradient_snapshot(event: Snapshot | LiveBuffer) -> Judgement | None:
    """A gradient stored by reference and used after another backward, or after it was zeroed."""
    if not event.gradient or event.kind is not Kind.TENSOR or (isinstance(event, LiveBuffer) and event.yielded):
        return None
    fix = f"{event.text}.clone()" if event.site is not None else f"{event.source or event.name}.clone()"
    fields = {"name": event.name, "source": event.source, "change": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("gradient-snapshot", event.node, fields, event.steps, sure, changes)
