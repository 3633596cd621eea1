"""TCL106: a copy through serialisation."""

from __future__ import annotations

from torchcopylint.domain.event import RoundTrip
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import Kind

_COPIED = frozenset({Kind.MODULE, Kind.TENSOR, Kind.STATE_DICT, Kind.OPTIMIZER, Kind.CONTAINER})


def serialise_to_copy(event: RoundTrip) -> Judgement | None:
    """An object serialised and deserialised, where the bytes are not used otherwise and a deep copy is the same."""
    if event.kind not in _COPIED or event.packed or event.unties or event.proof < 1:
        return None
    if event.place.function.startswith("test"):
        return None
    fix = f"{event.name}.detach().clone()" if event.kind is Kind.TENSOR else f"copy.deepcopy({event.name})"
    fields = {"call": event.call, "name": event.name, "fix": fix}
    return Judgement("serialise-to-copy", event.node, fields, event.steps, Confidence(max(1, event.proof)))
