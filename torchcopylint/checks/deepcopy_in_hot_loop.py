"""TCL101: a large deep copy made in every step."""

from __future__ import annotations

from torchcopylint.domain.event import DeepCopy, Heat
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import Fate

_LARGE = frozenset({Kind.MODULE, Kind.STATE_DICT, Kind.OPTIMIZER, Kind.CONTAINER})
_WANTED = frozenset({Fate.TRAINED, Fate.WRITTEN, Fate.STORED, Fate.PASSED, Fate.CLONING})


def deepcopy_in_hot_loop(event: DeepCopy) -> Judgement | None:
    """A deepcopy of a module, state dict or optimizer in a loop that steps, unguarded, and only read afterwards."""
    if event.kind not in _LARGE or event.heat is None or event.guarded:
        return None
    if event.kind is Kind.CONTAINER and event.heat is Heat.FORWARD and "." not in event.name:
        return None
    if event.fate & _WANTED:
        return None
    fix = f"copied.load_state_dict({event.name}.state_dict())" if event.kind is Kind.MODULE else "load_state_dict"
    fields = {"name": event.name or event.argument, "call": event.call, "loop": event.loop, "fix": fix}
    confidence = Confidence(max(1, event.proof))
    return Judgement("deepcopy-in-hot-loop", event.node, fields, event.steps, confidence)
