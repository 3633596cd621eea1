"""TCL107: `torch.tensor(t)` of what is a tensor already."""

from __future__ import annotations

from torchcopylint.domain.event import TensorMade
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.rewrite import detached, detached_clone


def tensor_of_tensor(event: TensorMade) -> Judgement | None:
    """torch.tensor called with a tensor: a copy, a warning, and the graph is cut."""
    if event.kind is not Kind.TENSOR:
        return None
    # `torch.tensor(x)` is itself a sign that x comes as a list or an array, whatever the annotation says.
    sure = event.proof == 3 and not event.given
    name = event.argument or event.name
    fields = {"name": name, "call": event.call, "fix": detached_clone(name)}
    confidence = Confidence.HIGH if sure else Confidence.LOW
    return Judgement("tensor-of-tensor", event.node, fields, event.steps, confidence, _changes(event) if sure else ())


def _changes(event: TensorMade) -> tuple[Change, ...]:
    """The same said without torch.tensor, where all its options have a place of their own."""
    options = dict(event.options)
    grad = options.pop("requires_grad", "False")
    if len(options) < len(event.options) - 1 or options.keys() - {"dtype", "device"} or grad not in ("True", "False"):
        return ()
    moved = ", ".join(f"{key}={text}" for key, text in options.items())
    copied = f"{detached(event.of)}.to({moved}, copy=True)" if moved else detached_clone(event.of)
    leaf = ".requires_grad_()" if grad == "True" else ""
    return (Change(event.site, f"{copied}{leaf}"),)
