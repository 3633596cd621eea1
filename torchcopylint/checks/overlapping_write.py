"""TCL311: a tensor written from a part of itself that the write changes on the way."""

from __future__ import annotations

from torchcopylint.domain.event import Overlap, OverlappingWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement

_RAISES = "torch raises RuntimeError"
_SILENT = "torch does not notice, and elements are read after they have been overwritten"
_PRODUCT = "torch does not check this, and the product may come out wrong"
_LUCK = "torch does not notice, and the result is right only as long as the elements happen to be visited in this order"


def overlapping_write(event: OverlappingWrite) -> Judgement | None:
    """Target and source are views of one tensor that overlap without being the same."""
    lucky = event.why is Overlap.SHIFTED_LEFT and not event.raises
    silent = _PRODUCT if event.why is Overlap.FACTOR else _LUCK if lucky else _SILENT
    harm = _RAISES if event.raises else silent
    fields = {"name": event.name, "source": event.source, "write": event.write, "harm": harm, "fix": event.fix}
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    confidence = Confidence.HIGH if event.proof == 3 and not lucky else Confidence.LOW
    return Judgement("overlapping-write", event.node, fields, event.steps, confidence, changes)
