"""TCL104: deepcopy where clone is meant."""

from __future__ import annotations

from torchcopylint.domain.event import DeepCopy
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind


def deepcopy_of_tensor(event: DeepCopy) -> Judgement | None:
    """copy.deepcopy of a tensor that is no parameter; a computed one raises, which another rule says."""
    if event.kind is not Kind.TENSOR or not event.bare or event.weight or event.needless:
        return None
    if event.attached == 2 and not event.leaf:
        return None
    ending = ".detach().clone().requires_grad_()" if event.leaf else ".detach().clone()"
    fields = {"call": event.call, "name": event.argument, "fix": f"{event.argument}{ending}"}
    changes = (Change(event.site, f"{event.of}{ending}"),)
    return Judgement(
        "deepcopy-of-tensor",
        event.node,
        fields,
        event.steps,
        Confidence(max(event.proof, 1)),
        changes,
        severity=event.severity,
    )
