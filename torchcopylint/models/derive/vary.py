"""Variations of a call that torch accepts: other strides, other dtypes, flags turned over, p = 0, one element, none."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from torchcopylint.models.derive.call import Call, carries_graph
from torchcopylint.models.derive.declare import Declaration

FLAGS = ("training", "train", "copy", "keepdim", "as_tuple", "force")
"""Parameters turned over by name."""


def varied(call: Call, declaration: Declaration) -> Iterator[Call]:
    """The call with one thing changed at a time; some make no sense and torch refuses them."""
    yield call.replaced(transposed, only_first=True)
    yield call.replaced(transposed, only_first=False)
    yield call.replaced(expanded, only_first=True)
    yield call.replaced(lambda tensor: as_dtype(tensor, torch.complex64), only_first=False)
    yield call.replaced(lambda tensor: as_dtype(tensor, torch.float64), only_first=False)
    yield call.replaced(lambda tensor: shortened(tensor, 1), only_first=False)
    yield call.replaced(lambda tensor: shortened(tensor, 0), only_first=False)
    for name in FLAGS:
        if declaration.accepts(name):
            yield with_parameter(call, declaration, name, True)
            yield with_parameter(call, declaration, name, False)
    if declaration.accepts("p") and any(declaration.accepts(name) for name in ("training", "train")):
        yield with_parameter(call, declaration, "p", 0.0)


def with_parameter(call: Call, declaration: Declaration, name: str, value: object) -> Call:
    """The call with the named parameter given as a keyword, or in its position when the call has that already."""
    position = declaration.position(name)
    if position is not None and position < len(call.args):
        return Call((*call.args[:position], value, *call.args[position + 1 :]), call.kwargs)
    return Call(call.args, {**call.kwargs, name: value})


def transposed(tensor: torch.Tensor) -> torch.Tensor:
    """The same values, laid out in memory the other way round."""
    if tensor.dim() < 2 or tensor.layout is not torch.strided:
        return tensor
    return tensor.transpose(0, -1).clone(memory_format=torch.contiguous_format).transpose(0, -1)


def expanded(tensor: torch.Tensor) -> torch.Tensor:
    """The same shape, every row the first one through stride 0."""
    if tensor.dim() < 1 or tensor.layout is not torch.strided or not tensor.shape[0]:
        return tensor
    return tensor[:1].clone().expand(tensor.shape)


def shortened(tensor: torch.Tensor, length: int) -> torch.Tensor:
    """The first rows of the tensor."""
    return tensor[:length] if tensor.dim() and tensor.layout is torch.strided else tensor


def as_dtype(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Floating-point tensors in that dtype, others as they are."""
    return tensor.to(dtype) if carries_graph(tensor) else tensor
