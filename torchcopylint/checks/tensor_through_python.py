"""TCL108: a tensor made through Python lists or arrays."""

from __future__ import annotations

from torchcopylint.domain.event import Detour, TensorMade
from torchcopylint.domain.finding import Confidence, Judgement

_WAYS = {
    Detour.ARRAYS: ("converts the arrays through Python, number by number", "torch.from_numpy(np.stack({name}))"),
    Detour.NUMBERS: ("creates a Python number for every element", "{source}.clone()"),
    Detour.ARRAY: ("goes through NumPy and back", "{source}.clone()"),
}


def tensor_through_python(event: TensorMade) -> Judgement | None:
    """torch.tensor of a list of arrays, of `x.tolist()` or of `x.numpy()`."""
    if event.through is None or event.proof < 2:
        return None
    why, fix = _WAYS[event.through]
    names = {"name": event.argument, "source": event.argument.partition(".tolist(")[0].partition(".numpy(")[0]}
    fields = {"call": event.call, "why": why, "fix": fix.format(**names)}
    return Judgement("tensor-through-python", event.node, fields, event.steps, Confidence(max(1, event.proof)))
