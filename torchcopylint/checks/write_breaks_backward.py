"""TCL306: a write that backward, or torch at once, refuses."""

from __future__ import annotations

from torchcopylint.domain.event import KeptValueWritten, Refusal, RefusedWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement


def write_breaks_backward(event: KeptValueWritten | RefusedWrite) -> Judgement | None:
    """An in-place write to what autograd saved, to a leaf, to a view of one, or to one of several views."""
    if isinstance(event, KeptValueWritten):
        whose = f"the gradient of `{event.source}`" if event.source else "the gradient"
        reason = f"autograd saved it for {whose}, so backward raises RuntimeError"
        fix = f"`{event.remedy}`" if event.remedy else "the out-of-place form, or `.clone()` first"
    else:
        reason = f"it is {_WORDS[event.why]}, so torch raises RuntimeError while gradients are enabled"
        fix = "`with torch.no_grad():`" if event.why is not Refusal.ONE_OF_SEVERAL else "the out-of-place form"
    fields = {"name": event.name, "write": event.write, "reason": reason, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    return Judgement("write-breaks-backward", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)


_WORDS = {
    Refusal.LEAF: "a leaf that requires grad",
    Refusal.VIEW_OF_LEAF: "a view of a leaf that requires grad",
    Refusal.ONE_OF_SEVERAL: "one of several views that one call created",
}
