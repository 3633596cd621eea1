"""TCL406: the value before and the value after are the same parameter."""

from __future__ import annotations

import re

from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.rewrite import detached_clone
from torchcopylint.domain.sharing import LAYOUTS, VIEWS, Sharing

_SHARING = {Sharing.SAME_OBJECT, Sharing.DATA, Sharing.DETACHED, Sharing.DEVICE} | VIEWS | LAYOUTS
COPY_WORDS = re.compile(
    r"before|old|orig|prev|init|start|snapshot|backup|saved|best|first|frozen|anchor|(^|[_.])w?_?0$"
)
"""In the name of what is meant to be a copy of how things were."""


def parameter_snapshot(event: Snapshot) -> Judgement | None:
    """One parameter or buffer of a module, kept under another name and compared or restored after it has changed."""
    if event.kind is not Kind.TENSOR or not (event.weights or event.each) or event.gradient:
        return None
    if event.each and event.trained:
        return None
    if event.how not in _SHARING or not event.source:
        return None
    if not event.met and not COPY_WORDS.search(event.name.lower()):
        return None
    fix = detached_clone(event.text or event.call)
    fields = {"name": event.name, "source": event.source, "change": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    return Judgement("parameter-snapshot", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)
