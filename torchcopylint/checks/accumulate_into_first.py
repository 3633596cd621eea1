"""TCL412: a mean that overwrites its first element."""

from __future__ import annotations

from torchcopylint.domain.event import SumIntoFirst
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind


def accumulate_into_first(event: SumIntoFirst) -> Judgement | None:
    """`total = states[0]`, to which the others are then added in place."""
    fix = f"{event.text}.clone()" if event.kind is Kind.TENSOR else f"copy.deepcopy({event.text})"
    fields = {"name": event.name, "source": event.source, "write": event.change, "fix": fix}
    changes = (Change(event.site, fix),) if event.text else ()
    imports = () if event.kind is Kind.TENSOR else ("copy",)
    sure = Confidence(max(1, event.proof))
    return Judgement("accumulate-into-first", event.node, fields, event.steps, sure, changes, imports)
