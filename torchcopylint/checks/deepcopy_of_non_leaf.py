"""TCL604: a deep copy that torch refuses."""

from __future__ import annotations

from torchcopylint.domain.event import NonLeafCopied
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.rewrite import detached_clone


def deepcopy_of_non_leaf(event: NonLeafCopied) -> Judgement | None:
    """deepcopy of a computed tensor, or of a module that stores one."""
    fix = f"{event.name} = ... .detach()" if event.cached else detached_clone(event.name)
    fields = {"name": event.name, "call": event.call, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    return Judgement("deepcopy-of-non-leaf", event.node, fields, event.steps, Confidence(max(event.proof, 1)), changes)
