"""What something is, from base classes, the methods called on it, its place in a signature, its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from torchcopylint.domain.family import AnyFamily, Family
from torchcopylint.domain.ground import Ground, Known
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import KnownClass
from torchcopylint.models.annotation import is_of_other_framework, of_class
from torchcopylint.models.effect import HIGH, LOW, MEDIUM
from torchcopylint.models.table import row
from torchcopylint.models.tensor import PROPERTIES

_SHARED_WITH_OTHERS = frozenset(
    "name output_nr log "
    "abs add all any apply apply_ argmax argmin argsort backward clip clone conj copy corrcoef count cov cpu cuda "
    "cummax cummin cumprod cumsum data device diagonal diff div dot double dtype eq equal exp fill flatten float "
    "floor ge get_device grad gt half histogram imag index int is_set isin item itemsize le log lt map_ max mean "
    "median min mod mode mul names nbytes ndim ne nonzero norm pow prod put quantile real remainder rename repeat "
    "reshape resize round select set set_ shape share_memory_ sign size sort split sqrt squeeze std sub sum "
    "swapaxes take tile to to_dense tolist trace transpose true_divide type unique unfold values var vdot where "
    "width layout module_load numpy bool long short char byte T H mT mH hex cross coalesce indices crow_indices "
    "register_hook retain_grad requires_grad requires_grad_ gather scatter inverse log2 log10 log1p mv dist clamp "
    "roll sin cos tan ceil frac angle det outer inner histc pin_memory dim bernoulli multinomial lu qr svd new".split()
)
"""Methods that tensors have in common with arrays, modules, data frames, files and what else comes with torch."""
_ARRAY_LIKE = frozenset("mean std var sum max min shape ndim reshape flatten norm argmax argmin squeeze".split())
_MODULE_METHODS = frozenset(
    "parameters named_parameters named_modules named_children eval register_forward_hook register_buffer "
    "register_parameter _modules get_submodule add_module".split()
)
_NOT_ARRAYS = frozenset({"append", "keys", "items", "columns", "loc", "iloc", "groupby", "state_dict", "iterrows"})
_ONLY_MODULES = _MODULE_METHODS - {"eval", "register_buffer"}
_NOT_TENSORS = _NOT_ARRAYS | {"copy", "astype", "convert", "crop", "extend", "update", "get"}
"""What is read off no tensor: a name off which both are read stands for one thing here and another there."""
_OPTIMIZER_METHODS = frozenset({"param_groups", "add_param_group"})
_NEVER_CALLED = PROPERTIES | _OPTIMIZER_METHODS - {"add_param_group"}
"""What torch has as a plain attribute: where it is called, it is a method of something else."""
_DATASET = frozenset("Dataset IterableDataset VisionDataset TensorDataset InMemoryDataset ImageFolder".split())

_ONLY_TENSORS = frozenset("shape dim detach clone numpy cpu backward requires_grad is_cuda".split())
_ONLY_LISTS, _ONLY_DICTS = frozenset({"append", "extend"}), frozenset({"keys", "items"})
_FOREIGN = {
    Kind.TENSOR: _NOT_TENSORS,
    Kind.NDARRAY: _NOT_ARRAYS | _ONLY_TENSORS - {"shape"},
    Kind.LIST: _ONLY_TENSORS | _ONLY_DICTS,
    Kind.TUPLE: _ONLY_TENSORS | _ONLY_DICTS | _ONLY_LISTS,
    Kind.SET: _ONLY_TENSORS | _ONLY_DICTS | _ONLY_LISTS,
    Kind.DICT: _ONLY_TENSORS | _ONLY_LISTS,
}
"""By kind, what is read off no such thing."""
_FORGOTTEN = frozenset({"copy"})
"""What people look for in vain in a tensor: where it is called on one, either the call or the annotation is wrong."""

RUNS_PER_STEP = frozenset({"forward", "training_step"})
HANDS_OUT = re.compile(r"^(_?get_)?(state|states|snapshot|copy|clone|checkpoint|__copy__)$|_state$|_snapshot$")
"""Names of methods that promise what their object is now."""
TARGET_WORDS = ("target", "teacher", "old_", "pseudo", "_old", "bootstrap", "goal")

_RESETS = re.compile(r"^(_?reset_parameters|_?init_weights|_?initiali[sz]e(_weights)?|_?init_params)$|[a-z]{4,}_$")
_KEEPS = frozenset("requires_grad_ load_state_dict_ share_memory_ clamp_ clamp_min_ copy_ masked_fill_ detach_".split())


def resets(words: Iterable[str]) -> bool:
    """Whether code with these words gives layers their first values: `reset_parameters`, `xavier_uniform_`."""
    return any(_RESETS.search(word) and word not in _KEEPS for word in words)


_OF_NETWORKS = frozenset(
    "state_dict() load_state_dict() train() eval() zero_grad() requires_grad_() modules() children() buffers() "
    "training".split()
)
"""What networks have, with optimizers, metrics and wrappers of networks; told apart from those by the name."""
_NETWORKS = "model|nn|net|network|policy|critic|actor|encoder|decoder|module|backbone"
_NAMES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.OPTIMIZER, re.compile(r"(^|_)(optim|optimizer|opt)\d*$")),
    (Kind.SCHEDULER, re.compile(r"sched")),
    (Kind.LOADER, re.compile(r"(loader|dataloader|batches)(_|$|s$)")),
    (
        Kind.MODULE,
        re.compile(rf"(^|_)({_NETWORKS})(_\w|\d*)$"),
    ),
)


_MAKES = re.compile(r"^_*(make|build|create|get|load|init|new|prepare|setup)_\w")
"""Names of functions that give such a thing, and are none."""
_CALLED = re.compile(
    rf"(^|_)({_NETWORKS}|student|teacher|generator|discriminator|gen|disc|predictor|projector|classifier|extractor|head"
    r"|online|layer|block|unet|vae|lstm|gru|rnn|cnn|mlp|transformer)(_\w*|\d*)$"
)
"""Names of what, being called, is a network or a layer of one."""


def kind_from_uses(attributes: Iterable[str], dropped: frozenset[str] = frozenset()) -> tuple[Kind, int]:
    """What a name is, judged by the attributes read off it anywhere in the function.

    dropped: methods called as statements. A tensor's give something new, so that whoever drops it has no tensor.
    """
    return _from_uses(frozenset(attributes), dropped) if attributes else (Kind.UNKNOWN, 0)


@lru_cache(maxsize=4096)
def _from_uses(used: frozenset[str], dropped: frozenset[str]) -> tuple[Kind, int]:
    seen = used - {name for name in _NEVER_CALLED if f"{name}()" in used}
    if not seen.isdisjoint(_ONLY_MODULES):
        return Kind.MODULE, MEDIUM
    told = {use.partition("(n")[0] for use in seen if (use[-1] == "_" or use not in dropped) and is_tensor_use(use)}
    if told:
        return Kind.TENSOR, LOW if any(map(_is_no_tensors, seen)) else HIGH if len(told) > 1 else MEDIUM
    if not _MODULE_METHODS.isdisjoint(seen):
        return Kind.MODULE, MEDIUM
    if "clone()~[]" in seen or {"clone()", "[]"} <= seen:
        return Kind.TENSOR, MEDIUM if seen.isdisjoint(_NOT_TENSORS) else LOW
    if not _OPTIMIZER_METHODS.isdisjoint(seen) or {"step", "zero_grad"} <= seen:
        return Kind.OPTIMIZER, MEDIUM
    if "astype" in seen:
        return Kind.NDARRAY, MEDIUM
    if not _ARRAY_LIKE.isdisjoint(seen - dropped) and seen.isdisjoint(_NOT_ARRAYS):
        return Kind.TENSOR, LOW
    return Kind.UNKNOWN, 0


def held_against(said: Known, attributes: Iterable[str]) -> Known:
    """What an annotation says, less sure where what is read off the name anywhere in the function contradicts it."""
    foreign = _FOREIGN.get(said.kind, frozenset()).intersection(attributes)
    if not foreign:
        return said
    return said._replace(ground=Ground.GUESSED, proof=said.proof if foreign <= _FORGOTTEN else min(said.proof, LOW))


_FORMS = frozenset({"dim=", "size(n)", "view(n)", "flatten(n)"})
"""Methods called as only a tensor's are: `x.sum(dim=1)`, `x.size(0)`; an array has `axis=`, and `size` is a number."""


