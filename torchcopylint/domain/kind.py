"""The kinds of objects that the analysis distinguishes."""

from __future__ import annotations

from torchcopylint.domain.fact import Fact


class Kind(Fact):
    """What a thing is; the value is the word for it in settings, in tables and in what people read."""

    UNKNOWN = "unknown"
    NONE = "none"
    SCALAR = "scalar"
    """A number, a flag, a text, or what else of Python shares nothing."""
    OBJECT = "object"
    """Something known to be none of the others."""

    TENSOR = "tensor"
    NDARRAY = "ndarray"
    MODULE = "module"
    MODULES = "modules"
    """What a module hands out its parts by."""
    PARAMS = "params"
    """A module's parameters or buffers, all of them."""
    STATE_DICT = "state_dict"
    OPTIMIZER = "optimizer"
    SCHEDULER = "scheduler"
    SCALER = "scaler"
    ACCELERATOR = "accelerator"
    """What wraps models and optimizers for one device or several."""
    DISTRIBUTION = "distribution"
    """A probability distribution over the tensors that it was made of."""
    DATASET = "dataset"
    LOADER = "loader"

    LIST = "list"
    TUPLE = "tuple"
    SET = "set"
    DICT = "dict"
    ITEMS = "items"
    """What is gone through: what an iterator or a generator gives."""
    SCALARS = "scalars"
    """A list of numbers."""
    CONTAINER = "container"
    """A list, tuple or dict that has tensors or modules in it, where that is what counts."""
    PACKED = "packed"
    """A buffer or text that something was written to, to be read again."""
    SUPER = "super"
    """`super()`."""
    CONTEXT = "context"
    """What a `with` enters."""
    CLASS = "class"
    """An instance of a class of the program, as a test of types asks for it."""


DATA = frozenset({Kind.TENSOR, Kind.NDARRAY})
"""What has elements in memory."""
