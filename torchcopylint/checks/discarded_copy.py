"""TCL505: a new tensor that is discarded."""

from __future__ import annotations

from torchcopylint.domain.event import ResultDropped
from torchcopylint.domain.finding import Change, Confidence, Judgement


def discarded_copy(event: ResultDropped) -> Judgement | None:
    """The result of an out-of-place call on a tensor, dropped."""
    if not event.write.endswith(")"):
        return None  # an attribute that is only named is no copy that somebody forgot
    fields = {"name": event.name, "call": event.write, "fix": f"{event.name} = {event.write}"}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    return Judgement("discarded-copy", event.node, fields, event.steps, Confidence(max(event.proof, 1)), changes)
