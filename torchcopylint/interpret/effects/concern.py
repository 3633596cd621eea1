"""What an action answers, and the arguments that it concerns."""

from __future__ import annotations

from torchcopylint.domain.value import NOTHING, Value
from torchcopylint.models.effect import Effect, Shape

Answer = Value | None
"""The value of a call whose action gives it; None where the call's effect says what it gives."""


def concerned(effect: Effect, shape: Shape, n: int = 0) -> Value:
    """The n-th argument that an action concerns; empty where it is not given."""
    index = effect.on[n] if n < len(effect.on) else 99
    return shape.args[index] if index < len(shape.args) else NOTHING
