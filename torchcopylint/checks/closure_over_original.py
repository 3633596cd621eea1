"""TCL606: a function in a copied module that uses the layers of the original."""

from __future__ import annotations

from torchcopylint.domain.event import ClosureCopied
from torchcopylint.domain.finding import Confidence, Judgement


def closure_over_original(event: ClosureCopied) -> Judgement | None:
    """`self.f = lambda x: self.layer(x)` in a module that is deep-copied."""
    fields = {"name": event.name, "source": event.source, "write": event.write}
    return Judgement("closure-over-original", event.node, fields, event.steps, Confidence(max(1, event.proof)))
