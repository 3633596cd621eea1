"""Every way to copy or share a tensor: a row each, whose cells the model of torch says or torch itself is asked for."""

from __future__ import annotations

import copy
import io
import pickle
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import Const, Ref
from torchcopylint.models import function_effect, method_effect
from torchcopylint.models.effect import Shape
from torchcopylint.models.language import Gives, Grad

HEADER = (
    "way",
    "new memory",
    "version counter",
    "graph",
    "`.grad`",
    "hooks on the source",
    "two that are one",
    "device",
    "computed tensor",
    "cost",
)
_TENSOR = Ref(2, 2)


@dataclass(frozen=True)
class Way:
    """One way: as written, what it does to a tensor, its row in the model, where it shares (if that depends).

    whole: the same on several tensors in one call; module: it is done to a module, and the tensor is its weight;
    copies: a call of the same name in the case that it copies; slow: (elements, at least so many times as slow as a
    clone).
    """

    words: str
    does: Callable[[torch.Tensor], Any]
    model: tuple[str, ...] = ()
    cost: str = "none"
    copies: Callable[[torch.Tensor], Any] | None = None
    whole: Callable[[list[torch.Tensor]], Any] | None = None
    depends: str = ""
    module: bool = False
    slow: tuple[int, float] = (0, 0)


def _module(does: Callable[[nn.Module], Any]) -> Callable[[torch.Tensor], Any]:
    """What is done to a module, as something done to its weight: the weight that comes of it."""

    def on(x: torch.Tensor) -> Any:
        holder = nn.Module()
        holder.weight = x if isinstance(x, nn.Parameter) else nn.Parameter(torch.zeros(3))
        holder.last = x  # a tensor that forward computed and kept
        found = does(holder)
        return found if isinstance(found, torch.Tensor) else found.weight

    return on


def _loaded(x: torch.Tensor) -> torch.Tensor:
    other = nn.Module()
    other.weight = nn.Parameter(torch.zeros_like(x))
    other.load_state_dict({"weight": x})
    return other.weight


def _saved(x: Any) -> Any:
    buffer = io.BytesIO()
    torch.save(x, buffer)
    buffer.seek(0)
    return torch.load(buffer)


