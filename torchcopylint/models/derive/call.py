"""One call to execute: arguments that can be rebuilt afresh for every run, keeping strides, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

Slot = int | str
"""Which argument: its position, or its keyword."""


MEMBERS = (
    ((torch.sparse_coo,), ("_indices", "_values")),
    ((torch.sparse_csr, torch.sparse_bsr), ("crow_indices", "col_indices", "values")),
    ((torch.sparse_csc, torch.sparse_bsc), ("ccol_indices", "row_indices", "values")),
)
"""The tensors a sparse tensor is made of, by layout."""


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments of one execution, as a pattern: every run works on rebuilt tensors."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)

    def rebuilt(self, attach: frozenset[Slot] = frozenset()) -> Call:
        """The same call on tensors of its own; those of the slots to attach are non-leaf results that require grad."""
        args = tuple(_rebuild(value, slot in attach) for slot, value in enumerate(self.args))
        return Call(args, {slot: _rebuild(value, slot in attach) for slot, value in self.kwargs.items()})

    def replaced(self, change: Callable[[torch.Tensor], torch.Tensor], only_first: bool) -> Call:
        """The call with its tensors changed, all of them or the first."""
        pending = [True]

        def visit(value: torch.Tensor) -> torch.Tensor:
            if only_first and not pending:
                return value
            pending.clear()
            return change(value)

        return Call(
            tuple(_map(value, visit) for value in self.args), {k: _map(v, visit) for k, v in self.kwargs.items()}
        )

    def slots(self) -> Iterator[tuple[Slot, Any]]:
        """Every argument with its position or keyword."""
        yield from enumerate(self.args)
        yield from self.kwargs.items()

    def tensors(self) -> Iterator[tuple[Slot, torch.Tensor]]:
        """Every tensor among the arguments, those in lists and tuples too."""
        for slot, value in self.slots():
            for tensor in tensors_in(value):
                yield slot, tensor

    def arrays(self) -> Iterator[tuple[Slot, Any]]:
        """Every ndarray among the arguments."""
        for slot, value in self.slots():
            if is_array(value):
                yield slot, value

    def differentiable(self) -> list[Slot]:
        """The slots whose tensors could carry a graph."""
        return list(dict.fromkeys(slot for slot, tensor in self.tensors() if carries_graph(tensor)))


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Tensors of a value: itself, or the members of nested lists and tuples."""
    if isinstance(value, torch.Tensor):
        return [value]
    return [t for item in value for t in tensors_in(item)] if isinstance(value, list | tuple) else []


def is_array(value: Any) -> bool:
    """Whether the value is an ndarray, asked without importing numpy."""
    return type(value).__name__ == "ndarray"


def carries_graph(tensor: torch.Tensor) -> bool:
    """Whether autograd follows tensors of this dtype."""
    return bool(tensor.dtype.is_floating_point or tensor.dtype.is_complex)


def storages(value: Any) -> frozenset[int]:
    """The identities of the storages behind a tensor: one when strided, its members' when sparse."""
    if is_array(value):
        return frozenset({int(value.__array_interface__["data"][0])} if value.size else ())
    try:
        for layouts, members in MEMBERS:
            if value.layout in layouts:
                return frozenset().union(*(storages(getattr(value, member)()) for member in members))
        storage = value.untyped_storage()
    except (NotImplementedError, RuntimeError):  # elements kept elsewhere: quantised, mkldnn, nested, half-built sparse
        return frozenset({-id(value)})
    return frozenset({storage.data_ptr(), -storage._cdata} if storage.data_ptr() else {-storage._cdata})


def _map(value: Any, visit: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return visit(value)
    if type(value) in (list, tuple):
        return type(value)(_map(item, visit) for item in value)
    return value


def _rebuild(value: Any, attach: bool) -> Any:
    if is_array(value):
        return value.copy()
    return _map(value, lambda tensor: _rebuild_tensor(tensor, attach))


def _rebuild_tensor(tensor: torch.Tensor, attach: bool) -> torch.Tensor:
    attach = attach and carries_graph(tensor)
    source = tensor.detach()
    if tensor.layout is not torch.strided or _dense(source):
        fresh = source.clone()
        return fresh.requires_grad_().clone() if attach else fresh
    span = 1 + sum((size - 1) * stride for size, stride in zip(source.shape, source.stride(), strict=True))
    fresh = source.as_strided((span,), (1,)).clone()
    fresh = fresh.requires_grad_().clone() if attach else fresh
    return fresh.as_strided(source.shape, source.stride(), 0)


def _dense(tensor: torch.Tensor) -> bool:
    """Whether a clone keeps the strides: no element twice, none left out."""
    return tensor.numel() == 0 or tensor.is_conj() or tensor.is_neg() or tensor.clone().stride() == tensor.stride()
