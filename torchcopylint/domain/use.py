"""How objects are used, written and changed: the interpreter's vocabulary for what code does with them."""

from __future__ import annotations

from enum import auto

from torchcopylint.domain.fact import Fact


class ReadHow(Fact):
    """How something is used at a place."""

    READ = auto()
    CALLED = auto()
    PASSED = auto()
    COMPUTED = auto()
    """Its values go into a computation."""
    VIEWED = auto()
    """A view of it is taken."""
    RETURNED = auto()
    LOADED = auto()
    """It is loaded into a module or optimizer."""
    SAVED = auto()
    STEPPED = auto()
    BACKWARD = auto()
    ASKED = auto()
    """For its shape, its type, its length."""
    TESTED = auto()
    SHOWN = auto()
    """In a text."""
    ITERATED = auto()


QUIET = frozenset({ReadHow.ASKED, ReadHow.TESTED, ReadHow.SHOWN, ReadHow.ITERATED})
"""Uses that do not read values, or that only people see."""


class WriteKind(Fact):
    """What changes something in place."""

    WRITE = auto()
    TRAIN = auto()
    """An optimizer steps, or an average takes it further."""
    LOAD = auto()
    """A state dict is loaded."""
    ACCUMULATE = auto()
    """`backward` adds to gradients."""
    ZERO = auto()
    """Gradients are filled with zeros."""
    CLIP = auto()
    """Gradients are clipped, or freed of a scale."""
    STATISTICS = auto()
    """A batch norm in training updates its running statistics."""
    TRANSFER = auto()
    """A transfer that may still be under way."""


OF_GRADIENTS = frozenset({WriteKind.ACCUMULATE, WriteKind.ZERO, WriteKind.CLIP})
"""Changes of gradients, which leave the tensors alone that these are of."""


class Fate(Fact):
    """The fate of a copy."""

    CALLED = auto()
    PASSED = auto()
    RETURNED = auto()
    SAVED = auto()
    LOADED = auto()
    STORED = auto()
    """In a container."""
    KEPT = auto()
    """In an attribute."""
    LAYERED = auto()
    """In a container of layers."""
    TRAINED = auto()
    WRITTEN = auto()
    REFRESHED = auto()
    """Other weights are loaded into it."""
    RELINKED = auto()
    """A copied optimizer gets other parameters."""
    CLONING = auto()
    """A function makes it whose name says that it is there to copy."""


class Conversion(Fact):
    """What is done to a module itself where a converted copy may be intended."""

    CAST = auto()
    MOVED = auto()


class CopyHow(Fact):
    """What makes a copy that somebody may want to judge."""

    DEEPCOPY = auto()
    CLONE = auto()
    COPY = auto()
    """`.copy()`, or a conversion with `copy=True`."""
    TENSOR = auto()
    """`torch.tensor(data)`."""
    TOLIST = auto()
    PICKLE = auto()
    """Packed and unpacked."""
    SAVE = auto()
    """The same by `torch.save`, which keeps what shares memory."""


class TakeHow(Fact):
    """What a call or statement does with a value that may be a copy made for it."""

    COPIES = auto()
    """It copies the value itself."""
    MOVES = auto()
    MOVES_TO_CPU = auto()
    DETACHES = auto()