def _is_no_tensors(use: str) -> bool:
    """Whether an attribute is one that tensors do not have: what it is read off is something else here or elsewhere."""
    if use in _NOT_TENSORS:
        return True
    known = use[0] == "_" or use in _SHARED_WITH_OTHERS or use in PROPERTIES
    return not known and use.isidentifier() and row(f"Tensor.{use}") is None


def is_tensor_use(use: str) -> bool:
    """`x.mul_(..)`, or x handed to a function of torch that takes tensors ("@F.cross_entropy")."""
    use = use.removeprefix("~")
    method, then, result = use.partition("()~")
    if then and method[0] == "@":  # a network is fed with it, and what that gives is a tensor
        return _CALLED.search(method.rpartition(".")[2].removeprefix("@").lower()) is not None and is_tensor_use(result)
    if then:
        return (found := row(f"Tensor.{method}")) is not None and found.returns == "tensor" and is_tensor_use(result)
    if use in _FORMS:
        return True
    if use.startswith("@"):
        head, _, name = use[1:].rpartition(".")
        place = {"F": "torch.nn.functional", "th": "torch", "functional": "torch.nn.functional"}.get(head, head)
        found = row(f"{place}.{name}") if place.startswith("torch") else None
        return (
            found is not None
            and found.returns == "tensor"
            and bool({"input", "self", "tensor"} & set(found.params[:1]))
        )
    if use in _SHARED_WITH_OTHERS or use.startswith("_"):
        return False
    return row(f"Tensor.{use}") is not None


