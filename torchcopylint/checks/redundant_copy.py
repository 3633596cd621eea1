"""TCL102: a copy of a temporary."""

from __future__ import annotations

from torchcopylint.checks.load_of_copy import load_of_copy
from torchcopylint.domain.event import Clone, DeepCopy, PlainCopy
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind


def redundant_copy(event: Clone | PlainCopy | DeepCopy) -> Judgement | None:
    """A clone, `.copy()` or deepcopy of a temporary that already has its own storage."""
    if not event.needless or not event.bare or event.attached == 2:
        return None
    if event.origin != event.of and isinstance(event, Clone | DeepCopy) and load_of_copy(event) is not None:
        return None  # no copy is needed there, of however many
    how = "deepcopy" if isinstance(event, DeepCopy) else ".clone()" if isinstance(event, Clone) else ".copy()"
    fields = {"call": event.call, "how": how}
    changes = (Change(event.site, event.of),)
    # An array's `copy` puts its elements in order, whatever the order they came in.
    return Judgement(
        "redundant-copy",
        event.node,
        fields,
        event.steps,
        Confidence(max(1, event.proof)),
        changes,
        severity=event.severity,
        harmless=event.kind is Kind.TENSOR,
    )
