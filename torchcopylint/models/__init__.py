"""What calls do: everything the linter knows of torch, numpy and the standard library, without control flow."""

from __future__ import annotations

import re
from itertools import takewhile

from torchcopylint.domain.ground import Known
from torchcopylint.domain.kind import Kind
from torchcopylint.models import array, container, distribution, library, module, table, tensor
from torchcopylint.models.effect import LOW, MEDIUM, Effect, Model, Shape
from torchcopylint.models.language import Act, Gives, Grad
from torchcopylint.models.own import any_own, own_effect

_BY_KIND: dict[Kind, dict[str, Model]] = {
    Kind.MODULE: module.MODULE,
    Kind.OPTIMIZER: module.OPTIMIZER,
    Kind.SCHEDULER: module.SCHEDULER,
    Kind.SCALER: module.SCALER,
    Kind.DISTRIBUTION: distribution.DISTRIBUTION,
    Kind.ACCELERATOR: library.ACCELERATOR,
    Kind.LIST: container.LIST,
    Kind.SET: container.LIST,
    Kind.TUPLE: container.LIST,
    Kind.PARAMS: container.LIST,
    Kind.DICT: container.DICT,
    Kind.STATE_DICT: {**container.DICT, **module.STATE},
    Kind.NDARRAY: array.NDARRAY,
    Kind.PACKED: container.PACKED,
}
_ANYONE: dict[str, Model] = {
    "state_dict": module.MODULE["state_dict"],
    "load_state_dict": module.MODULE["load_state_dict"],
    "parameters": module.MODULE["parameters"],
    "named_parameters": module.MODULE["named_parameters"],
    "backward": Effect(Gives.NONE, act=Act.BACKWARD, on=(0, 1)),
    "manual_backward": library.ACCELERATOR["manual_backward"],
    "zero_grad": Effect(Gives.NONE, act=Act.ZEROES),
    "item": Effect(Gives.SCALAR, grad=Grad.NEVER),
    "tolist": Effect(Gives.FRESH, Kind.SCALARS, LOW, grad=Grad.NEVER),
    "items": container.DICT["items"],
    "append": container.LIST["append"],
    "to": Effect(Gives.PERHAPS, Kind.UNKNOWN),
    "cuda": Effect(Gives.PERHAPS, Kind.UNKNOWN),
    "cpu": Effect(Gives.PERHAPS, Kind.UNKNOWN),
    "requires_grad_": module.MODULE["requires_grad_"],
}


_BY_NAME = (module.FUNCTIONS, container.COPYING, library.LIBRARIES, distribution.FUNCTIONS)


def may_matter(text: str) -> bool:
    """Whether a file can have a finding at all: a cheap look at its words. All that we judge is torch's."""
    if "torch" in text:
        return True
    return ("state_dict" in text or ".backward(" in text) and not any(word in text for word in ("mxnet", "paddle"))


_TRAINING = frozenset(
    "backward manual_backward state_dict load_state_dict deepcopy optim zero_grad parameters named_parameters "
    "inplace running_mean running_var".split()
)
_TELLING = frozenset(
    "+= fromkeys inplace out tensor() as_tensor() clone copy deepcopy "
    "expand expand_as broadcast_to backward FloatTensor() LongTensor() non_blocking momentum decay lerp".split()
) | {
    "[]=",
    "[] *",
    "* n",
    "for range",
    "for =",
    "half",
    "bfloat16",
    "float16",
}


_JOINING = frozenset("cat concat concatenate hstack vstack".split())
_LOADING, _SAVING = frozenset(("load", "loads")), frozenset(("save", "dump", "dumps"))


def trains(words: frozenset[str]) -> bool:
    """Whether code with these words has to do with training, with keeping weights, or with layers that write."""
    return not words.isdisjoint(_TRAINING)


_REACHING = frozenset("backward manual_backward zero_grad state_dict load_state_dict deepcopy".split())
_INITIAL = re.compile(
    r"^_|(uniform|normal|constant|zeros|ones|orthogonal|eye|dirac|sparse|requires_grad|share_memory)_$"
)


def keeps_or_trains(words: frozenset[str]) -> bool:
    """Whether code with these words trains or keeps weights itself: then it matters what the functions it calls do."""
    if not words.isdisjoint(_REACHING - {"load_state_dict"}):
        return True
    return "parameters" in words and not words.isdisjoint(("optim", "lr"))


def may_write(words: frozenset[str]) -> bool:
    """Whether a function with these words may write in place what it is given, beyond giving parameters their first
    values."""
    return "+=" in words or any(w.endswith("_") and not w.endswith("__") and not _INITIAL.search(w) for w in words)


