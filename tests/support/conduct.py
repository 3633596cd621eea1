"""What a call does to the memory of its arguments, observed, and what the models say of the same call."""

from __future__ import annotations

import copy
import importlib
import io
from collections import deque
from collections.abc import Callable, ItemsView, Iterator, ValuesView
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import UNKNOWN, Const, Named, Value
from torchcopylint.models import function_effect, is_property, method_effect
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Act

KINDS: tuple[tuple[type, Kind], ...] = (
    (torch.amp.GradScaler, Kind.SCALER),
    (torch.optim.Optimizer, Kind.OPTIMIZER),
    (torch.nn.Module, Kind.MODULE),
    (torch.Tensor, Kind.TENSOR),
    (np.ndarray, Kind.NDARRAY),
    (dict, Kind.DICT),
    (list, Kind.LIST),
    (set, Kind.SET),
    (tuple, Kind.TUPLE),
)
WORDS = {
    **dict.fromkeys(("fresh", "several", "copied", "output"), "fresh"),
    **dict.fromkeys(("view", "parts", "held", "live", "shallow", "element", "values", "items"), "view"),
    **dict.fromkeys(("zipped", "enumerated", "wrapped"), "view"),
    **dict.fromkeys(("same", "passed"), "same"),
    **dict.fromkeys(("scalar", "none", "context"), "nothing"),
}
"""What a result word of the models says about memory; "perhaps" and "unknown" are themselves."""


@dataclass
class Record:
    """Something of the user's that holds a tensor."""

    held: torch.Tensor


@dataclass(frozen=True)
class Conduct:
    """What a call did: which arguments its result is, or shares memory with, and which it wrote."""

    same: frozenset[int]
    shares: frozenset[int]
    writes: frozenset[int]


def leaves(thing: Any) -> Iterator[torch.Tensor | np.ndarray]:
    """The tensors and arrays that a thing holds."""
    if isinstance(thing, torch.Tensor | np.ndarray):
        yield thing
    elif isinstance(thing, np.flatiter):
        yield thing.base
    elif isinstance(thing, torch.nn.Module):
        yield from leaves([*thing.parameters(), *thing.buffers()])
    elif isinstance(thing, torch.optim.Optimizer):
        yield from leaves([group["params"] for group in thing.param_groups])
        yield from leaves([list(held.values()) for held in thing.state.values()])
    elif isinstance(thing, dict):
        yield from leaves(list(thing.values()))
    elif isinstance(thing, torch.utils.data.Dataset | torch.utils.data.DataLoader):
        yield from leaves(list(vars(thing).values()))
    elif isinstance(thing, list | tuple | set | frozenset | deque | ItemsView | ValuesView) or _once(thing):
        for inner in thing:
            yield from leaves(inner)
    elif hasattr(thing, "__dataclass_fields__"):
        yield from leaves(list(vars(thing).values()))


def memory(leaf: torch.Tensor | np.ndarray) -> np.ndarray:
    """A tensor's memory as an array."""
    if isinstance(leaf, np.ndarray):
        return leaf
    plain = leaf.detach()
    return plain.view(torch.int16).numpy() if plain.dtype == torch.bfloat16 else plain.numpy()


def share(one: Any, other: Any) -> bool:
    """Whether two things hold memory in common."""
    others = list(leaves(other))
    return any(np.shares_memory(memory(a), memory(b)) for a in leaves(one) for b in others)


