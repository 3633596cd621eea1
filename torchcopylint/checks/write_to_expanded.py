"""TCL305: an in-place write to repeats on the same memory."""

from __future__ import annotations

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Owner, Sure


def write_to_expanded(event: SharedWrite) -> Judgement | None:
    """An in-place write to the result of expand or broadcast_to: every repeat changes, or torch raises."""
    if Layout.EXPANDED not in event.layout or event.kind is not Kind.TENSOR or event.sure is not Sure.MUST:
        return None
    fields = {
        "name": event.name,
        "write": event.write,
        "fix": f"{event.name}.clone()",
    }
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    confidence = Confidence(max(1, event.proof))
    # If the sizes are equal, nothing is repeated, and readers of the base may rely on the write.
    alone = event.owner is Owner.LOCAL and not event.others and not event.twins
    return Judgement("write-to-expanded", event.node, fields, event.steps, confidence, changes, harmless=alone)
