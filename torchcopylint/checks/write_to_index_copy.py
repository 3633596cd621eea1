"""TCL501: a write to a temporary."""

from __future__ import annotations

from torchcopylint.domain.event import PickWritten, RecomputedWritten
from torchcopylint.domain.finding import Change, Confidence, Judgement

_INDEXED = "indexing `{}` with a mask or a list makes a copy"


_RECOMPUTED = "it is computed from other tensors before each use"


def write_to_index_copy(event: PickWritten | RecomputedWritten) -> Judgement | None:
    """An in-place write to the unnamed result of a mask or list index, or of a call that picks elements."""
    if isinstance(event, RecomputedWritten):
        do = "write it before the norm or mask is added"
        fields = {"name": event.name, "source": event.source, "write": event.write, "made": _RECOMPUTED, "do": do}
        sure = Confidence(max(event.proof, 1))
        return Judgement("write-to-index-copy", event.node, fields | {"fix": do}, event.steps, sure)
    fix = event.landing or event.remedy or (event.source if event.maker else f"{event.name} = ...")
    made = f"`{event.maker}` makes a copy" if event.maker else _INDEXED.format(event.source)
    do = f"write to `{fix}`" if event.maker else f"write `{fix}`"
    fields = {"name": event.name, "source": event.source, "write": event.write, "fix": fix, "made": made, "do": do}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    sure = Confidence(max(event.proof, 1))
    return Judgement("write-to-index-copy", event.node, fields, event.steps, sure, changes, harmless=not event.refused)
