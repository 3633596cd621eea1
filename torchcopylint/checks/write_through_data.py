"""TCL303: a write behind autograd's back."""

from __future__ import annotations

from torchcopylint.domain.event import SilentWrite
from torchcopylint.domain.finding import Confidence, Judgement


def write_through_data(event: SilentWrite) -> Judgement | None:
    """A write through `.data` or an array to what autograd saved, before backward uses it."""
    fields = {"name": event.name, "write": event.write, "source": event.source}
    return Judgement("write-through-data", event.node, fields, event.steps, Confidence(max(1, event.proof)))