def _pickled(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


WAYS = (
    Way("`y = x`", lambda x: x),
    Way("`copy.copy(x)`", copy.copy, ("copy.copy",), whole=lambda xs: [copy.copy(x) for x in xs]),
    Way("`copy.deepcopy(x)`", copy.deepcopy, cost="1x; about 10x if small", whole=copy.deepcopy, slow=(12, 3)),
    Way("`x.clone()`", lambda x: x.clone(), ("tensor", "clone"), "1x"),
    Way("`x.detach()`", lambda x: x.detach(), ("tensor", "detach")),
    Way("`x.detach().clone()`", lambda x: x.detach().clone(), cost="1x"),
    Way("`x.data`", lambda x: x.data, ("tensor", "data")),
    Way("`x.view(...)`, `x.T`, `x.expand(...)`, `x.unsqueeze(0)`", lambda x: x.unsqueeze(0), ("tensor", "unsqueeze")),
    Way("`x[0]`, `x[1:3]`, `x[:, None]`", lambda x: x[1:3]),
    Way("`x[mask]`", lambda x: x[x > -1e9], cost="1x or more"),
    Way("`x[[0, 2]]`, `x[index]`", lambda x: x[list(range(len(x)))], cost="1x or more"),
    Way(
        "`x.to(dtype)`, `x.float()`",
        lambda x: x.to(torch.float32),
        ("tensor", "float"),
        copies=lambda x: x.to(torch.float64),
        depends="already that dtype",
    ),
    Way(
        "`x.to(device)`, `x.cpu()`, `x.cuda()`",
        lambda x: x.cpu(),
        ("tensor", "cpu"),
        copies=lambda x: x.to("meta"),
        depends="already there",
    ),
    Way("`x.to(..., copy=True)`", lambda x: x.to(x.device, copy=True), cost="1x"),
    Way(
        "`x.contiguous()`",
        lambda x: x.contiguous(),
        ("tensor", "contiguous"),
        copies=lambda x: x.t().contiguous(),
        depends="already contiguous",
    ),
    Way(
        "`x.reshape(...)`, `x.flatten()`",
        lambda x: x.reshape(-1),
        ("tensor", "reshape"),
        copies=lambda x: x.t().reshape(-1),
        depends="the strides allow it",
    ),
    Way("`x.detach().numpy()`", lambda x: x.detach().numpy()),
    Way("`torch.from_numpy(a)`", lambda x: torch.from_numpy(x.detach().numpy()), ("torch.from_numpy",)),
    Way(
        "`torch.as_tensor(x)`",
        lambda x: torch.as_tensor(x),
        ("torch.as_tensor",),
        copies=lambda x: torch.as_tensor(x, dtype=torch.float64),
        depends="already that dtype and device",
    ),
    Way("`torch.tensor(x)`", lambda x: torch.tensor(x), ("torch.tensor",), "1x, and a warning"),
    Way("`torch.tensor(x.tolist())`", lambda x: torch.tensor(x.tolist()), cost="over 1000x", slow=(1_000_000, 100)),
    Way("`nn.Parameter(x)`", lambda x: nn.Parameter(x), ("torch.nn.Parameter",)),
    Way(
        "`pickle.loads(pickle.dumps(x))`",
        _pickled,
        cost="about 10x; about 100x if small",
        whole=_pickled,
        slow=(12, 10),
    ),
    Way(
        "`torch.save(x, f)`, `torch.load(f)`", _saved, cost="about 10x; over 100x if small", whole=_saved, slow=(12, 20)
    ),
    Way("`copy.copy(module)`", _module(copy.copy), module=True),
    Way("`copy.deepcopy(module)`", _module(copy.deepcopy), cost="1x", whole=copy.deepcopy, module=True),
    Way("`module.state_dict()`", _module(lambda m: m.state_dict()["weight"]), ("module", "state_dict"), module=True),
    Way("`other.load_state_dict(module.state_dict())`", _loaded, cost="1x, in place", module=True),
)


def cells(way: Way) -> dict[str, str]:
    """A row of the table: what the model says, and for the rest what torch does."""
    return {"way": way.words, **executed(way), **foretold(way), "cost": way.cost}


def foretold(way: Way) -> dict[str, str]:
    """The cells that the model knows."""
    if not way.model:
        return {}
    shape = Shape(((_TENSOR,), (Const(0),)), {}, (Kind.TENSOR, Kind.UNKNOWN))
    if len(way.model) == 1:
        if way.model[0] == "torch.nn.Parameter":  # what may follow the tensor would say that it needs no gradient
            shape = Shape(((_TENSOR,),), {}, (Kind.TENSOR,))
        effect = function_effect(way.model[0], shape)
    else:
        effect = method_effect(Kind(way.model[0]), way.model[1], shape)
    assert effect is not None, way.model
    found = {"new memory": {Gives.FRESH: "yes", Gives.PERHAPS: f"no if {way.depends}"}.get(effect.result, "no")}
    if effect.result in (Gives.VIEW, Gives.PERHAPS) and effect.grad is not Grad.PARAMETER:
        found["version counter"] = "shared" if effect.counter else "its own"
    if effect.result in (Gives.FRESH, Gives.VIEW):
        found["graph"] = {Grad.FLOWS: "goes on", Grad.PARAMETER: "cut, a new leaf"}.get(effect.grad, "cut")
    return found


def executed(way: Way) -> dict[str, str]:
    """The cells, all of them, as torch answers."""
    x = _leaf(way)
    y = way.does(x)
    shared = _shares(x, y)
    found = {"new memory": "no" if shared else "yes"}
    if way.copies is not None:
        assert shared, way
        assert not _shares(x, way.copies(x)), way
        found["new memory"] = f"no if {way.depends}"
    found["version counter"] = _counter(way) if shared else "its own"
    found["graph"] = _graph(x, y)
    found["`.grad`"] = _grad(x, y)
    found["hooks on the source"] = _hooks(way)
    found["two that are one"] = _tied(way)
    found["device"] = _device(way)
    found["computed tensor"] = _computed(way)
    return found


def _leaf(way: Way) -> torch.Tensor:
    x = torch.arange(12.0).reshape(4, 3).requires_grad_()
    if way.module:
        x = nn.Parameter(x.detach())
    (x * 2).sum().backward()
    return x


def _memory(y: Any) -> tuple[int, int]:
    if isinstance(y, np.ndarray):
        return y.__array_interface__["data"][0], y.nbytes
    if y.device.type == "meta":
        return -1, 0
    return y.untyped_storage().data_ptr(), y.untyped_storage().nbytes()


def _shares(x: Any, y: Any) -> bool:
    (a, n), (b, m) = _memory(x), _memory(y)
    return a < b + m and b < a + n


def _counter(way: Way) -> str:
    x = _leaf(way)
    y = way.does(x)
    if y is x:
        return "shared"
    before = x._version
    with torch.no_grad():
        y[...] = 0
    return "shared" if x._version > before else "its own"


def _graph(x: torch.Tensor, y: Any) -> str:
    if y is x:
        return "the same tensor"
    if isinstance(y, np.ndarray) or not y.requires_grad:
        return "cut"
    return "goes on" if y.grad_fn is not None else "cut, a new leaf"


def _grad(x: torch.Tensor, y: Any) -> str:
    if y is x:
        return "the same"
    if isinstance(y, np.ndarray) or not y.is_leaf or y.grad is None:
        return "none"
    assert x.grad is not None
    return "shared" if _shares(x.grad, y.grad) else "copied"


def _hooks(way: Way) -> str:
    """Whether a hook on the source is called when the result's gradient is computed."""
    x, called = _leaf(way), list[int]()
    x.register_hook(lambda gradient: called.append(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = way.does(x)
    if isinstance(y, np.ndarray) or not y.requires_grad:
        return "not called"
    y.sum().backward()
    return "called" if called else "not called"


def _tied(way: Way) -> str:
    x = _leaf(way)
    first, second = way.whole([x, x]) if way.whole is not None else (way.does(x), way.does(x))
    return "stay one" if _shares(first, second) else "come apart"


def _device(way: Way) -> str:
    if way.copies is not None and way.copies(_leaf(way)).device.type == "meta":
        return "as asked"
    x = nn.Parameter(torch.zeros(4, 3, device="meta"))
    try:
        y = way.does(x)
    except (TypeError, NotImplementedError, RuntimeError) as error:
        if "nonzero" in str(error):  # how many a mask picks is not known there
            return "kept" if way.does(_leaf(way)).device == _leaf(way).device else "CPU"
        return "CPU"
    return "kept" if y.device.type == "meta" else "CPU"


def _computed(way: Way) -> str:
    try:
        way.does(_leaf(way) * 2)
    except (RuntimeError, TypeError):
        return "raises"
    return "works"


def measured(way: Way, elements: int) -> float:
    """The time of a way as a multiple of the time of a clone, both at their best."""
    x, threads = torch.rand(elements // 4 * 4).reshape(-1, 4), torch.get_num_threads()
    torch.set_num_threads(1)  # else a busy machine makes the clone wait for its threads
    try:
        return _best(lambda: way.does(x)) / _best(lambda: x.clone())
    finally:
        torch.set_num_threads(threads)


def _best(call: Callable[[], object]) -> float:
    times = []
    for _ in range(15):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
