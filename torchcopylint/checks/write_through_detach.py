"""TCL302: a detached tensor changed as if it were a copy."""

from __future__ import annotations

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing, Sure

YIELDS_TO = ("argument-written", "dataset-item-written", "write-through-numpy", "conditional-copy")


def write_through_detach(event: SharedWrite) -> Judgement | None:
    """An in-place write on one side of a `.detach()`, and a use of the other side afterwards."""
    if (
        Sharing.DETACHED not in event.ways
        or event.kind is not Kind.TENSOR
        or event.parameter
        or event.sure is not Sure.MUST
    ):
        return None
    if not (event.own or event.kept):
        return None
    other = event.others[0]
    base = event.name if event.kept else other
    fix = event.fix or f"{base}.detach().clone()"
    fields = {"written": event.name, "other": other, "write": event.write, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    confidence = Confidence(max(1, event.proof))
    return Judgement("write-through-detach", event.node, fields, event.steps, confidence, changes)
