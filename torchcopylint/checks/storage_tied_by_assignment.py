"""TCL405: two parameters on the same memory."""

from __future__ import annotations

from torchcopylint.domain.event import TiedStorage
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.rewrite import detached_clone


def storage_tied_by_assignment(event: TiedStorage) -> Judgement | None:
    """`p.data = q.data`, `nn.Parameter(x)` or `load_state_dict(x, assign=True)`: one side changed, the other used."""
    given = event.text or event.source
    tensor = event.kind is Kind.TENSOR
    fix = detached_clone(given.removesuffix(".data")) if tensor else f"copy.deepcopy({given})"
    fields = {"name": event.name, "source": event.source, "call": event.call, "change": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.site is not None else ()
    sure = Confidence(max(1, event.proof))
    return Judgement(
        "storage-tied-by-assignment", event.node, fields, event.steps, sure, changes, () if tensor else ("copy",)
    )
