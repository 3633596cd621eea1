"""TCL409: one object where several are needed."""

from __future__ import annotations

from torchcopylint.domain.event import Replicated
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind


def replicated_object(event: Replicated) -> Judgement | None:
    """`[layer] * n` and the like: a module with weights, or a tensor or list that is then changed through one slot."""
    if event.kind is Kind.MODULE and event.family in (Family.STATELESS, Family.LOSS):
        return None
    names = " ".join((event.name, *event.holders)).lower()
    if "shared" in names or "tied" in names:
        return None
    if event.kind is not Kind.MODULE and not (event.literal and (event.written or event.family is Family.PARAMETER)):
        return None
    example = f": `{event.remedy or f'[{event.name} for _ in range(n)]'}`" if event.repeated else ""
    fields = {"name": event.name, "call": event.call, "fix": f"create one for each{example}"}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    sure = Confidence(max(event.proof, 1))
    return Judgement("replicated-object", event.node, fields, event.steps, sure, changes)
