"""TCL407: a stored gradient that keeps changing."""

from __future__ import annotations

import re

from torchcopylint.checks.parameter_snapshot import COPY_WORDS
from torchcopylint.domain.event import LiveBuffer, Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind

_UNCLIPPED = re.compile(rf"raw|unclip|unscale|(^|_)scaled|{COPY_WORDS.pattern}")


def gradient_snapshot(event: Snapshot | LiveBuffer) -> Judgement | None:
    """A gradient stored by reference and used after another backward, or after it was zeroed or clipped."""
    if not event.gradient or event.kind is not Kind.TENSOR or (isinstance(event, LiveBuffer) and event.yielded):
        return None
    # Whoever keeps a gradient and has it clipped mostly wants it as it then is.
    met = isinstance(event, Snapshot) and event.met
    if event.clipped and not met and not _UNCLIPPED.search(event.name.lower()):
        return None
    fix = f"{event.text}.clone()" if event.site is not None else f"{event.source or event.name}.clone()"
    fields = {"name": event.name, "source": event.source, "change": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("gradient-snapshot", event.node, fields, event.steps, sure, changes)
