"""TCL607: the model in training cast or moved, where a converted copy is meant."""

from __future__ import annotations

from torchcopylint.domain.event import ModuleConverted
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.use import Conversion


def live_model_converted(event: ModuleConverted) -> Judgement | None:
    """`save(model.half())`, `low = model.to(torch.bfloat16)`, and the model is used again."""
    words = {Conversion.CAST: "casts", Conversion.MOVED: "moves"}[event.conversion]
    fix = event.remedy or f"copy.deepcopy({event.source})"
    fields = {"source": event.source, "write": event.write, "words": words, "fix": fix}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    sure = Confidence(max(1, event.proof))
    return Judgement("live-model-converted", event.node, fields, event.steps, sure, changes, ("copy",))
