"""TCL410: what is a copy only now and then, used as one."""

from __future__ import annotations

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.models.tensor import ITSELF

YIELDS_TO = ("argument-written", "dataset-item-written")
_WHEN = {
    ITSELF: "gives back the same memory here",
    "device": "copies only when the tensor is on another device",
    "layout": "copies only when the strides allow no view",
    "layout of a permutation": "copies only when the strides allow no view",
    "dtype-or-device": "copies only when the dtype or the device is another",
    "dtype or device": "copies only when the dtype or the device is another",
    "dtype": "copies only when the dtype is another",
}
_SURE = {ITSELF: Confidence.HIGH, "device": Confidence.MEDIUM, "layout": Confidence.MEDIUM}


def conditional_copy(event: SharedWrite) -> Judgement | None:
    """An in-place write on one side of such a call, and a use of the other side afterwards."""
    ways = [way for way in event.ways if way in _WHEN]
    if not ways or event.sure == "may" or event.parameter or event.kind not in ("tensor", "ndarray"):
        return None
    if not (event.own or event.kept):
        return None
    fields = {
        "name": event.name,
        "other": event.others[0],
        "write": event.write,
        "call": event.fix.rpartition(".")[0] or event.name,
        "when": _WHEN[ways[0]],
        "fix": event.fix or "a `.clone()` of it",
    }
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    sure = min([_SURE.get(way, Confidence.LOW) for way in ways] + [Confidence(max(1, event.proof))])
    return Judgement("conditional-copy", event.node, fields, event.steps, sure, changes)
