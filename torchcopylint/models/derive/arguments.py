"""Calls made up from a schema's types: small tensors of many kinds, the least arguments that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import torch

from torchcopylint.models.derive.call import Call
from torchcopylint.models.derive.declare import Declaration

WORLDS: dict[str, Callable[[], torch.Tensor]] = {
    "square": lambda: torch.rand(3, 3) + 0.1,
    "matrix": lambda: torch.rand(2, 3) + 0.1,
    "vector": lambda: torch.rand(4) + 0.1,
    "batch": lambda: torch.rand(2, 3, 3) + 0.1,
    "image": lambda: torch.rand(2, 4, 4, 4) + 0.1,
    "volume": lambda: torch.rand(1, 2, 4, 4, 4) + 0.1,
    "number": lambda: torch.rand(()) + 0.1,
    "one": lambda: torch.rand(1) + 0.1,
    "empty": lambda: torch.rand(0, 3),
    "integers": lambda: torch.arange(9).view(3, 3) % 3,
    "truths": lambda: torch.rand(3, 3) > 0.5,
    "complex": lambda: torch.randn(3, 3, dtype=torch.complex64),
    "double": lambda: torch.rand(3, 3, dtype=torch.float64) + 0.1,
    "transposed": lambda: torch.rand(3, 2).t() + 0.1,
    "expanded": lambda: torch.rand(1, 3).expand(2, 3),
    "sparse": lambda: torch.eye(3).to_sparse(),
    "compressed": lambda: torch.eye(3).to_sparse_csr(),
}
"""What self is; the other tensors of the call are made alike."""

INDEXES = ("index", "indices", "target", "offsets", "repeats", "lengths")
FEW = 3
"""Choices tried for one parameter."""


def made_up(declaration: Declaration) -> Iterator[Call]:
    """Calls of every overload in every world, most of which torch refuses."""
    torch.default_generator.manual_seed(0)
    for schema in declaration.schemas:
        for make in WORLDS.values():
            yield from islice(_overload(schema, make), 12)


def _overload(schema: Any, make: Callable[[], torch.Tensor]) -> Iterator[Call]:
    first = make()
    required = [arg for arg in schema.arguments if not arg.has_default_value()]
    optional = [arg for arg in schema.arguments if arg.has_default_value()]
    for turn in range(FEW):
        args, kwargs = [], {}
        for place, arg in enumerate(required):
            options = [first] if place == 0 and str(arg.type) == "Tensor" else _values(arg, first, make)
            value = options[turn % len(options)]
            if arg.kwarg_only:
                kwargs[arg.name] = value
            else:
                args.append(value)
        yield Call(tuple(args), kwargs)
        for arg in optional if turn == 0 else ():
            for value in _optional(arg, first, make):
                yield Call(tuple(args), {**kwargs, arg.name: value})


def _values(arg: Any, first: torch.Tensor, make: Callable[[], torch.Tensor]) -> list[Any]:
    """A few values for a required parameter of that type."""
    kind = str(arg.real_type).replace("SymInt", "int")
    tensor = _indexes(first) if any(word in arg.name for word in INDEXES) else make()
    lists = [[tensor], [tensor, tensor.clone()]]
    table: list[tuple[str, list[Any]]] = [
        ("Optional[Tensor]", [tensor, None]),
        ("List[Optional[Tensor]]", [[_indexes(first).flatten()]]),
        ("List[Tensor]", lists),
        ("Tensor", [tensor, torch.zeros(first.shape[-1:], dtype=first.dtype), first.detach().sum()]),
        ("ScalarType", [first.dtype, torch.float64]),
        ("Device", [torch.device("cpu")]),
        ("List[int]", [list(first.shape), [0], [1] * max(first.dim() - 2, 1)]),
        ("List[float]", [[1.0], [1.0, 1.0]]),
        ("number", [1, 2.0]),
        ("float", [0.5, 0.0]),
        ("bool", [True, False]),
        ("int", [0, 1, 2]),
        ("str", ["mean", "sum"]),
    ]
    return next((options for name, options in table if name in kind), [None])


def _optional(arg: Any, first: torch.Tensor, make: Callable[[], torch.Tensor]) -> list[Any]:
    """Values other than the default, for parameters that may decide whether a copy is made."""
    kind = str(arg.real_type)
    if "bool" in kind:
        return [not arg.default_value]
    if "ScalarType" in kind:
        return [first.dtype, torch.float64]
    if kind in ("Optional[Tensor]", "Optional[int]", "Optional[List[int]]", "Optional[number]"):
        return _values(arg, first, make)[:1]
    return []


def _indexes(first: torch.Tensor) -> torch.Tensor:
    return torch.zeros(first.shape, dtype=torch.int64)
