"""Whether something holds a parameter and something else on the parameter's memory, which a deep copy parts."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import Cell, Heap
from torchcopylint.domain.identity import Id, base_of, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import KnownClass, Value, refs_of
from torchcopylint.interpret.entry import enter, self_of
from torchcopylint.interpret.events.path import end_of
from torchcopylint.interpret.state.frame import Frame

_MOST = 64


def shares_with_parameter(frame: Frame, cell: Cell) -> bool:
    """Whether among the tensors that an object holds a parameter shares memory with another one."""
    tensors = dict(_tensors(frame, cell, end_of(frame).heap))
    for obj, found in tensors.items():
        others = (other for at, other in tensors.items() if at != obj)
        if found.family is Family.PARAMETER and any(_share(found, other) for other in others):
            return True
    return False


def _share(one: Cell, other: Cell) -> bool:
    return any(overlap(a, b) for a in one.regions for b in other.regions)


def _tensors(frame: Frame, cell: Cell, heap: Heap, depth: int = 3) -> Iterator[tuple[Id, Cell]]:
    """The tensors in an object's attributes and items, and in what its class's `__init__` leaves there."""
    for value in [*cell.slots.values(), cell.rest][:_MOST]:
        yield from _held(frame, value, heap, depth)
    if cell.cls is not None:
        yield from _as_made(frame, cell.cls, depth)


def _held(frame: Frame, value: Value, heap: Heap, depth: int) -> Iterator[tuple[Id, Cell]]:
    for ref in refs_of(value):
        found = heap[ref.obj]
        if found.kind is Kind.TENSOR:
            yield base_of(ref.obj), found
        elif depth:
            yield from _tensors(frame, found, heap, depth - 1)


def _as_made(frame: Frame, cls: KnownClass, depth: int) -> Iterator[tuple[Id, Cell]]:
    """What a class's `__init__` leaves in `self`."""
    init = cls.method("__init__")
    inner = enter(frame.program, init) if init is not None else None
    if inner is None or inner.state is None:
        return
    heap = inner.state.heap
    mine = inner.state.heap[self_of(frame.program, inner.owner or cls)]
    for value in [*mine.slots.values()][:_MOST]:
        yield from _held(frame, value, heap, depth)
