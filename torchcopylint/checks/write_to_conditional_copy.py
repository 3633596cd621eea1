"""TCL504: a write to a temporary copy, because the strides do not allow a view."""

from __future__ import annotations

from torchcopylint.domain.event import RelaidWritten
from torchcopylint.domain.finding import Confidence, Judgement

_LOST = "is a copy here, because the strides of a permuted tensor do not allow a view, so the write is lost"
_PERHAPS = "is a view or a copy, depending on the strides, so the write may be lost"


def write_to_conditional_copy(event: RelaidWritten) -> Judgement | None:
    """An in-place write to the temporary result of reshape, flatten, contiguous or ravel."""
    what = _LOST if event.sure else _PERHAPS
    fields = {"name": event.name, "source": event.source, "write": event.write, "what": what}
    return Judgement("write-to-conditional-copy", event.node, fields, event.steps, Confidence(max(event.proof, 1)))
