"""TCL102: a copy of what nobody else has."""

from __future__ import annotations

from torchcopylint.domain.event import Copy
from torchcopylint.domain.finding import Change, Confidence, Judgement


def redundant_copy(event: Copy) -> Judgement | None:
    """A clone, `.copy()` or deepcopy of a temporary that has storage of its own already."""
    if event.how not in ("clone", "copy", "deepcopy") or not event.needless or not event.bare or event.attached == 2:
        return None
    how = "deepcopy" if event.how == "deepcopy" else f".{event.how}()"
    fields = {"call": event.call, "how": how}
    changes = (Change(event.site, event.of),)
    return Judgement(
        "redundant-copy", event.node, fields, event.steps, Confidence(event.proof), changes, severity=event.severity
    )
