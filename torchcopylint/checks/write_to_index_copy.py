"""TCL501: a write that lands in a temporary."""

from __future__ import annotations

from torchcopylint.domain.event import PickWritten
from torchcopylint.domain.finding import Change, Confidence, Judgement


def write_to_index_copy(event: PickWritten) -> Judgement | None:
    """An in-place write to the unnamed result of a mask or list index."""
    fix = event.remedy or f"{event.name} = ..."
    fields = {"name": event.name, "source": event.source, "write": event.write, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    sure = Confidence(max(event.proof, 1))
    return Judgement("write-to-index-copy", event.node, fields, event.steps, sure, changes, harmless=not event.refused)
