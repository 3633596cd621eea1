"""TCL401: the best checkpoint that turns out to be the last."""

from __future__ import annotations

from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import LIVE
from torchcopylint.domain.use import ReadHow


def state_dict_snapshot(event: Snapshot) -> Judgement | None:
    """A state dict taken by reference, used after its source was trained or loaded."""
    if event.kind is not Kind.STATE_DICT or event.how not in LIVE:
        return None
    if event.momentless:
        return None
    fix = f"copy.deepcopy({event.text or event.call})"
    fields = {"name": event.name, "source": event.source, "call": event.call, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    # Code that reads it after other weights were loaded, and neither loads nor stores it, may want just those.
    looks = event.loaded and not event.trained and not event.uses & _KEPT
    sure = Confidence.LOW if looks else Confidence.HIGH
    return Judgement("state-dict-snapshot", event.node, fields, event.steps, sure, changes, ("copy",))


_KEPT = frozenset({ReadHow.LOADED, ReadHow.SAVED, ReadHow.RETURNED, ReadHow.PASSED, ReadHow.CALLED})
