"""How one handle came to share storage with another, or with nothing: what was called on the object it was taken
from."""

from __future__ import annotations

from enum import auto

from torchcopylint.domain.fact import Fact


class Sharing(Fact):
    """How a handle was taken."""

    MADE = auto()
    """Nothing is shared, or nothing is known to be: the object is created here."""
    SAME_OBJECT = auto()
    """Another name for the very object."""
    RECEIVER = auto()
    """The `self` of the methods of a class."""
    ATTRIBUTE = auto()
    ITEM = auto()
    """An attribute or item of something, looked at for the first time."""
    ELEMENT = auto()
    """What a loop takes out of something of which it is not known what it holds."""
    KEPT = auto()
    """A place in a container."""
    YIELDED = auto()
    """What a generator hands out."""

    VIEW = auto()
    ROW = auto()
    """A view that a loop takes, one for each iteration."""
    PART = auto()
    """One of several views that were made together."""
    PARTS = auto()
    """The tuple of them."""
    EXPANDED = auto()
    """A view that repeats its values."""
    DETACHED = auto()
    DATA = auto()
    """`x.data`."""
    ARRAY = auto()
    """An array on a tensor's memory."""
    OF_ARRAY = auto()
    """A tensor on an array's memory."""
    PARAMETER = auto()
    BUFFER = auto()
    """A parameter or buffer on the storage of what it was made from."""
    ITSELF = auto()
    """A conversion that has nothing to convert."""
    GRADIENT = auto()
    DECLARED = auto()
    """What the user's configuration says to be written and shared."""

    LIVE_WEIGHT = auto()
    """One of a module's parameters or buffers, or the list of them."""
    LIVE_STATE = auto()
    """A module's state dict."""
    LIVE_OPTIMIZER_STATE = auto()
    """An optimizer's state dict."""
    SHARED_STATE = auto()
    """An optimizer that was given the live state of another."""
    SHALLOW = auto()
    """A new container of the same things."""
    SHALLOW_OBJECT = auto()
    """The same, made by `copy.copy`."""

    DEEP_COPY = auto()
    PICKED = auto()
    """A copy made by an index that is a list or a mask."""
    RELAID = auto()
    """A copy, for strides that allow no view."""

    ARGUMENT = auto()
    COPY_FLAG = auto()
    DEVICE = auto()
    DTYPE = auto()
    FLOAT32 = auto()
    """A conversion to float32, torch's default, of what has a dtype that is not known."""
    DTYPE_OR_DEVICE = auto()
    INDEX = auto()
    LAYOUT = auto()
    LAYOUT_OF_PERMUTATION = auto()
    MAX_NORM = auto()
    SHAPE = auto()
    SPARSE = auto()
    TRAINING = auto()
    """From ARGUMENT on: what decides whether it shares or is a copy."""


NO_LINK = frozenset({Sharing.SAME_OBJECT, Sharing.MADE, Sharing.ATTRIBUTE, Sharing.ITEM})
"""Handles that lead to the very thing that they were taken from: no step at which a copy could be made."""
VIEWS = frozenset({Sharing.VIEW, Sharing.ROW, Sharing.PART})
SHALLOWS = frozenset({Sharing.SHALLOW, Sharing.SHALLOW_OBJECT})
LIVE = frozenset({Sharing.LIVE_STATE, Sharing.LIVE_OPTIMIZER_STATE})
LAYOUTS = frozenset({Sharing.LAYOUT, Sharing.LAYOUT_OF_PERMUTATION})
SLOTS = frozenset({Sharing.KEPT, Sharing.YIELDED})
"""Places in something, which are no link of their own."""
CONDITIONS = LAYOUTS | {
    Sharing.ARGUMENT,
    Sharing.COPY_FLAG,
    Sharing.DEVICE,
    Sharing.DTYPE,
    Sharing.FLOAT32,
    Sharing.DTYPE_OR_DEVICE,
    Sharing.INDEX,
    Sharing.MAX_NORM,
    Sharing.SHAPE,
    Sharing.SPARSE,
    Sharing.TRAINING,
}
"""Sharing that is a copy where the condition does not hold."""


class Owner(Fact):
    """Whose storage it is."""

    ARGUMENT = auto()
    ATTRIBUTE = auto()
    GLOBAL = auto()
    LOCAL = auto()


class Sure(Fact):
    """How surely data lies where it is said to lie."""

    MUST = auto()
    MAY = auto()
    """There, or in one of other places."""
    CONDITIONAL = auto()
    """There, or in a copy, as a condition has it."""
