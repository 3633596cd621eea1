"""TCL103: a copy made for something that copies."""

from __future__ import annotations

from torchcopylint.domain.event import Copy
from torchcopylint.domain.finding import Change, Confidence, Judgement


def load_of_copy(event: Copy) -> Judgement | None:
    """A copy handed straight to `load_state_dict`, `copy_` or an indexed assignment, and to nothing else."""
    if event.taken != "copies" or event.how not in ("clone", "deepcopy") or not event.bare or not event.apart:
        return None
    if (
        event.taker_kind not in ("module", "tensor")
        or event.taker_proof < 2
        or (event.how == "clone" and event.kind != "tensor")
    ):
        return None
    fields = {"call": event.call, "name": event.argument, "taker": event.taker_words}
    confidence = Confidence(max(1, min(event.taker_proof, event.proof or 1)))
    return Judgement(
        "load-of-copy",
        event.node,
        fields,
        event.steps,
        confidence,
        (Change(event.site, event.of),),
        severity=event.severity,
    )
