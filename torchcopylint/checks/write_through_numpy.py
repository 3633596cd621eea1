"""TCL304: a tensor and an array on the same memory, one written while the other is used."""

from __future__ import annotations

from torchcopylint.domain.event import SharedWrite, Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Owner, Sharing, Sure

YIELDS_TO = ("argument-written", "dataset-item-written", "conditional-copy")
_SHARING = frozenset({Sharing.ARRAY, Sharing.OF_ARRAY})


def write_through_numpy(event: SharedWrite | Snapshot) -> Judgement | None:
    """An in-place write on one side of `.numpy()` or `from_numpy`, and a use of the other side afterwards."""
    if isinstance(event, Snapshot):
        return _kept(event)
    if _SHARING.isdisjoint(event.ways) or event.sure is not Sure.MUST or not (event.own or event.kept):
        return None
    if event.owner is Owner.ATTRIBUTE and "." in event.others[0]:
        return None
    fix = event.fix or f"{event.name}.{'clone' if event.kind is Kind.TENSOR else 'copy'}()"
    fields = {"write": event.write, "other": event.others[0], "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    confidence = Confidence(max(1, event.proof))
    return Judgement("write-through-numpy", event.node, fields, event.steps, confidence, changes)


def _kept(event: Snapshot) -> Judgement | None:
    """Tensors made from one array that are stored in a list while the array is refilled, or arrays on live weights."""
    if event.how not in _SHARING or event.kind not in (Kind.LIST, Kind.DICT) or event.conditional:
        return None
    copies = "clone()" if event.how is Sharing.OF_ARRAY else "copy()"
    fix = f"{event.text}.{copies}" if event.text else f"[x.{copies} ...]"
    fields = {"write": event.change, "other": event.name, "fix": fix}
    changes = (Change(event.site, fix),) if event.text else ()
    node = event.site if event.site is not None else event.node
    return Judgement("write-through-numpy", node, fields, event.steps, Confidence.HIGH, changes)
