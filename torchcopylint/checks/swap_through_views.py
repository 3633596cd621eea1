"""TCL310: rows swapped through views, so that one of them is lost."""

from __future__ import annotations

from torchcopylint.domain.event import SwapThroughViews
from torchcopylint.domain.finding import Change, Confidence, Judgement


def swap_through_views(event: SwapThroughViews) -> Judgement | None:
    """A view of a tensor stored back into it after the place it shows was overwritten."""
    fields = {"name": event.name, "source": event.source, "write": event.write, "fix": event.fix}
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    confidence = Confidence(max(1, event.proof))
    return Judgement("swap-through-views", event.node, fields, event.steps, confidence, changes)
