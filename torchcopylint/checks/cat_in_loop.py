"""TCL110: a tensor that grows by being copied."""

from __future__ import annotations

from torchcopylint.domain.event import Grown
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import DATA


def cat_in_loop(event: Grown) -> Judgement | None:
    """`x = torch.cat([x, y])` in a loop that does not use x otherwise."""
    if event.read or event.kind not in DATA:
        return None
    fields = {"name": event.name, "call": event.call, "loop": event.loop}
    return Judgement("cat-in-loop", event.node, fields, event.steps, Confidence(max(event.proof, 1)))