def reaches_out(words: frozenset[str], function: bool) -> bool:
    """Whether code with these words can matter to its caller: it trains or keeps weights; a function may also write
    into what it is given, beyond giving parameters their first values."""
    if not words.isdisjoint(_REACHING):
        return True
    return function and any(w.endswith("_") and not _INITIAL.search(w) for w in words)


def keeps_state(words: frozenset[str]) -> bool:
    """Whether the methods of a class with these words may write, time and again, what the object holds, and so what
    they gave away before."""
    return not words.isdisjoint(("+=", "[]=")) or any(w.endswith("_") and not w.endswith("__") for w in words)


def tells(words: frozenset[str], dropped: frozenset[str]) -> bool:
    """Whether a function with these words can by itself show anything: a write, a copy, a loss, a dropped result."""
    if not words.isdisjoint(_TELLING) or any(w.endswith("_") and not w.endswith("__") for w in words):
        return True
    if "for" in words and not words.isdisjoint(_JOINING):
        return True
    if not words.isdisjoint(_LOADING) and not words.isdisjoint(_SAVING):
        return True
    if any("loss" in w or "criterion" in w or "entropy" in w or w == "kl_div" for w in words):
        return True
    return any(tensor.is_pure(name) for name in dropped) or any_own()


def function_effect(name: str, shape: Shape) -> Effect | None:
    """What calling something by its full dotted name does; None where nothing is known."""
    own = own_effect(name)
    if own is not None:
        return own
    if name.startswith("builtins."):
        return _resolve(container.BUILTINS.get(name.removeprefix("builtins.")), shape)
    known = next((table[name] for table in _BY_NAME if name in table), None)
    if known is not None:
        return _resolve(known, shape)
    if name.startswith("numpy."):
        return array.numpy_effect(name, shape)
    if name.startswith("torch.Tensor."):
        return method_effect(Kind.TENSOR, name.removeprefix("torch.Tensor."), shape)
    return tensor.tensor_effect(name, shape) or module.constructor(name, shape)


def method_effect(kind: Kind, name: str, shape: Shape) -> Effect | None:
    """What a method or property does to a receiver of this kind; None where nothing is known."""
    if kind is Kind.TENSOR:
        return tensor.tensor_effect(f"Tensor.{name}", shape)
    rows = _BY_KIND.get(kind)
    if rows is not None:
        return _resolve(rows.get(name), shape)
    return _resolve(_ANYONE.get(name), shape)


_INPUTS = frozenset("input self other tensor tensors".split())


def inputs_of(name: str) -> tuple[str, ...]:
    """The keywords of the tensors that a function of torch takes first, or a method `Tensor.x`, in their order."""
    found = table.row(name)
    params = found.params if found is not None else ()
    return tuple(takewhile(_INPUTS.__contains__, params))


AMBIENT = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "np": "numpy"}


def ambient(name: str) -> str:
    """The full name of what a file uses without importing it by name: a built-in, or torch through a `*`."""
    return AMBIENT.get(name, f"builtins.{name}")


LIBRARIES = ("builtins.", "torch.", "numpy.")
"""What the full names of those libraries begin with that are known here: none of a project's own."""


_NUMBERS = frozenset(
    f"{module}.{name}" for module in ("numpy", "math", "torch") for name in "pi e inf nan tau euler_gamma".split()
)


def is_number(name: str) -> bool:
    """Whether a full name stands for a number: `numpy.pi`."""
    return name in _NUMBERS


def settles(name: str) -> bool:
    """Whether transfers between devices that were under way are done after a call of this name."""
    return name in tensor.SETTLING


_PROPERTIES = {
    Kind.NDARRAY: array.PROPERTIES,
    Kind.TENSOR: tensor.PROPERTIES,
    Kind.MODULE: module.PROPERTIES,
}


def is_property(kind: Kind, attr: str) -> bool:
    """Whether reading the attribute is itself an operation on storage, such as `x.T` or `x.data`."""
    return attr in _PROPERTIES.get(kind, ())


def property_kind(kind: Kind, key: str) -> Known | None:
    """What an attribute is that is a thing of its own, such as a tensor's gradient; None for others."""
    if key in (".grad", ".values", ".indices") and kind is Kind.TENSOR:
        return Known(Kind.TENSOR, MEDIUM)
    if kind is Kind.MODULE and key in (".weight", ".bias", ".running_mean", ".running_var"):
        return Known(Kind.TENSOR, MEDIUM)
    return None


def _resolve(model: Model | None, shape: Shape) -> Effect | None:
    return model(shape) if callable(model) else model
