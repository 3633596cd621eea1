"""Python's own containers and built-ins, and the standard library's copies, containers and iterators."""

from __future__ import annotations

from torchcopylint.domain.family import Family
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import CopyHow
from torchcopylint.models.effect import Effect, Model, Shape
from torchcopylint.models.language import Act, Gives, Grad
from torchcopylint.models.tensor import tensor_effect

LIST: dict[str, Model] = {
    "append": Effect(Gives.NONE, act=Act.APPENDS, on=(0, 1)),
    "appendleft": Effect(Gives.NONE, act=Act.APPENDS, on=(0, 1)),
    "add": Effect(Gives.NONE, act=Act.APPENDS, on=(0, 1)),
    "insert": Effect(Gives.NONE, act=Act.APPENDS, on=(0, 2)),
    "extend": Effect(Gives.NONE, act=Act.EXTENDS, on=(0, 1)),
    "copy": Effect(Gives.SHALLOW, sharing=Sharing.SHALLOW),
    "pop": Effect(Gives.ELEMENT),
    "popleft": Effect(Gives.ELEMENT),
    "clear": Effect(Gives.NONE, act=Act.CLEARS, on=(0,)),
    "update": Effect(Gives.NONE, act=Act.EXTENDS, on=(0, 1)),
    "extendleft": Effect(Gives.NONE, act=Act.EXTENDS, on=(0, 1)),
    "union": Effect(Gives.ZIPPED, of=(0, 1), family=Family.CHAIN),
    **{name: Effect(Gives.NONE) for name in "sort reverse remove discard rotate".split()},
    **{name: Effect(Gives.SCALAR) for name in "index count".split()},
}
DICT: dict[str, Model] = {
    "items": Effect(Gives.ITEMS),
    "values": Effect(Gives.VALUES),
    "keys": Effect(Gives.SCALAR, act=Act.ASKS),
    "get": Effect(Gives.ELEMENT, of=(0, 1, 2)),
    "pop": Effect(Gives.ELEMENT, of=(0, 1, 2)),
    "setdefault": Effect(Gives.ELEMENT, act=Act.SETS_DEFAULT, of=(0, 1, 2), on=(0, 1, 2)),
    "copy": Effect(Gives.SHALLOW, sharing=Sharing.SHALLOW),
    "update": Effect(Gives.NONE, act=Act.EXTENDS, on=(0, 1)),
    "clear": Effect(Gives.NONE, act=Act.CLEARS, on=(0,)),
    "move_to_end": Effect(Gives.NONE),
}


def _fromkeys(shape: Shape) -> Effect:
    return Effect(Gives.NONE, act=Act.REPLICATES, on=(0, 1))


def _absolute(shape: Shape) -> Effect | None:
    """`abs`: of a tensor or an array a new one, else a number."""
    if shape.kind(0) is Kind.TENSOR:
        return tensor_effect("Tensor.abs", shape)
    if shape.kind(0) is Kind.NDARRAY:
        return Effect(Gives.FRESH, Kind.NDARRAY, of=(), grad=Grad.NEVER)
    return Effect(Gives.SCALAR, grad=Grad.NEVER) if shape.kind(0) is Kind.UNKNOWN else None


def _replaced(shape: Shape) -> Effect | None:
    """`dataclasses.replace(x)`: the fields that are not given are the same objects; which are given we cannot say."""
    return None if shape.keywords else Effect(Gives.SHALLOW, sharing=Sharing.SHALLOW)


