"""On what it rests what a value is: the weakest ground of all that it may be, or that it is made of."""

from __future__ import annotations

from collections.abc import Iterable

from torchcopylint.domain.ground import Ground
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import Const, Cut, Element, Named, Scalar, Value
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.models.effect import Effect, Shape

_HOLDING = frozenset({Kind.LIST, Kind.TUPLE, Kind.SET, Kind.DICT, Kind.ITEMS})
_CHOOSING = frozenset({"where"})
"""Functions that hand on the kind of another argument than the first."""


def ground_of(frame: Frame, value: Value) -> Ground:
    """On what it rests what a value is; of a container, what it holds."""
    return min((_of(frame, element) for element in value), default=Ground.GUESSED)


def _of(frame: Frame, element: Element, deep: bool = True) -> Ground:
    if isinstance(element, Const | Scalar | Cut | Named):
        return Ground.MADE
    cell = frame.cell(element)
    if cell is None:
        return Ground.GUESSED
    if cell.kind not in _HOLDING:
        return cell.ground
    held = [inner for value in (*cell.slots.values(), cell.rest) for inner in value] if deep else []
    return min((_of(frame, inner, deep=False) for inner in held), default=Ground.GUESSED)


def of_all(frame: Frame, values: Iterable[Value]) -> Ground:
    """On what it rests what is computed from all of these."""
    return min((ground_of(frame, value) for value in values), default=Ground.GUESSED)


def of_result(frame: Frame, effect: Effect, shape: Shape, name: str) -> Ground:
    """On what it rests what the call of that name gives: it is certain by itself, or by what it is called on."""
    if effect.certain:
        return Ground.MADE
    return of_all(frame, shape.args if name in _CHOOSING else shape.args[:1])
