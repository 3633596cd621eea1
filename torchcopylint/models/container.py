"""Python's own containers and built-ins, and the standard library's copies, containers and iterators."""

from __future__ import annotations

from torchcopylint.domain.family import Family
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import CopyHow
from torchcopylint.models.effect import Effect, Model, Shape
from torchcopylint.models.tensor import tensor_effect

LIST: dict[str, Model] = {
    "append": Effect("none", act="appends", on=(0, 1)),
    "appendleft": Effect("none", act="appends", on=(0, 1)),
    "add": Effect("none", act="appends", on=(0, 1)),
    "insert": Effect("none", act="appends", on=(0, 2)),
    "extend": Effect("none", act="extends", on=(0, 1)),
    "copy": Effect("shallow", sharing=Sharing.SHALLOW),
    "pop": Effect("element"),
    "popleft": Effect("element"),
    "clear": Effect("none", act="clears", on=(0,)),
    "update": Effect("none", act="extends", on=(0, 1)),
    "extendleft": Effect("none", act="extends", on=(0, 1)),
    "union": Effect("zipped", of=(0, 1), family=Family.CHAIN),
    **{name: Effect("none") for name in "sort reverse remove discard rotate".split()},
    **{name: Effect("scalar") for name in "index count".split()},
}
DICT: dict[str, Model] = {
    "items": Effect("items"),
    "values": Effect("values"),
    "keys": Effect("scalar", act="asks"),
    "get": Effect("element", of=(0, 1, 2)),
    "pop": Effect("element", of=(0, 1, 2)),
    "setdefault": Effect("element", act="sets default", of=(0, 1, 2), on=(0, 1, 2)),
    "copy": Effect("shallow", sharing=Sharing.SHALLOW),
    "update": Effect("none", act="extends", on=(0, 1)),
    "clear": Effect("none", act="clears", on=(0,)),
    "move_to_end": Effect("none"),
}


def _fromkeys(shape: Shape) -> Effect:
    return Effect("none", act="replicates", on=(0, 1))


def _absolute(shape: Shape) -> Effect | None:
    """`abs`: of a tensor or an array a new one, else a number."""
    if shape.kind(0) is Kind.TENSOR:
        return tensor_effect("Tensor.abs", shape)
    if shape.kind(0) is Kind.NDARRAY:
        return Effect("fresh", Kind.NDARRAY, of=(), grad="never")
    return Effect("scalar", grad="never") if shape.kind(0) is Kind.UNKNOWN else None


def _replaced(shape: Shape) -> Effect | None:
    """`dataclasses.replace(x)`: the fields that are not given are the same objects; which are given we cannot say."""
    return None if shape.keywords else Effect("shallow", sharing=Sharing.SHALLOW)


BUILTINS: dict[str, Model] = {
    **{kind.value: Effect("shallow", kind=kind) for kind in (Kind.LIST, Kind.TUPLE, Kind.SET)},
    **{name: Effect("shallow", kind=Kind.LIST) for name in ("sorted", "reversed", "iter", "frozenset")},
    "dict": Effect("shallow", kind=Kind.DICT),
    "dict.fromkeys": _fromkeys,
    "enumerate": Effect("enumerated"),
    "zip": Effect("zipped", of=tuple(range(8))),
    "filter": Effect("shallow", kind=Kind.LIST, of=(1,)),
    "next": Effect("element"),
    "sum": Effect("fresh", Kind.UNKNOWN, of=(0, 1)),
    "max": Effect("unknown"),
    "min": Effect("unknown"),
    "isinstance": Effect("scalar", act="is instance"),
    "getattr": Effect("scalar", act="gets attribute"),
    "setattr": Effect("none", act="sets attribute"),
    **{
        name: Effect("scalar", grad="never", act="asks")
        for name in "len str bool print repr hasattr callable type id hash".split()
    },
    **{name: Effect("scalar", grad="never") for name in "int float round all any".split()},
    "abs": _absolute,
    "range": Effect("fresh", Kind.SCALARS, of=(), grad="never"),
}
_CHAIN = Effect("zipped", of=tuple(range(8)), family=Family.CHAIN)
PACKED: dict[str, Model] = {name: Effect("scalar") for name in ("seek", "tell", "close", "truncate")}
"""What can be done to a buffer without looking at what is in it."""
COPYING: dict[str, Model] = {
    "copy.deepcopy": Effect("copied", copy=CopyHow.DEEPCOPY, act="remembers", on=(1,)),
    "pickle.dumps": Effect("scalar", act="packs", on=(0,)),
    "pickle.loads": Effect("fresh", grad="never", act="unpacks"),
    "io.BytesIO": Effect("scalar", act="opens"),
    "copy.copy": Effect("shallow", sharing=Sharing.SHALLOW_OBJECT),
    "copy.replace": _replaced,
    "dataclasses.replace": _replaced,
    "dataclasses.asdict": Effect("fresh", Kind.DICT, of=(), grad="never"),
    "dataclasses.astuple": Effect("fresh", Kind.TUPLE, of=(), grad="never"),
    "collections.OrderedDict": Effect("shallow", kind=Kind.DICT),
    "collections.deque": Effect("shallow", kind=Kind.LIST),
    "collections.defaultdict": Effect("fresh", Kind.DICT, of=(), grad="never"),
    "collections.Counter": Effect("fresh", Kind.DICT, of=(), grad="never"),
    "itertools.chain": _CHAIN,
    "itertools.cycle": Effect("shallow"),
    "itertools.islice": Effect("shallow"),
    "itertools.zip_longest": Effect("zipped", of=tuple(range(8))),
    "itertools.product": Effect("zipped", of=tuple(range(8))),
    "itertools.takewhile": Effect("shallow", kind=Kind.LIST, of=(1,)),
    "itertools.dropwhile": Effect("shallow", kind=Kind.LIST, of=(1,)),
    "itertools.filterfalse": Effect("shallow", kind=Kind.LIST, of=(1,)),
    "tqdm.tqdm": Effect("shallow"),
    "tqdm.auto.tqdm": Effect("shallow"),
    "tqdm.trange": Effect("scalar"),
}
