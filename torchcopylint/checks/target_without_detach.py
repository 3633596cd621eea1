"""TCL201: a target that still hangs on the graph."""

from __future__ import annotations

from torchcopylint.event import GraphKept
from torchcopylint.finding import Confidence, Judgement


def target_without_detach(event: GraphKept) -> Judgement | None:
    """An attached value used as the target of a loss that trains what the target was computed from."""
    if event.role != "target":
        return None
    fix = f"{event.name}.detach()"
    if event.cloned and event.write.endswith(".clone()"):
        fix = f"{event.write.removesuffix('.clone()')}.detach().clone()"
    elif event.cloned:
        fix = "... .detach().clone()"
    fields = {"name": event.name, "source": event.source, "fix": fix}
    return Judgement("target-without-detach", event.node, fields, event.steps, Confidence(event.proof))
