"""TCL502: a loop variable rebound where a write was intended."""

from __future__ import annotations

from torchcopylint.domain.event import LoopNameRebound
from torchcopylint.domain.finding import Change, Confidence, Judgement


def rebound_loop_variable(event: LoopNameRebound) -> Judgement | None:
    """`for p in params: p = ...`, and `p` is not read again."""
    fix = f"write `{event.remedy or f'{event.name}.copy_(...)'}`"
    if event.moves:
        fix = "move or cast the module itself" if event.live else "build a new list from the results"
    elif event.live and not event.remedy:
        fix += " under `torch.no_grad()`"
    fields = {"name": event.name, "source": event.source, "write": event.write, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    sure = Confidence(max(event.proof, 1))
    return Judgement("rebound-loop-variable", event.node, fields, event.steps, sure, changes)
