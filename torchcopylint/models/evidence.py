"""What something is, from annotations, base classes, the methods called on it, its place in a signature, its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from torchcopylint.models.effect import HIGH, LOW, MEDIUM
from torchcopylint.models.table import row

_TENSOR_TYPES = frozenset(
    "Tensor FloatTensor LongTensor BoolTensor IntTensor DoubleTensor ByteTensor HalfTensor Parameter".split()
)
_MODULE_TYPES = frozenset("Module PreTrainedModel LightningModule ModelMixin".split())
_ARRAY_TYPES = frozenset("ndarray NDArray".split())
_SCALAR_TYPES = frozenset("int float bool str bytes Number Size dtype device Path".split())
_TRANSPARENT = frozenset("Optional Union Annotated Final ClassVar Required".split())
_LISTS = frozenset("List list Sequence Iterable tuple Tuple Collection".split())
_DICTS = frozenset("Dict dict Mapping MutableMapping OrderedDict".split())

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
    "register_parameter".split()
)
_NOT_ARRAYS = frozenset({"append", "keys", "items", "columns", "loc", "iloc", "groupby", "state_dict", "iterrows"})
_ONLY_MODULES = _MODULE_METHODS - {"eval", "register_buffer"}
_NOT_TENSORS = _NOT_ARRAYS | {"copy", "astype", "convert", "crop", "extend", "update", "get"}
"""What is read off no tensor: a name off which both are read stands for one thing here and another there."""
_OPTIMIZER_METHODS = frozenset({"param_groups", "add_param_group"})
_DATASET = frozenset("Dataset IterableDataset VisionDataset TensorDataset InMemoryDataset ImageFolder".split())

RUNS_PER_STEP = frozenset({"forward", "training_step"})
HANDS_OUT = re.compile(r"^(_?get_)?(state|states|snapshot|copy|clone|checkpoint|__copy__)$|_state$|_snapshot$")
"""Names of methods that promise what their object is now."""
TARGET_WORDS = ("target", "teacher", "old_", "pseudo", "_old", "bootstrap", "goal")

_RESETS = re.compile(r"^(_?reset_parameters|_?init_weights|_?initiali[sz]e(_weights)?|_?init_params)$|[a-z]{4,}_$")
_KEEPS = frozenset("requires_grad_ load_state_dict_ share_memory_ clamp_ clamp_min_ copy_ masked_fill_ detach_".split())


def resets(words: Iterable[str]) -> bool:
    """Whether code with these words gives layers their first values: `reset_parameters`, `xavier_uniform_`."""
    return any(_RESETS.search(word) and word not in _KEEPS for word in words)


_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("optimizer", re.compile(r"(^|_)(optim|optimizer|opt)\d*$")),
    ("scheduler", re.compile(r"sched")),
    ("loader", re.compile(r"(loader|dataloader|batches)(_|$|s$)")),
    (
        "module",
        re.compile(r"(^|_)(model|nn|net|network|policy|critic|actor|encoder|decoder|module|backbone)(_\w|\d*)$"),
    ),
)


def annotated_kind(annotation: str) -> tuple[str, str, int]:
    """(kind, kind of the elements, proof) that an annotation such as "Optional[torch.Tensor]" speaks for."""
    head, inner = _split(annotation)
    last = head.rsplit(".", 1)[-1]
    if last in _TRANSPARENT:
        found = [k for part in _members(annotation) if (k := annotated_kind(part))[0] != "none"]
        if len({kind for kind, _, _ in found}) != 1:
            return "unknown", "", 0
        return found[0] if len({of for _, of, _ in found}) == 1 else (found[0][0], "", found[0][2])
    if last in _TENSOR_TYPES or (
        inner and inner[0].rsplit(".", 1)[-1] in _TENSOR_TYPES and last not in _LISTS | _DICTS
    ):
        return "tensor", "", HIGH
    if last in _LISTS:
        return ("tuple" if last.lower() == "tuple" else "list"), annotated_kind(inner[0])[0] if inner else "", HIGH
    if last in _DICTS:
        return "dict", annotated_kind(inner[-1])[0] if inner else "", HIGH
    for kind, names in (("module", _MODULE_TYPES), ("ndarray", _ARRAY_TYPES), ("scalar", _SCALAR_TYPES)):
        if last in names:
            return kind, "", HIGH
    if last == "Optimizer" or (head.startswith(("optim.", "torch.optim.")) and "lr_scheduler" not in head):
        return "optimizer", "", HIGH
    if head.startswith(("nn.", "torch.nn.")) and last[:1].isupper():
        return "module", "", HIGH
    if last in ("DataLoader", "None", "NoneType"):
        return ("loader" if last == "DataLoader" else "none"), "", HIGH
    return "unknown", "", 0


def _members(annotation: str) -> list[str]:
    """What a union, written as one or as several within each other, is a union of."""
    head, inner = _split(annotation)
    if head.rsplit(".", 1)[-1] not in _TRANSPARENT:
        return [annotation]
    return [member for part in inner for member in _members(part)]


def _split(annotation: str) -> tuple[str, list[str]]:
    head, bracket, rest = annotation.partition("[")
    if not bracket:
        return head, []
    parts, depth, start, rest = [], 0, 0, rest[:-1]
    for i, letter in enumerate(rest):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            parts.append(rest[start:i])
            start = i + 1
    return head, [*parts, rest[start:]]


def kind_from_uses(attributes: Iterable[str], dropped: frozenset[str] = frozenset()) -> tuple[str, int]:
    """What a name is, judged by the attributes read off it anywhere in the function.

    dropped: methods called as statements. A tensor's give something new, so that whoever drops it has no tensor.
    """
    return _from_uses(frozenset(attributes), dropped) if attributes else ("unknown", 0)


@lru_cache(maxsize=4096)
def _from_uses(seen: frozenset[str], dropped: frozenset[str]) -> tuple[str, int]:
    if not seen.isdisjoint(_ONLY_MODULES):
        return "module", MEDIUM
    if any(_is_tensor_use(use) for use in seen if use[-1] == "_" or use not in dropped):
        return "tensor", MEDIUM if seen.isdisjoint(_NOT_TENSORS) else LOW
    if not _MODULE_METHODS.isdisjoint(seen):
        return "module", MEDIUM
    if not _OPTIMIZER_METHODS.isdisjoint(seen) or {"step", "zero_grad"} <= seen:
        return "optimizer", MEDIUM
    if "astype" in seen:
        return "ndarray", MEDIUM
    if not _ARRAY_LIKE.isdisjoint(seen - dropped) and seen.isdisjoint(_NOT_ARRAYS):
        return "tensor", LOW
    return "unknown", 0


def _is_tensor_use(use: str) -> bool:
    """`x.mul_(..)`, or x handed to a function of torch that takes tensors ("@F.cross_entropy")."""
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


def kind_from_name(name: str) -> tuple[str, int]:
    """What a name suggests: weak evidence only."""
    plain = name.lower()
    return next(((kind, LOW) for kind, pattern in _NAMES if pattern.search(plain)), ("unknown", 0))


def kind_from_base(name: str) -> tuple[str, int, str]:
    """(kind, proof, family) of a class, from the dotted name of a base outside this file."""
    last = name.rsplit(".", 1)[-1]
    if name == "torch.autograd.Function" or name.endswith("autograd.Function"):
        return "object", HIGH, "autograd"
    if name.startswith("torch.nn.") or last in _MODULE_TYPES:
        return "module", HIGH, "lightning" if "Lightning" in last else ""
    if name.startswith("torch.optim.") or last == "Optimizer":
        return "optimizer", MEDIUM, ""
    if last in _DATASET or last.endswith("Dataset"):
        return "object", HIGH, "dataset"
    if last.endswith(("Module", "Model", "Layer", "Block", "Net", "Loss")):
        return "module", LOW, ""
    return "object", LOW, ""


def parameter_kind(function: str, index: int, owner_kind: str, name: str) -> tuple[str, int]:
    """What a parameter is by its place: forward of a module takes tensors."""
    if owner_kind == "module" and function == "forward" and index == 1:
        return "tensor", LOW
    return kind_from_name(name)
