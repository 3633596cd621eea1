"""TCL103: a copy passed to something that copies."""

from __future__ import annotations

from torchcopylint.domain.event import Clone, DeepCopy
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import TakeHow

YIELDS_TO = ("redundant-copy",)


def load_of_copy(event: Clone | DeepCopy) -> Judgement | None:
    """A copy handed straight to `load_state_dict`, `copy_` or an indexed assignment, and to nothing else."""
    taken = event.taken
    if taken is None or taken.how is not TakeHow.COPIES or not event.bare or not taken.apart:
        return None
    if taken.kind not in (Kind.MODULE, Kind.TENSOR) or taken.proof < 2:
        return None
    if isinstance(event, Clone) and event.kind is not Kind.TENSOR:
        return None
    name = event.argument if event.origin == event.of else event.origin
    fields = {"call": event.call, "name": name, "taker": taken.text}
    confidence = Confidence(max(1, min(taken.proof, event.proof or 1)))
    return Judgement(
        "load-of-copy",
        event.node,
        fields,
        event.steps,
        confidence,
        (Change(event.site, event.origin),),
        severity=event.severity,
        ground=taken.ground,
    )
