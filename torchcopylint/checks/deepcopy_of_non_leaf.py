"""TCL604: a deep copy that torch refuses."""

from __future__ import annotations

from torchcopylint.event import WillRaise
from torchcopylint.finding import Confidence, Judgement


def deepcopy_of_non_leaf(event: WillRaise) -> Judgement | None:
    """deepcopy of a computed tensor, or of a module that keeps one."""
    fix = f"{event.name}.detach().clone()" if event.why == "non-leaf" else f"{event.name} = ... .detach()"
    fields = {"name": event.name, "call": event.call, "fix": fix}
    return Judgement("deepcopy-of-non-leaf", event.node, fields, event.steps, Confidence(max(event.proof, 1)))
