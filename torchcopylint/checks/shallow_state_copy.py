"""TCL402: a new container of the same live tensors."""

from __future__ import annotations

from torchcopylint.event import StaleSnapshot
from torchcopylint.finding import Confidence, Judgement

_SHALLOW = ("a shallow copy", "the live weights", "detached", "its `.data`", "device")

_USES_OF_A_COPY = frozenset(
    f"{use}{where}" for use in ("computed", "loaded", "saved", "returned") for where in ("", " grad off")
)


def shallow_state_copy(event: StaleSnapshot) -> Judgement | None:
    """A shallow copy of a state dict or list of parameters, used as a snapshot after training."""
    if event.kind not in ("state_dict", "params", "list", "dict") or not event.trained:
        return None
    if event.kind in ("list", "dict") and not event.each:
        return None
    if not event.how.startswith(_SHALLOW) or not event.uses & _USES_OF_A_COPY:
        return None
    fix = (
        "{k: v.detach().clone() for k, v in ...}"
        if event.kind in ("state_dict", "dict")
        else "[p.detach().clone() ...]"
    )
    fields = {"name": event.name, "source": event.source, "call": event.call, "fix": fix}
    return Judgement("shallow-state-copy", event.node, fields, event.steps, Confidence.MEDIUM)
