"""TCL605: a copy method that does not exist."""

from __future__ import annotations

from torchcopylint.domain.event import MemoMistaken, MethodMissing
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind

_KINDS = {
    Kind.MODULE: "a module",
    Kind.TENSOR: "a tensor",
    Kind.OPTIMIZER: "an optimizer",
    Kind.STATE_DICT: "a state dict",
}
_INSTEAD = {
    Kind.OPTIMIZER: "a new optimizer over the copied parameters",
    Kind.MODULE: "`copy.deepcopy(...)`",
    Kind.STATE_DICT: "`copy.deepcopy(...)`",
    Kind.TENSOR: "`.clone()`",
}


def module_has_no_clone(event: MethodMissing | MemoMistaken) -> Judgement | None:
    """`module.clone()`, `tensor.copy()`, `optimizer.clone()`; `copy.deepcopy(source, destination)`."""
    if isinstance(event, MemoMistaken):
        what = "treats its second argument as the memo, not as the destination"
        instead = "`copy.deepcopy` with one argument"
    else:
        what = f"raises AttributeError: {_KINDS[event.kind]} has no such method"
        instead = f"`{event.remedy}`" if event.remedy else _INSTEAD[event.kind]
    fields = {"call": event.call, "what": what, "fix": instead}
    changes = (Change(event.site, event.remedy),) if event.remedy else ()
    imports = ("copy",) if event.remedy.startswith("copy.") else ()
    sure = Confidence(max(event.proof, 1))
    return Judgement("module-has-no-clone", event.node, fields, event.steps, sure, changes, imports)
