"""TCL403: `copy.copy` of an object that shares its tensors."""

from __future__ import annotations

from torchcopylint.domain.event import ShallowCopyWritten, Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.rewrite import detached_clone
from torchcopylint.domain.sharing import Sharing


def shallow_copy_of_module(event: Snapshot | ShallowCopyWritten) -> Judgement | None:
    """`copy.copy` of a module or a tensor, where either is then changed and the other used."""
    if isinstance(event, Snapshot) and event.how is not Sharing.SHALLOW_OBJECT:
        return None
    if event.kind not in (Kind.MODULE, Kind.TENSOR):
        return None
    if not event.source or event.proof < 1:
        return None
    fix = f"copy.deepcopy({event.of})" if event.kind is Kind.MODULE else detached_clone(event.of)
    fields = {"name": event.name, "source": event.source, "call": event.call, "fix": fix}
    changes = (Change(event.site, fix),) if event.of else ()
    imports = ("copy",) if event.kind is Kind.MODULE else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("shallow-copy-of-module", event.node, fields, event.steps, sure, changes, imports)
