"""ACME101: `forward` shall not clone."""

from __future__ import annotations

from torchcopylint.domain.event import Clone
from torchcopylint.domain.finding import Confidence, Judgement


def clone_in_forward(event: Clone) -> Judgement | None:
    """A clone of a tensor in a module's forward."""
    if event.place.function != "forward":
        return None
    fields = {"name": event.argument, "call": event.call}
    return Judgement("clone-in-forward", event.node, fields, event.steps, Confidence(max(event.proof, 1)))
