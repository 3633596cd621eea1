"""TCL312: a default that every call or every instance shares, and that is written in place."""

from __future__ import annotations

from torchcopylint.domain.event import DefaultOf, SharedDefault
from torchcopylint.domain.finding import Confidence, Judgement

_USERS = {DefaultOf.ARGUMENT: "every call of `{}` that does not pass it", DefaultOf.ATTRIBUTE: "every instance"}
_FIXES = {DefaultOf.ARGUMENT: "default to None and create it inside", DefaultOf.ATTRIBUTE: "create it in `__init__`"}


def shared_tensor_default(event: SharedDefault) -> Judgement | None:
    """A tensor as default argument or class attribute, changed in place by the code that uses it."""
    users = _USERS[event.how].format(event.place.function)
    fields = {"name": event.name, "write": event.write, "users": users, "fix": _FIXES[event.how]}
    return Judgement("shared-tensor-default", event.node, fields, event.steps, Confidence(max(1, event.proof)))
