"""Calls that torch's own tests make: the OpInfo samples, under every public name of the same operation."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

import torch

from torchcopylint.models.derive.call import Call, tensors_in

LIMIT = 16
"""Samples taken of one operation."""
LARGEST = 20_000
"""Elements of the largest tensor worth running."""


def samples() -> dict[str, list[Call]]:
    """Calls by OpInfo name ("add", "nn.functional.relu", "linalg.inv"), aliases included."""
    from torch.testing._internal.common_methods_invocations import op_db

    found: dict[str, list[Call]] = defaultdict(list)
    for op in op_db:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calls = list(islice(_calls(op), LIMIT))
        for name in (op.name, *(alias.name for alias in op.aliases)):
            found[name].extend(calls)
    return found


def _calls(op: Any) -> Iterator[Call]:
    supported = op.supported_dtypes("cpu")
    dtype = next((d for d in (torch.float32, torch.complex64, torch.int64, torch.bool) if d in supported), None)
    if dtype is None:
        return
    torch.default_generator.manual_seed(0)
    try:
        for sample in op.sample_inputs("cpu", dtype, requires_grad=False):
            call = Call((sample.input, *sample.args), dict(sample.kwargs))
            if all(
                t.numel() <= LARGEST and t.device.type == "cpu"
                for v in (*call.args, *call.kwargs.values())
                for t in tensors_in(v)
            ):
                yield call
    except Exception:  # a sample that needs what is not installed here (scipy, a compiler) ends the operation's samples
        return
