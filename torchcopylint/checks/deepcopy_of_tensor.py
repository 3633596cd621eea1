"""TCL104: deepcopy where clone is meant."""

from __future__ import annotations

from torchcopylint.domain.event import DeepCopy
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.rewrite import detached_clone


def deepcopy_of_tensor(event: DeepCopy) -> Judgement | None:
    """copy.deepcopy of a tensor that is not a parameter; a computed one raises, which another rule reports."""
    if event.kind is not Kind.TENSOR or not event.bare or event.weight or event.needless:
        return None
    if event.attached == 2 and not event.leaf:
        return None
    leaf = ".requires_grad_()" if event.leaf else ""
    fields = {"call": event.call, "name": event.argument, "fix": f"{detached_clone(event.argument)}{leaf}"}
    changes = (Change(event.site, f"{detached_clone(event.of)}{leaf}"),)
    return Judgement(
        "deepcopy-of-tensor",
        event.node,
        fields,
        event.steps,
        Confidence(max(event.proof, 1)),
        changes,
        severity=event.severity,
    )
