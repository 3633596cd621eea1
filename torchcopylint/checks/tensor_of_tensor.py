"""TCL107: `torch.tensor(t)` of what is a tensor already."""

from __future__ import annotations

from torchcopylint.event import Copy
from torchcopylint.finding import Confidence, Judgement


def tensor_of_tensor(event: Copy) -> Judgement | None:
    """torch.tensor called with a tensor: a copy, a warning, and the graph is cut."""
    if event.how != "tensor" or event.kind != "tensor":
        return None
    private = event.place.function.startswith("_") and not event.place.function.endswith("__")
    sure = event.proof == 3 and not (private and event.given)
    name = event.argument or event.name
    fields = {"name": name, "call": event.call, "fix": f"{name}.detach().clone()"}
    return Judgement("tensor-of-tensor", event.node, fields, event.steps, Confidence.HIGH if sure else Confidence.LOW)
