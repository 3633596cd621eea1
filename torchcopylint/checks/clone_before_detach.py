"""TCL109: a clone that is recorded in the graph, and cut from it at once."""

from __future__ import annotations

from torchcopylint.domain.event import Copy
from torchcopylint.domain.finding import Change, Confidence, Judgement


def clone_before_detach(event: Copy) -> Judgement | None:
    """`x.clone().detach()` of what may hang on the graph."""
    if event.how != "clone" or event.taken != "detaches" or not event.attached or event.kind != "tensor":
        return None
    fields = {"call": event.taker_words, "name": event.argument, "fix": f"{event.argument}.detach().clone()"}
    changes = (Change(event.taker, f"{event.of}.detach().clone()"),) if event.bare else ()
    confidence = Confidence(max(event.proof, 1))
    return Judgement("clone-before-detach", event.taker, fields, event.steps, confidence, changes)
