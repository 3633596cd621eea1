"""TCL503: a state dict changed instead of the model."""

from __future__ import annotations

from torchcopylint.domain.event import EntryReplaced
from torchcopylint.domain.finding import Confidence, Judgement


def state_dict_item_assigned(event: EntryReplaced) -> Judgement | None:
    """`model.state_dict()[key] = value`, and the dict is not loaded, saved, returned or read afterwards."""
    fields = {
        "name": event.name,
        "source": f"`{event.source}`" if event.source else "the model",
        "write": event.write,
        "fix": f"{event.name}.copy_(...)",
    }
    return Judgement("state-dict-item-assigned", event.node, fields, event.steps, Confidence(max(1, event.proof)))
