"""TCL413: values that have not arrived yet."""

from __future__ import annotations

from torchcopylint.domain.event import EarlyRead
from torchcopylint.domain.finding import Confidence, Judgement


def async_copy_read_early(event: EarlyRead) -> Judgement | None:
    """The result of a non-blocking transfer to the host, read before anything waits for it."""
    fields = {"name": event.name, "call": event.call, "use": event.change}
    return Judgement("async-copy-read-early", event.node, fields, event.steps, Confidence(max(1, event.proof)))
