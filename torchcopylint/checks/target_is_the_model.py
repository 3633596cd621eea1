"""TCL404: two names for one network."""

from __future__ import annotations

import re

from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing

_COPY_WORDS = re.compile(
    r"target|best|old|prev|teacher|ema|(^|_|\.)ref|frozen|initial|backup|snapshot|reference|behavio"
)


def target_is_the_model(event: Snapshot) -> Judgement | None:
    """A second name for a module, named like a copy, used after the module was trained."""
    if event.kind is not Kind.MODULE or event.how is not Sharing.SAME_OBJECT or not event.trained:
        return None
    if not _COPY_WORDS.search(event.name.lower()) or _COPY_WORDS.search(event.source.lower()):
        return None
    fix = f"copy.deepcopy({event.text or event.source})"
    fields = {"name": event.name, "source": event.source, "fix": fix}
    changes = (Change(event.site, fix),) if event.text else ()
    sure = Confidence(max(event.proof, 1))
    return Judgement("target-is-the-model", event.node, fields, event.steps, sure, changes, ("copy",))
