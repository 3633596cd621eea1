"""What autograd kept for backward: the saved tensors of the graph between a call's inputs and its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch

from torchcopylint.models.derive.call import Slot, storages, tensors_in


def kept(
    results: list[torch.Tensor], inputs: Iterable[tuple[Slot, torch.Tensor]], stop: set[Any], many: bool
) -> set[Slot]:
    """The inputs (by slot) and results that share storage with what the graph saved.

    The result is named "result", its members when it is several "result[0]", "result[1]" and so on. `stop` holds the
    graph nodes the inputs had before the call: what they saved is not the call's.
    """
    given = list(inputs)
    saved = {key for tensor in _saved(results, stop) for key in storages(tensor)}
    found: set[Slot] = {slot for slot, tensor in given if storages(tensor) & saved}
    for place, result in enumerate(results):
        if storages(result) & saved and not any(storages(result) & storages(tensor) for _, tensor in given):
            found.add(f"result[{place}]" if many else "result")
    return found


def _saved(results: list[torch.Tensor], stop: set[Any]) -> Iterator[torch.Tensor]:
    pending = [result.grad_fn for result in results]
    seen = {None, *stop}
    while pending:
        node: Any = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        pending.extend(following for following, _ in node.next_functions)
        for name in dir(node):
            if name.startswith("_saved_") or name == "saved_tensors":
                yield from _read(node, name)


def _read(node: Any, name: str) -> list[torch.Tensor]:
    try:
        return tensors_in(getattr(node, name))
    except RuntimeError:  # freed, or written since: then it was none of ours to begin with
        return []
