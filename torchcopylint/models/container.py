"""Python's own containers and built-ins, copies of the standard library, and numpy."""

from __future__ import annotations

from torchcopylint.models.effect import MEDIUM, Effect, Model, Shape

LIST: dict[str, Model] = {
    "append": Effect("none", act="appends", on=(0, 1)),
    "appendleft": Effect("none", act="appends", on=(0, 1)),
    "add": Effect("none", act="appends", on=(0, 1)),
    "insert": Effect("none", act="appends", on=(0, 2)),
    "extend": Effect("none", act="extends", on=(0, 1)),
    "copy": Effect("shallow", how="a shallow copy"),
    "pop": Effect("element"),
    "popleft": Effect("element"),
    "clear": Effect("none", act="clears", on=(0,)),
    **{name: Effect("none") for name in "sort reverse remove".split()},
    **{name: Effect("scalar") for name in "index count".split()},
}
DICT: dict[str, Model] = {
    "items": Effect("items"),
    "values": Effect("values"),
    "keys": Effect("scalar", act="asks"),
    "get": Effect("element", of=(0, 1, 2)),
    "pop": Effect("element", of=(0, 1, 2)),
    "setdefault": Effect("element", act="sets default", of=(0, 1, 2), on=(0, 1, 2)),
    "copy": Effect("shallow", how="a shallow copy"),
    "update": Effect("none", act="extends", on=(0, 1)),
    "clear": Effect("none", act="clears", on=(0,)),
}


def _fromkeys(shape: Shape) -> Effect:
    return Effect("none", act="replicates", on=(0, 1))


BUILTINS: dict[str, Model] = {
    **{name: Effect("shallow", kind=name) for name in ("list", "tuple", "set")},
    **{name: Effect("shallow", kind="list") for name in ("sorted", "reversed", "iter", "frozenset")},
    "dict": Effect("shallow", kind="dict"),
    "dict.fromkeys": _fromkeys,
    "enumerate": Effect("enumerated"),
    "zip": Effect("zipped", of=tuple(range(8))),
    "filter": Effect("shallow", kind="list", of=(1,)),
    "next": Effect("element"),
    "sum": Effect("fresh", "unknown", of=(0, 1)),
    "max": Effect("unknown"),
    "min": Effect("unknown"),
    "isinstance": Effect("scalar", act="is instance"),
    "getattr": Effect("scalar", act="gets attribute"),
    "setattr": Effect("none", act="sets attribute"),
    **{
        name: Effect("scalar", grad="never", act="asks")
        for name in "len str bool range print repr hasattr callable type id hash".split()
    },
    **{name: Effect("scalar", grad="never") for name in "int float abs round all any".split()},
}
ARRAY_PROPERTIES = frozenset({"T", "real", "imag", "flat", "shape", "dtype", "ndim", "size"})
_VIEWS = "reshape ravel transpose swapaxes squeeze view T real imag flat".split()
NDARRAY: dict[str, Model] = {
    **{name: Effect("view", "ndarray", grad="never", how="a view") for name in _VIEWS},
    "copy": Effect("fresh", "ndarray", grad="never", pure=True),
    "astype": Effect("fresh", "ndarray", grad="never", pure=True),
    "flatten": Effect("fresh", "ndarray", grad="never", pure=True),
    "fill": Effect("none", writes=(0,)),
    "sort": Effect("none", writes=(0,)),
    "item": Effect("scalar"),
    "tolist": Effect("scalar", family="list"),
    "shape": Effect("scalar"),
    "dtype": Effect("scalar"),
    "ndim": Effect("scalar"),
    "size": Effect("scalar"),
}
_SHARING = "asarray asanyarray ascontiguousarray".split()
_RESHAPING = "reshape ravel transpose squeeze swapaxes moveaxis expand_dims atleast_1d atleast_2d broadcast_to".split()
NUMPY: dict[str, Model] = {
    "array": lambda s: Effect("fresh", "ndarray", of=(0,), grad="never"),
    "copy": Effect("fresh", "ndarray", grad="never"),
    **{name: Effect("perhaps", "ndarray", grad="never", how="dtype") for name in _SHARING},
    **{name: Effect("view", "ndarray", grad="never", how="a view") for name in _RESHAPING},
    "copyto": Effect("none", writes=(0,)),
    "clip": lambda s: Effect("fresh", "ndarray", grad="never"),
}
COPYING: dict[str, Model] = {
    "copy.deepcopy": Effect("copied", copy="deepcopy"),
    "copy.copy": Effect("shallow", how="a shallow copy"),
    "collections.OrderedDict": Effect("shallow", kind="dict"),
    "collections.deque": Effect("shallow", kind="list"),
    "collections.defaultdict": Effect("fresh", "dict", of=(), grad="never"),
    "itertools.chain": Effect("zipped", of=tuple(range(8)), family="chain"),
    "tqdm.tqdm": Effect("shallow"),
    "tqdm.auto.tqdm": Effect("shallow"),
    "tqdm.trange": Effect("scalar"),
}


def numpy_effect(name: str, shape: Shape) -> Effect | None:
    """The effect of a numpy function; what is not listed makes an array of its own where it makes one."""
    last = name.removeprefix("numpy.")
    model = NUMPY.get(last)
    if model is not None:
        return model(shape) if callable(model) else model
    if "." in last and not last.startswith(("random.", "linalg.", "fft.")):
        return None
    lists = last in ("random.choice", "random.permutation", "where", "nonzero", "argsort", "flatnonzero", "arange")
    return Effect("fresh", "ndarray", MEDIUM, of=(), grad="never", layout=frozenset({"mask"} if lists else ()))
