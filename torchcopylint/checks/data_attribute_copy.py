"""TCL205: copies made through `.data`."""

from __future__ import annotations

from torchcopylint.domain.event import Clone, DeepCopy
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind


def data_attribute_copy(event: Clone | DeepCopy) -> Judgement | None:
    """`x.data.clone()` of a tensor."""
    if event.data is None or event.kind is not Kind.TENSOR or event.proof < 1:
        return None
    fields = {"name": event.argument, "call": event.call, "fix": event.fix}
    return Judgement(
        "data-attribute-copy",
        event.node,
        fields,
        event.steps,
        Confidence(max(1, event.proof)),
        (Change(event.data, event.remedy),),
    )
