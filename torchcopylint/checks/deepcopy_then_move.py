"""TCL105: two copies of a model where one is wanted."""

from __future__ import annotations

from torchcopylint.domain.event import Copy
from torchcopylint.domain.finding import Confidence, Judgement


def deepcopy_then_move(event: Copy) -> Judgement | None:
    """copy.deepcopy of a module that is moved to another device at once."""
    if event.how != "deepcopy" or event.kind != "module" or not event.taken.startswith("moves"):
        return None
    sure = event.taken == "moves to cpu" and event.proof >= 2
    fields = {"call": event.taker_words, "name": event.argument}
    return Judgement(
        "deepcopy-then-move", event.node, fields, event.steps, Confidence.MEDIUM if sure else Confidence.LOW
    )
