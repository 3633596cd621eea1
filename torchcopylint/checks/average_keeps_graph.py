"""TCL206: running averages of attached values."""

from __future__ import annotations

from torchcopylint.domain.event import AverageKept
from torchcopylint.domain.finding import Change, Confidence, Judgement


def average_keeps_graph(event: AverageKept) -> Judgement | None:
    """An attached value averaged into something that lives on through iterations with backward."""
    fields = {"name": event.name, "source": event.source, "fix": f"{event.name} = {event.fix}"}
    changes = (Change(event.site, event.remedy),)
    return Judgement("average-keeps-graph", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)