BUILTINS: dict[str, Model] = {
    **{kind.value: Effect(Gives.SHALLOW, kind=kind) for kind in (Kind.LIST, Kind.TUPLE, Kind.SET)},
    **{name: Effect(Gives.SHALLOW, kind=Kind.LIST) for name in ("sorted", "reversed", "iter", "frozenset")},
    "dict": Effect(Gives.SHALLOW, kind=Kind.DICT),
    "dict.fromkeys": _fromkeys,
    "enumerate": Effect(Gives.ENUMERATED),
    "zip": Effect(Gives.ZIPPED, of=tuple(range(8))),
    "filter": Effect(Gives.SHALLOW, kind=Kind.LIST, of=(1,)),
    "next": Effect(Gives.ELEMENT),
    "sum": Effect(Gives.FRESH, Kind.UNKNOWN, of=(0, 1)),
    "max": Effect(Gives.UNKNOWN),
    "min": Effect(Gives.UNKNOWN),
    "isinstance": Effect(Gives.SCALAR, act=Act.IS_INSTANCE),
    "getattr": Effect(Gives.SCALAR, act=Act.GETS_ATTRIBUTE),
    "setattr": Effect(Gives.NONE, act=Act.SETS_ATTRIBUTE),
    **{
        name: Effect(Gives.SCALAR, grad=Grad.NEVER, act=Act.ASKS)
        for name in "len str bool print repr hasattr callable type id hash".split()
    },
    **{name: Effect(Gives.SCALAR, grad=Grad.NEVER) for name in "int float round all any".split()},
    "abs": _absolute,
    "range": Effect(Gives.FRESH, Kind.SCALARS, of=(), grad=Grad.NEVER),
}
_CHAIN = Effect(Gives.ZIPPED, of=tuple(range(8)), family=Family.CHAIN)
PACKED: dict[str, Model] = {name: Effect(Gives.SCALAR) for name in ("seek", "tell", "close", "truncate")}
"""What can be done to a buffer without looking at what is in it."""
COPYING: dict[str, Model] = {
    "copy.deepcopy": Effect(Gives.COPIED, copy=CopyHow.DEEPCOPY, act=Act.REMEMBERS, on=(1,)),
    "pickle.dumps": Effect(Gives.SCALAR, act=Act.PACKS, on=(0,)),
    "pickle.loads": Effect(Gives.FRESH, grad=Grad.NEVER, act=Act.UNPACKS),
    "io.BytesIO": Effect(Gives.SCALAR, act=Act.OPENS),
    "copy.copy": Effect(Gives.SHALLOW, sharing=Sharing.SHALLOW_OBJECT),
    "copy.replace": _replaced,
    "dataclasses.replace": _replaced,
    "dataclasses.asdict": Effect(Gives.FRESH, Kind.DICT, of=(), grad=Grad.NEVER),
    "dataclasses.astuple": Effect(Gives.FRESH, Kind.TUPLE, of=(), grad=Grad.NEVER),
    "collections.OrderedDict": Effect(Gives.SHALLOW, kind=Kind.DICT),
    "collections.deque": Effect(Gives.SHALLOW, kind=Kind.LIST),
    "collections.defaultdict": Effect(Gives.FRESH, Kind.DICT, of=(), grad=Grad.NEVER),
    "collections.Counter": Effect(Gives.FRESH, Kind.DICT, of=(), grad=Grad.NEVER),
    "itertools.chain": _CHAIN,
    "itertools.cycle": Effect(Gives.SHALLOW),
    "itertools.islice": Effect(Gives.SHALLOW),
    "itertools.zip_longest": Effect(Gives.ZIPPED, of=tuple(range(8))),
    "itertools.product": Effect(Gives.ZIPPED, of=tuple(range(8))),
    "itertools.takewhile": Effect(Gives.SHALLOW, kind=Kind.LIST, of=(1,)),
    "itertools.dropwhile": Effect(Gives.SHALLOW, kind=Kind.LIST, of=(1,)),
    "itertools.filterfalse": Effect(Gives.SHALLOW, kind=Kind.LIST, of=(1,)),
    "tqdm.tqdm": Effect(Gives.SHALLOW),
    "tqdm.auto.tqdm": Effect(Gives.SHALLOW),
    "tqdm.trange": Effect(Gives.SCALAR),
}
