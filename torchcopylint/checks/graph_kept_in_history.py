"""TCL202: losses stored with their graphs."""

from __future__ import annotations

from torchcopylint.domain.event import HistoryKept
from torchcopylint.domain.finding import Change, Confidence, Judgement


def graph_kept_in_history(event: HistoryKept) -> Judgement | None:
    """An attached value added or appended to something that outlives the iteration that called backward."""
    plain = event.source.replace("_", "").replace(".", "").isalnum()
    fix = f"{event.source}.detach()" if plain else f"({event.source}).detach()"
    fields = {"name": event.name, "source": event.source, "write": event.write, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    return Judgement("graph-kept-in-history", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)
