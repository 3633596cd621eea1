"""TCL405: two parameters on the same memory."""

from __future__ import annotations

from torchcopylint.domain.event import TiedStorage
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.rewrite import detached_clone


def storage_tied_by_assignment(event: TiedStorage) -> Judgement | None:
    """`p.data = q.data` or `nn.Parameter(x)`, where one side is then changed and the other used."""
    fix = detached_clone((event.text or event.source).removesuffix(".data"))
    fields = {"name": event.name, "source": event.source, "call": event.call, "change": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("storage-tied-by-assignment", event.node, fields, event.steps, sure, changes)
