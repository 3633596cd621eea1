"""TCL204: a clone that should be a leaf."""

from __future__ import annotations

from torchcopylint.domain.event import LeafUse, NotLeaf
from torchcopylint.domain.finding import Change, Confidence, Judgement


def clone_is_not_a_leaf(event: NotLeaf) -> Judgement | None:
    """`x.clone().requires_grad_()` of an attached x, whose `.grad` is then read or which an optimizer is to step."""
    if not event.cloned:
        return None
    harm = "the optimizer refuses it" if event.used is LeafUse.OPTIMIZER else "its `.grad` stays None"
    name = event.name or event.call
    fields = {"name": name, "source": event.source, "harm": harm, "fix": f"{event.source}.detach().clone()"}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    # What torch refuses gives nothing today; elsewhere a gradient that went on into the graph goes there no more.
    refused = event.used is LeafUse.OPTIMIZER
    return Judgement(
        "clone-is-not-a-leaf",
        event.node,
        fields,
        event.steps,
        Confidence(max(1, event.proof)),
        changes,
        harmless=refused,
    )
