"""What is known about an object besides its kind: a tensor's memory layout, its dtype, what a torch layer does."""

from __future__ import annotations

from enum import auto
from typing import TypeAlias

from torchcopylint.domain.fact import Fact


class Layout(Fact):
    """One thing known of a tensor, a container or a module."""

    EXPANDED = auto()
    """It repeats its values on the same memory."""
    MULTI = auto()
    """One of several views that were made together."""
    PERMUTED = auto()
    """Its elements are not in the order of its memory."""
    UNEVEN = auto()
    """Its elements may not fill its memory one by one: a copy of it lies otherwise."""
    RELAID = auto()
    """It was copied into another order."""
    INDEXED = auto()
    """It was copied out by an index that is a mask or a list."""
    MASK = auto()
    """As an index it picks by mask or list."""
    NUMBER = auto()
    """A whole number without dimensions: used as an index it picks a view, as Python's numbers do."""
    PERHAPS_ONE = auto()
    """Picked out of such an index: it may be a single number, which picks a view."""
    PERHAPS_NONE = auto()
    """It may be None instead."""
    PINNED = auto()
    CLOSED = auto()
    """A container of which all is known that it holds."""
    PARTS = auto()
    """A tuple of views made together."""
    SEVERAL = auto()
    """A tuple of new tensors."""
    FROZEN = auto()
    PARTLY_FROZEN = auto()
    """A module whose parameters ask for no gradients, or some of them."""
    SPARSE = auto()
    """A sparse tensor in coordinates (COO): some of what are views of others are copies of it."""
    RECOMPUTED = auto()
    """A weight that is computed from other tensors before each use, or a module with such a weight."""
    UNSTEPPED = auto()
    """An optimizer that has surely not stepped: it has no state yet."""
    COPYABLE = auto()
    """A module that has a method `copy`."""
    WRITES_INPUT = auto()
    BEGINS_WRITING = auto()
    """A layer that writes its input, or begins with one that does."""
    RETURNS_INPUT = auto()
    GIVES_VIEW = auto()
    GIVES_VIEW_BY_LAYOUT = auto()
    DROPS = auto()
    """A layer whose output may be, or share storage with, its input."""
    KEEPS_RESULT = auto()
    KEEPS_INPUT = auto()
    """A layer of whose call the graph keeps the result, or the input, for backward."""


class Dtype(Fact):
    """The dtype of a tensor, where it is known."""

    FLOAT32 = auto()
    FLOAT64 = auto()
    FLOAT16 = auto()
    BFLOAT16 = auto()
    INT64 = auto()
    INT32 = auto()
    INT16 = auto()
    INT8 = auto()
    UINT8 = auto()
    BOOL = auto()
    COMPLEX64 = auto()
    COMPLEX128 = auto()


Flag: TypeAlias = Layout | Dtype
NO_FLAGS: frozenset[Flag] = frozenset()
