"""TCL408: a list that holds the same tensor many times."""

from __future__ import annotations

from torchcopylint.domain.event import LiveBuffer
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import DATA, Kind

YIELDS_TO = ("write-through-numpy",)


def live_buffer_kept(event: LiveBuffer) -> Judgement | None:
    """A tensor appended, stored or yielded as it is, and overwritten in place afterwards."""
    if event.gradient or event.kind not in DATA or event.proof < 1:
        return None
    fix = f"{event.text or event.call}.{'clone' if event.kind is Kind.TENSOR else 'copy'}()"
    where = f"stored in `{event.name}`" if event.name else "yielded" if event.yielded else "stored"
    fields = {"name": event.source, "where": where, "write": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    return Judgement("live-buffer-kept", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)