@lru_cache(maxsize=4096)
def kind_from_name(name: str) -> tuple[Kind, int]:
    """What a name suggests: weak evidence only."""
    plain = name.lower()
    if _MAKES.search(plain):
        return Kind.UNKNOWN, 0
    return next(((kind, LOW) for kind, pattern in _NAMES if pattern.search(plain)), (Kind.UNKNOWN, 0))


class Base(NamedTuple):
    """What a class is by one of its bases: its kind, how sure that is, on what it rests, and the family in it."""

    kind: Kind = Kind.OBJECT
    proof: int = LOW
    family: AnyFamily = None
    ground: Ground = Ground.GUESSED


def base_of_kind(kind: KnownClass) -> Base:
    """What a class is by a base whose own kind is known."""
    return Base(kind.kind, kind.proof, kind.family, kind.ground)


def kind_from_base(name: str) -> Base:
    """What a class is, from the full dotted name of a base outside this file."""
    last = name.rsplit(".", 1)[-1]
    if name.endswith("autograd.Function"):
        return Base(Kind.OBJECT, HIGH, Family.AUTOGRAD)
    said = of_class(name.removeprefix("builtins."))
    if said.kind is Kind.MODULE:
        return Base(Kind.MODULE, said.proof, Family.LIGHTNING if "Lightning" in last else None, said.ground)
    if said.kind is Kind.OPTIMIZER:
        return Base(Kind.OPTIMIZER, MEDIUM, None, said.ground)
    if last in _DATASET or last.endswith("Dataset"):
        return Base(Kind.OBJECT, HIGH, Family.DATASET)
    if last.endswith(("Module", "Model", "Layer", "Block", "Net", "Loss")) and not is_of_other_framework(name):
        return Base(Kind.MODULE, LOW)
    return Base()


def parameter_kind(
    function: str, index: int, owner_kind: Kind | None, name: str, uses: Collection[str]
) -> tuple[Kind, int]:
    """What a parameter is by its place and name: forward of a module takes tensors."""
    if owner_kind is Kind.MODULE and function == "forward" and index == 1:
        return Kind.TENSOR, LOW
    return kind_from_call(name, uses)


def kind_from_call(name: str, uses: Collection[str]) -> tuple[Kind, int]:
    """What a name suggests, or that and its being called, or being used as a network is and no tensor or list."""
    if "()" in uses and _CALLED.search(name.lower()):
        return Kind.MODULE, MEDIUM
    kind, proof = kind_from_name(name)
    return (kind, MEDIUM) if kind is Kind.MODULE and not _OF_NETWORKS.isdisjoint(uses) else (kind, proof)
