"""TCL410: a conditional copy used as a copy."""

from __future__ import annotations

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import DATA
from torchcopylint.domain.sharing import Sharing, Sure

YIELDS_TO = ("argument-written", "dataset-item-written")
_WHEN = {
    Sharing.ITSELF: "returns the same memory here",
    Sharing.DEVICE: "copies only if the tensor is on another device",
    Sharing.LAYOUT: "copies only if the strides do not allow a view",
    Sharing.LAYOUT_OF_PERMUTATION: "copies only if the strides do not allow a view",
    Sharing.DTYPE_OR_DEVICE: "copies only if the dtype or the device differs",
    Sharing.FLOAT32: "copies only if the dtype is not float32",
    Sharing.DTYPE: "copies only if the dtype differs",
}
_SURE = {
    Sharing.ITSELF: Confidence.HIGH,
    Sharing.DEVICE: Confidence.MEDIUM,
    Sharing.LAYOUT: Confidence.MEDIUM,
}


def conditional_copy(event: SharedWrite) -> Judgement | None:
    """An in-place write on one side of such a call, and a use of the other side afterwards."""
    ways = [way for way in event.ways if way in _WHEN]
    if not ways or event.sure is Sure.MAY or event.parameter or event.kind not in DATA:
        return None
    if not (event.own or event.kept):
        return None
    fields = {
        "name": event.name,
        "other": event.others[0],
        "write": event.write,
        "call": event.fix.rpartition(".")[0] or event.name,
        "when": _WHEN[ways[0]],
        "fix": event.fix or f"{event.name}.clone()",
    }
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    sure = min([_SURE.get(way, Confidence.LOW) for way in ways] + [Confidence(max(1, event.proof))])
    return Judgement("conditional-copy", event.node, fields, event.steps, sure, changes)
