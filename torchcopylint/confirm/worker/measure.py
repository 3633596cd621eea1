"""What is spent between two marks of a program: memory, operations, calls, time."""

from __future__ import annotations

import sys
import time
import tracemalloc
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from torchcopylint.confirm.worker.pretend import tensors_in


@dataclass
class Cost:
    """Bytes of new storage, operations of torch, operations recorded for backward, calls, memory at its height, time.

    memory: storage only, by whichever way torch makes it anew; peak: all that Python and NumPy take, arrays and lists.
    """

    memory: int = 0
    operations: int = 0
    recorded: int = 0
    calls: int = 0
    peak: int = 0
    seconds: float = 0.0

    def take(self, other: Cost, what: str) -> None:
        """Take over what another cost counted that way."""
        names = ("memory", "operations", "recorded") if what == "memory" else (what,)
        for name in names:
            setattr(self, name, getattr(other, name))


@dataclass
class Meter:
    """Counts in one of the ways "memory", "calls", "peak", "time", from `start` to `stop`."""

    what: str
    cost: Cost = field(default_factory=Cost)
    _open: ExitStack | None = None
    _begun: float = 0.0

    def start(self) -> None:
        """Begin anew."""
        self.stop()
        self.cost = Cost()
        if self.what == "memory":
            self._open = ExitStack()
            new = _New(self.cost)
            self._open.enter_context(_Recorded(self.cost, new))
            self._open.enter_context(_Storages(self.cost, new))
            self._open.enter_context(_clones_counted(new))
        elif self.what == "peak":
            tracemalloc.start()
            tracemalloc.reset_peak()
            self.cost.peak = -tracemalloc.get_traced_memory()[0]
        elif self.what == "calls":
            sys.setprofile(self._count)
        self._begun = time.perf_counter()

    def stop(self) -> Cost:
        """What was spent since then."""
        self.cost.seconds = time.perf_counter() - self._begun
        if self.what == "calls":
            sys.setprofile(None)
        elif self.what == "peak" and tracemalloc.is_tracing():
            self.cost.peak += tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        if self._open is not None:
            self._open.close()
            self._open = None
        return self.cost

    def _count(self, frame: Any, event: str, arg: Any) -> None:
        if event in ("call", "c_call"):
            self.cost.calls += 1


class _New:
    """Storages that were counted; they are held, so that no other can come to lie where one of them lay."""

    def __init__(self, cost: Cost) -> None:
        self._cost = cost
        self._held: dict[int, Any] = {}

    def add(self, storage: Any) -> None:
        """Count a storage, once."""
        if storage.data_ptr() not in self._held:
            self._held[storage.data_ptr()] = storage
            self._cost.memory += storage.nbytes()

    def add_result(self, out: Any, given: Any) -> None:
        """Count the storages of a result that none of the arguments has."""
        old = {t.untyped_storage().data_ptr() for t in tensors_in([given])}
        for tensor in tensors_in([out]):
            if tensor.untyped_storage().data_ptr() not in old:
                self.add(tensor.untyped_storage())


class _Storages(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self, cost: Cost, new: _New) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._cost, self._new = cost, new

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self._cost.operations += 1
        self._new.add_result(out, [args, kwargs or {}])
        return out


class _Recorded(TorchFunctionMode):
    """Counts the results that hang on the graph, and memory that is made out of numbers."""

    def __init__(self, cost: Cost, new: _New) -> None:
        super().__init__()
        self._cost, self._new = cost, new

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self._cost.recorded += sum(tensor.grad_fn is not None for tensor in tensors_in([out]))
        if func in (torch.tensor, torch.as_tensor):
            self._new.add_result(out, [args, kwargs or {}])
        return out


def _clones_counted(new: _New) -> ExitStack:
    """While open, storages that deepcopy clones are counted too."""
    plain: Any = torch.UntypedStorage.clone

    def clone(self: Any) -> Any:
        made = plain(self)
        new.add(made)
        return made

    stack = ExitStack()
    torch.UntypedStorage.clone = clone  # type: ignore[method-assign]
    stack.callback(setattr, torch.UntypedStorage, "clone", plain)
    return stack
