"""The generated table: what every public call of torch does to storage, version counter, identity and graph.

The data, table.tsv, has a line for each name: the name, a tab, a JSON object. `python -m torchcopylint.models.generate`
writes it; here it is read, without importing torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Kind = Literal["view", "conditional", "fresh", "inplace", "metadata", "scalar", "none", "unknown"]
"""What a call gives back, as far as storage goes.

view: shares storage with `aliases`. conditional: shares it or is a copy, see `when`. fresh: a tensor with storage of
its own (arguments may still be written, see `writes`). inplace: called to write `writes`. metadata: changes a tensor
without writing elements (requires_grad_, t_, resize_). scalar: a Python value that shares nothing. none: nothing that
matters to a tensor. unknown: not derived; never to be taken for fresh.
"""

When = Literal[
    "", "argument", "copy-flag", "dtype", "dtype-or-device",
    "index", "layout", "max-norm", "shape", "sparse", "training",
]  # fmt: skip
"""On what it depends whether a conditional row shares, or whether a row's `writes` happen ("": it always does).

argument: shares a tensor that is given, makes a new one of sizes and values. copy-flag: shares unless `copy=True`.
dtype: depends on the dtype of the input itself (`conj_physical` of a real tensor). dtype-or-device: shares when dtype,
device and memory format are the wanted ones already and `copy=True` is not given. index: a basic index shares, an
advanced one copies. layout: shares when the strides allow. max-norm: writes the weight when `max_norm` is given.
shape: shares when the sizes leave nothing to do, or there is one tensor only. sparse: shares when the tensor has the
wanted sparse or dense layout already. training: a dropout shares outside training and at p=0; a norm writes its
running statistics in training.
"""

Returns = Literal["tensor", "tensors", "scalar", "bool", "ndarray", "list", "none", "size", "other"]
"""What the result is; tensors: a tuple, list or iterator of tensors."""

Source = Literal["schema", "executed", "signature", "hand"]
"""Where the row comes from: the declared schema alone, execution, the Python signature alone, or a hand-written row."""

Form = Literal["any", "alone", "beside"]
"""In which calls: alone, where argument 0 is the only tensor (`x ** 2`); beside, where others are (`x ** y`); any."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one public callable or property does; positions count `params`, 0 is self for methods and properties.

    A position of a list or tuple argument means its elements. With `inplace_flag`, a call with `inplace=True` writes
    argument 0 and returns that object; the rest of the row is the call without it. With `out=` given, the result is
    that object. `aliases` and `writes` of a `variadic` row: the last position stands for all that follow it too.
    """

    name: str
    kind: Kind
    aliases: tuple[int, ...] = ()
    """Arguments the result may share storage with."""
    writes: tuple[int, ...] = ()
    """Arguments written in place."""
    same: bool = False
    """The result may be the very object aliases[0] names."""
    must: bool = False
    """Always so: a view that always shares, an in-place call that always returns its argument."""
    when: When = ""
    counter: bool = True
    """Aliased results share the version counter, writes bump it (False: .data, numpy(), running statistics)."""
    detaches: bool = False
    """An input's graph ends here although the result could carry one: detach, data."""
    attached: bool = False
    """The result can be attached to the graph when an input is."""
    saves: tuple[str, ...] = ()
    """What autograd may keep for backward: names from `params`, "result", or of several results "result[0]" ..."""
    saves_for: tuple[tuple[str, str], ...] = ()
    """Pairs (kept, for the gradient of): a value is kept only when the second is attached, and perhaps not then."""
    sure: tuple[tuple[str, str, Form], ...] = ()
    """The pairs that every ordinary call keeps (real contiguous tensors, no keywords): a write to one, then backward,
    raises."""
    multi: bool = False
    """The result is several views of one base: writing one raises when attached."""
    many: bool = False
    """The result is a tuple, list or iterator of tensors."""
    out: bool = False
    inplace_flag: bool = False
    variadic: bool = False
    returns: Returns = "tensor"
    params: tuple[str, ...] = ()
    """Names of the positional parameters in order, "self" first for methods; "*name" takes all that follow."""
    executed: bool = False
    source: Source = "schema"

    def position(self, param: str) -> int | None:
        """Where the named parameter stands among the positional ones, or None."""
        return self.params.index(param) if param in self.params else None


USUAL: dict[str, Any] = {"executed": True, "source": "executed"}
"""What a line of the table leaves out, beside the defaults of Row."""


@cache
def row(name: str) -> Row | None:
    """The row of a dotted name such as "Tensor.view" or "torch.nn.functional.relu"; None when the table has none."""
    line = _lines()[1].get(name)
    if line is None:
        return None
    entry = USUAL | {key: _frozen(value) for key, value in json.loads(line).items()}
    return Row(name=name, saves=tuple(dict.fromkeys(kept for kept, _ in entry.get("saves_for", ()))), **entry)


def names() -> tuple[str, ...]:
    """Every name in the table, sorted."""
    return tuple(_lines()[1])


def torch_version() -> str:
    """The torch release the table was derived from."""
    return _lines()[0]


def conditions() -> tuple[str, ...]:
    """The closed vocabulary of `Row.when`."""
    return get_args(When)


@cache
def _lines() -> tuple[str, dict[str, str]]:
    """The release, and the JSON text of each row by name: a row is parsed when it is asked for."""
    first, *lines = Path(__file__).with_name("table.tsv").read_text("utf-8").splitlines()
    return first.partition("\t")[2], dict(line.split("\t") for line in lines)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
