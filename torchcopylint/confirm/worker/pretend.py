"""Objects that stand in for others: tiny modules, containers and things that make what they are asked for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torchcopylint.confirm.worker.standin import Filler


_OF_TENSORS = frozenset({"clone", "detach", "copy"})
"""What modules are asked for by those who take them for tensors: it is no attribute that something else has set."""


class Tiny(nn.Module):
    """One weight and one bias: floats of any shape pass, whatever else comes along.

    called: where it is noted which were called, if it is.
    """

    called: list[str] | None = None
    gives: int = 1
    """How many tensors a call gives."""

    def __init__(self, size: tuple[int, ...] = (1,), key: str = "") -> None:
        super().__init__()
        self._key = key
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(1))
        self.more = nn.Parameter(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        self._ready = True

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_") or name in _OF_TENSORS or Own.filler is None or "_ready" not in self.__dict__:
                raise
        key = f"{self._key}.{name}"
        made = Own.filler.given(key, "|".join(Own.filler.hints.get(key, ())) or "module")
        setattr(self, name, made)
        return made

    def forward(self, *args: object, **kwargs: object) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """The first tensor among the arguments, scaled; where more is wanted, it several times."""
        if Tiny.called is not None:
            Tiny.called.append(self._key)
        tensors = list(tensors_in([args, kwargs])) or [torch.ones(4, 4)]
        made = self._scaled(tensors[0])
        if self.gives == 1:
            return made
        made = made + sum(t.float().mean() for t in tensors[1:])
        more = (*tensors[1:], *(tensors[0] for _ in range(self.gives)))
        return made, *(self._scaled(t) + made.mean() for t in more[: self.gives - 1])

    def _scaled(self, value: torch.Tensor) -> torch.Tensor:
        return (value if value.is_floating_point() else value.float()) * self.weight + self.bias + 0 * self.more.sum()


class Maker:
    """What makes modules when it is called."""

    def __init__(self, filler: Filler, key: str) -> None:
        self._filler, self._key = filler, key

    def __call__(self, *args: object, **kwargs: object) -> object:
        """A module, whatever it is given."""
        return self._filler.given(f"{self._key}()", "module")


class Loss(nn.Module):
    """A number that depends on every tensor it is given."""

    def forward(self, *args: object, **kwargs: object) -> torch.Tensor:
        """The sum of the means of the arguments."""
        means = [t.float().mean() for t in tensors_in([args, kwargs])]
        return torch.stack(means).pow(2).sum() if means else torch.ones(())


class Dict(dict):  # type: ignore[type-arg]
    """A dict that makes what is missing: tensors."""

    def __init__(self, filler: Filler | None = None, key: str = "") -> None:
        super().__init__()
        self._filler, self._key = filler, key
        if filler is not None:
            for name in filler.words or ("a", "b"):
                self[name] = filler.given(f"{key}[{name!r}]", "tensor")

    def __missing__(self, key: object) -> object:
        if self._filler is None:
            raise KeyError(key)
        made = self[key] = self._filler.given(f"{self._key}[{key!r}]")
        return made

    def __deepcopy__(self, memo: dict[int, object]) -> object:
        made = Dict()
        made.update({key: copy.deepcopy(value, memo) for key, value in self.items()})
        made._filler, made._key = self._filler, self._key
        return made


class Own(nn.Module):
    """A module of the program's own: an attribute that nobody has set is a stand-in."""

    filler: Filler | None = None

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """As of any module, but that the name is not asked for first."""
        self._buffers[name] = tensor

    def register_parameter(self, name: str, param: Any) -> None:
        """As of any module, but that the name is not asked for first."""
        self._parameters[name] = param

    def add_module(self, name: str, module: Any) -> None:
        """As of any module, but that the name is not asked for first."""
        self._modules[name] = module

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_") or name in _OF_TENSORS or Own.filler is None:
                raise
        made = Own.filler.given(f"self.{name}")
        setattr(self, name, made)
        return made


class Plain:
    """An object of the program's own that is not a module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or Own.filler is None:
            raise AttributeError(name)
        made = Own.filler.given(f"self.{name}")
        setattr(self, name, made)
        return made


class Thing:
    """Something unknown: its attributes and what calling it gives are stand-ins."""

    def __init__(self, filler: Filler, key: str) -> None:
        self.__dict__["_filler"], self.__dict__["_key"] = filler, key

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        made = self.__dict__["_filler"].given(f"{self._key}.{name}")
        setattr(self, name, made)
        return made

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self._filler.given(f"{self._key}()")

    def __getitem__(self, key: object) -> object:
        return self._filler.given(f"{self._key}[]")

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[object]:
        return iter([self._filler.given(f"{self._key}[]") for _ in range(2)])

    def __deepcopy__(self, memo: dict[int, object]) -> object:
        made = Thing(self._filler, self._key)
        made.__dict__.update({k: copy.deepcopy(v, memo) for k, v in self.__dict__.items() if not k.startswith("_")})
        return made


def kept_by(one: Own | Plain) -> Iterator[object]:
    """What an object of the program's own keeps; of modules, their parameters and buffers."""
    for value in (*vars(one).values(), *vars(one).get("_modules", {}).values()):
        if isinstance(value, nn.Module):
            yield from (*value.parameters(), *value.buffers())
        else:
            yield value


def tensors_in(value: object, depth: int = 3) -> Iterator[torch.Tensor]:
    """The tensors in nested containers, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict) and depth:
        for item in list(value.values()):
            yield from tensors_in(item, depth - 1)
    elif isinstance(value, (list, tuple)) and depth:
        for item in value:
            yield from tensors_in(item, depth - 1)