def conduct(call: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> Conduct:
    """Make the call and look what it did."""
    held = [list(one) if _once(one) else one for one in args]
    given = [iter(one) if _once(old) else old for one, old in zip(held, args, strict=True)]
    before = [[(leaf, _values(leaf).copy()) for leaf in leaves(one)] for one in held]
    result = call(*given, **keywords)
    written = {i for i, old in enumerate(before) if not all(_unchanged(leaf, was) for leaf, was in old)}
    result = list(islice(result, 20)) if _once(result) else result
    same = {i for i, one in enumerate(args) if result is one and not isinstance(one, int | str | bool | type(None))}
    inside = [[leaf for leaf, _ in old] for old in before]
    shares = {i for i in range(len(held)) if share(result, inside[i]) or share(result, held[i])}
    return Conduct(frozenset(same), frozenset(shares), frozenset(written))


def _once(thing: Any) -> bool:
    """An iterator, whose elements come once."""
    return isinstance(thing, Iterator) and not isinstance(thing, np.flatiter | io.IOBase)


def _values(leaf: torch.Tensor | np.ndarray) -> np.ndarray:
    if isinstance(leaf, np.ndarray):
        return leaf
    return leaf.detach().to(torch.complex128 if leaf.is_complex() else torch.float64).numpy()


def _unchanged(leaf: torch.Tensor | np.ndarray, was: np.ndarray) -> bool:
    """Whether the values are what they were, but for a change of dtype."""
    now = _values(leaf)
    return now.shape == was.shape and np.allclose(now, was, rtol=0.01, atol=0.001, equal_nan=True)


def found(name: str) -> Any:
    """The function of that full name."""
    path, _, last = name.rpartition(".")
    try:
        return getattr(importlib.import_module(path), last)
    except ModuleNotFoundError:
        return getattr(found(path), last)


def shape_of(args: tuple[Any, ...], keywords: dict[str, Any], traits: frozenset[str] = frozenset()) -> Shape:
    """The call as the models see it: literals as such, all else unknown but for its kind."""
    kinds = tuple(next((kind for type_, kind in KINDS if isinstance(one, type_)), Kind.UNKNOWN) for one in args)
    return Shape(tuple(map(_value, args)), {key: _value(one) for key, one in keywords.items()}, kinds, traits)


def _value(one: Any) -> Value:
    if isinstance(one, int | float | bool | str | type(None)):
        return (Const(one),)
    return (Named(str(one)),) if isinstance(one, torch.dtype) else UNKNOWN


def says(effect: Effect | None) -> str:
    """The models' word for a result's memory."""
    assert effect is not None
    if effect.act is Act.HOLDS:
        return "view"
    word = effect.result.name.lower()
    return WORDS.get(word, word)


def try_function(name: str, call: str, things: dict[str, Any]) -> tuple[Conduct, Effect | None]:
    """Execute `f(..)` written out, with f the function of that name; what it did and what was foretold."""
    seen: list[tuple[Conduct, Effect | None]] = []

    def recorded(*args: Any, **keywords: Any) -> None:
        effect = function_effect(name, shape_of(args, keywords))
        seen.append((conduct(found(name), args, keywords), effect))

    eval(call, {**things, "f": recorded})
    return seen[0]


def try_method(kind: Kind, name: str, call: str, things: dict[str, Any]) -> tuple[Conduct, Effect | None]:
    """Execute `f(receiver, ..)` written out, with f the method or property of that name."""
    seen: list[tuple[Conduct, Effect | None]] = []

    def recorded(receiver: Any, *args: Any, **keywords: Any) -> None:
        effect = method_effect(kind, name, shape_of((receiver, *args), keywords))
        plain = is_property(kind, name)

        def bound(one: Any, *rest: Any, **more: Any) -> Any:
            return getattr(one, name) if plain else getattr(one, name)(*rest, **more)

        seen.append((conduct(bound, (receiver, *args), keywords), effect))

    eval(call, {**things, "f": recorded})
    return seen[0]


def try_layer(made: str, mode: bool, entry: torch.Tensor) -> tuple[Conduct, Effect | None]:
    """Make a layer of torch.nn as written, call it; what the call did to its input and what was foretold."""
    seen: list[tuple[Any, Effect | None]] = []
    name = f"torch.nn.{made.partition('(')[0]}"

    def recorded(*args: Any, **keywords: Any) -> None:
        seen.append((found(name)(*args, **keywords), function_effect(name, shape_of(args, keywords))))

    eval(f"f({made.partition('(')[2]}", {"f": recorded})
    layer, made_by = seen[0]
    assert made_by is not None
    layer.train(mode)
    effect = method_effect(Kind.MODULE, "__call__", shape_of((layer, entry), {}, made_by.layout))
    return conduct(lambda _, given: layer(given), (None, entry), {}), effect


def agrees(word: str, effect: Effect, did: list[Conduct]) -> str:
    """What is wrong with the word, given what the calls did; "" where nothing is."""
    of = frozenset(effect.on if effect.act is Act.HOLDS else effect.of)
    if any(one.writes != frozenset(effect.writes) for one in did):
        return f"writes {[sorted(one.writes) for one in did]}, not {effect.writes}"
    if word in ("fresh", "nothing"):
        bad = [one for one in did if one.shares or one.same]
    elif word == "same":
        bad = [one for one in did if not one.same & of]
    elif word == "view":
        bad = [one for one in did if not one.shares or not one.shares <= of]
    elif word == "unknown":
        bad = []
    else:
        both = {bool(one.shares) for one in did} == {True, False} and all(one.shares <= of for one in did)
        bad = [] if both else did
    return f"not {word} of {sorted(of)}: {bad}" if bad else ""


def _saved() -> io.BytesIO:
    file = io.BytesIO()
    torch.save(torch.rand(3), file)
    file.seek(0)
    return file


def fresh_things() -> dict[str, Any]:
    """What the calls are written with, made anew."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
    model(torch.rand(4, 3)).sum().backward()
    optimizer = torch.optim.Adam(model.parameters())
    optimizer.step()
    x = torch.rand(2, 3) - 0.5
    return {
        "np": np,
        "torch": torch,
        "copy": copy,
        "a": np.arange(1.0, 13.0).reshape(3, 4) / 7,
        "v": np.arange(1.0, 5.0),
        "i": np.arange(1, 5),
        "c": np.arange(1.0, 5.0) * 1j,
        "sq": np.array([[2.0, 1.0], [1.0, 3.0]]),
        "mask": np.arange(12).reshape(3, 4) % 2 == 0,
        "x": x,
        "y": torch.rand(2, 3),
        "leaf": torch.rand(3, requires_grad=True),
        "tensors": [torch.rand(3), torch.rand(3)],
        "model": model,
        "other": copy.deepcopy(model),
        "optimizer": optimizer,
        "data": torch.utils.data.TensorDataset(torch.rand(4, 2)),
        "record": Record(torch.rand(3)),
        "file": _saved(),
        "named": {"one": torch.rand(3), "two": torch.rand(3)},
    }
