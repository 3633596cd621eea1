"""The words of the models: what a call gives, what becomes of the graph, what else it does."""

from __future__ import annotations

from enum import auto

from torchcopylint.domain.fact import Fact


class Gives(Fact):
    """What a call gives."""

    FRESH = auto()
    """Something with storage of its own."""
    SEVERAL = auto()
    """A tuple of such."""
    COPIED = auto()
    """A deep copy."""
    SHALLOW = auto()
    """A shallow copy."""

    VIEW = auto()
    PARTS = auto()
    """Several views of one thing."""
    PERHAPS = auto()
    """A view, or something fresh."""
    SAME = auto()
    """The argument itself."""
    WRAPPED = auto()
    """Something around the argument that stands for it."""
    PASSED = auto()
    """The arguments as they are, as a tuple where there are several."""

    ELEMENT = auto()
    """One of what a container holds."""
    ITEMS = auto()
    """Its pairs of key and value."""
    VALUES = auto()
    ENUMERATED = auto()
    ZIPPED = auto()

    HELD = auto()
    """Something that holds its arguments."""
    RECORD = auto()
    """An object that has its arguments as attributes."""
    LIVE = auto()
    """References to what a module or optimizer keeps."""
    OUTPUT = auto()
    """What a module computes."""
    CONTEXT = auto()
    """What a `with` enters."""

    SCALAR = auto()
    NONE = auto()
    UNKNOWN = auto()


class Grad(Fact):
    """What a result is to the graph."""

    FLOWS = auto()
    """Attached as what it is made of."""
    CUT = auto()
    """Not attached, made of what may be."""
    NEVER = auto()
    """Not attached; what it writes, it writes with gradients off."""
    LEAF = auto()
    PERHAPS = auto()
    """A leaf or not attached."""
    PARAMETER = auto()
    """A leaf that a module trains."""


class Act(Fact):
    """What a call does beyond its value."""

    BACKWARD = auto()
    DIFFERENTIATES = auto()
    """`torch.autograd.grad`."""
    ZEROES = auto()
    """Gradients are dropped or filled with zeros."""
    CLIPS = auto()
    """Gradients are made smaller in place: clipped, or freed of a scale."""
    STEPS = auto()
    HOLDS = auto()
    """An optimizer is made over parameters."""
    HOLDS_MORE = auto()
    SCHEDULES = auto()
    """A scheduler takes the learning rates of its optimizer further: in place where they are tensors."""
    SHARES_STATE = auto()
    """An optimizer takes the moments of another as they are."""
    LOADS = auto()
    RELINKS = auto()
    """A module is given other tensors for its own."""
    RUNS = auto()
    """A module is called."""
    COMPARES = auto()
    """A loss of a prediction and a target."""

    REQUIRES = auto()
    FREEZES = auto()
    DETACHES = auto()
    RETAINS = auto()
    CONVERTS = auto()
    """A module itself is moved or cast."""
    RENEWS = auto()
    """A module gets new tensors, without their values."""
    ADOPTS = auto()
    """Weights get the memory of a vector."""
    REPARAMETRISES = auto()
    RESTORES = auto()
    """A module's weight is computed from other tensors before each use, or no longer."""
    RESHAPES = auto()
    """A tensor gets other sizes, and keeps its elements."""
    REGISTERS = auto()
    """A buffer, parameter or module is set by name."""

    APPENDS = auto()
    EXTENDS = auto()
    CLEARS = auto()
    SETS_DEFAULT = auto()
    REPLICATES = auto()
    """One object is put in several places."""
    JOINS = auto()
    """Tensors are put together to a longer one."""
    FILLS_OUT = auto()
    """The result is written into `out=`."""

    GETS_ATTRIBUTE = auto()
    SETS_ATTRIBUTE = auto()
    IS_INSTANCE = auto()
    IS_TENSOR = auto()
    ASKS = auto()
    """For a shape, a length, a type."""

    SAVES = auto()
    OPENS = auto()
    PACKS = auto()
    UNPACKS = auto()
    """Files and bytes."""
    UNPACKS_SAVED = auto()
    """What `torch.save` packed: whatever shared memory still does."""
    LACKS = auto()
    """There is no such method."""
    REMEMBERS = auto()
    """A deep copy with a memo."""
