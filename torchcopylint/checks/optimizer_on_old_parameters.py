"""TCL601: an optimizer that steps parameters no longer in use."""

from __future__ import annotations

from torchcopylint.domain.event import OldParametersStepped
from torchcopylint.domain.finding import Confidence, Judgement


def optimizer_on_old_parameters(event: OldParametersStepped) -> Judgement | None:
    """A model copied, or a layer replaced, after its optimizer was made."""
    fields = {"name": event.name, "other": event.source, "write": event.write}
    return Judgement("optimizer-on-old-parameters", event.node, fields, event.steps, Confidence(max(1, event.proof)))
