"""TCL301: a view changed as if it were a separate tensor."""

from __future__ import annotations

import re

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import VIEWS, Owner, Sure

YIELDS_TO = (
    "argument-written",
    "dataset-item-written",
    "conditional-copy",
    "write-through-detach",
    "write-through-numpy",
)

_IN_RANGE = re.compile(r"\.(clamp|clamp_min|clamp_max|clip|nan_to_num|remainder)_\(")
_MUTATORS = (
    "__init__",
    "reset",
    "update",
    "step",
    "init",
    "set_",
    "push",
    "add",
    "fill",
    "load",
    "build",
    "__setitem__",
)


def write_to_view(event: SharedWrite) -> Judgement | None:
    """An in-place write through a named view, whose base is read afterwards as if unchanged, or is someone else's."""
    if not event.named or event.constant or event.fills or event.parameter or Layout.EXPANDED in event.layout:
        return None
    if event.alias not in VIEWS or not event.own or (event.sure is not Sure.MUST and event.owner is Owner.LOCAL):
        return None
    if event.owner is Owner.LOCAL and not (event.arithmetic or event.derived):
        return None
    if event.spared or event.sure is Sure.MAY or event.place.family is Family.AUTOGRAD:
        return None
    if not event.others and not _belongs_to_class(event):
        return None
    other = event.source or next(iter(event.others), "")
    fields = {"name": event.name, "source": other, "write": event.write, "fix": f"{event.name}.{event.copying}"}
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    # Code that clamps values usually intends that for all their readers.
    confidence = Confidence.LOW if _IN_RANGE.search(event.write) else Confidence(max(1, event.proof))
    return Judgement("write-to-view", event.node, fields, event.steps, confidence, changes)


def _belongs_to_class(event: SharedWrite) -> bool:
    name = event.place.function
    in_place = name.startswith(_MUTATORS) or (name.endswith("_") and not name.endswith("__"))
    return event.owner in (Owner.ATTRIBUTE, Owner.GLOBAL) and not in_place and not event.state
