"""TCL603: several layers with the same initial weights."""

from __future__ import annotations

from torchcopylint.domain.event import DeepCopy
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import Fate


def same_initialisation(event: DeepCopy) -> Judgement | None:
    """Deep copies of one layer, made in a loop and put into a container of layers, with nothing that resets them."""
    if event.kind is not Kind.MODULE or not event.repeated or event.reset:
        return None
    if Fate.LAYERED not in event.fate or event.fate & {Fate.REFRESHED, Fate.WRITTEN}:
        return None
    fields = {"call": event.call, "name": event.name or event.argument, "loop": event.repeated}
    return Judgement("same-initialisation", event.node, fields, event.steps, Confidence(max(event.proof, 1)))
