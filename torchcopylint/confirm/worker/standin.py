"""Stand-ins for what a program's slice does not say: tensors, tiny modules, containers, numbers, things."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from torchcopylint.confirm.worker.pretend import Dict, Loss, Maker, Own, Plain, Thing, Tiny, kept_by, tensors_in

Kinds = tuple[str, ...]
_GUESSES: Kinds = ("tensor", "indices", "flags", "int", "float", "module", "tensors", "dict", "thing")


@dataclass(frozen=True)
class Choice:
    """One way to fill in a program: what its tensors are like, how its tests come out, what its numbers are."""

    shape: tuple[int, ...] = (4, 4)
    dtype: str = "float32"
    layout: str = "contiguous"
    requires_grad: bool = False
    tests: str = "as written"
    number: int = 4
    weights: tuple[int, ...] = (1,)
    graded: bool = False
    guess: int = 0
    rounds: int = 2
    scale: float = 1.0
    apart: bool = False
    """Whether no two whole numbers are the same."""
    special: bool = False
    """Whether the numbers that the program compares with are among the elements of tensors."""
    lived: bool = False
    """Whether what objects were made with has other values by now."""

    def __str__(self) -> str:
        parts = [f"tensors of shape {list(self.shape)}"]
        parts += [self.dtype] if self.dtype != "float32" else []
        parts += [self.layout] if self.layout != "contiguous" else []
        parts += ["requiring gradients"] if self.requires_grad else []
        parts += [f"values up to {1.5 * self.scale:g}"] if self.scale != 1 else []
        parts += ["different numbers"] if self.apart else []
        parts += ["the numbers that it compares with among the values"] if self.special else []
        parts += ["what objects keep filled"] if self.lived else []
        parts += [f"{self.rounds} rounds"] if self.rounds != 2 else []
        parts += ["weights with gradients"] if self.graded else []
        parts += ["second guesses at kinds" if self.guess == 1 else "third guesses at kinds"] if self.guess else []
        return ", ".join(parts)


class Filler:
    """Gives stand-ins during one run; `kinds` says which guess each key is at, `hints` which guesses there are."""

    def __init__(
        self, choice: Choice, kinds: dict[str, int], hints: dict[str, Kinds], needs: dict[int, bool] | None = None
    ) -> None:
        self.choice = choice
        self.kinds = kinds
        self.hints = hints
        self.needs = needs or {}
        self.came_out: dict[int, tuple[bool, bool]] = {}
        self.roots: dict[str, object] = {}
        self.modules: list[nn.Module] = []
        self.asked: dict[str, int] = {}
        self.optimizer_name = "SGD"
        self.words: tuple[str, ...] = ()
        self.special: tuple[float, ...] = ()
        self._unknown: set[str] = set()
        self._wholes: dict[str, int] = {}
        self.gave: set[str] = set()
        self._keys: dict[int, tuple[str, object, bool]] = {}
        self._generator = torch.Generator().manual_seed(0)

    def given(self, key: str, kinds: str = "") -> object:
        """A stand-in for what the program calls `key`, of the kind that is being tried."""
        cut, kinds = kinds == "cut", kinds.removeprefix("cut")
        guesses = self.guesses(key, kinds)
        liked = min(self.choice.guess, max(len(self.hints.get(key, ())) - 1, 0))
        made = self.of_kind(guesses[min(self.kinds.get(key, liked), len(guesses) - 1)], key)
        self._note(made, key)
        self.gave.add(key)
        if not cut:  # what takes the place of a line was nobody's before
            self.roots.setdefault(key, made)
        return made

    def _note(self, made: object, key: str, part: bool = False) -> None:
        """Remember whose stand-in an object is, and what lies in it."""
        if not isinstance(made, (int, float, str, type(None), torch.dtype)):
            self._keys[id(made)] = key, made, part
        if isinstance(made, (list, tuple)):
            for inner in made:
                self._note(inner, key, True)

    def key_of(self, value: object) -> tuple[str, bool]:
        """The key that an object is a stand-in for, "" where it is none; whether it is one of several."""
        key, _, part = self._keys.get(id(value), ("", None, False))
        return key, part

    def known(self, key: str) -> bool:
        """Whether anything speaks for the kind of the stand-in of that key."""
        return key not in self._unknown

    def optimizers(self) -> dict[str, object]:
        """The optimizers that were given, by their keys."""
        return {key: value for key, value, _ in self._keys.values() if isinstance(value, torch.optim.Optimizer)}

    def guesses(self, key: str, kinds: str = "") -> Kinds:
        """The kinds to try for a key, likeliest first."""
        said = tuple(kind for kind in kinds.split("|") if kind)
        if not said and not self.hints.get(key):
            self._unknown.add(key)
        said = self.hints.setdefault(key, said or self.hints.get(key, ()))
        return (*said, *(kind for kind in _GUESSES if kind not in said))

    def of_kind(self, kind: str, key: str) -> object:
        """A new stand-in of that kind."""
        if kind.startswith("="):
            value = ast.literal_eval(kind[1:])
            plain = type(value) is not int or self.choice.number == Choice.number
            return value if plain else self.choice.number
        kind, _, count = kind.partition(":")
        if kind == "optimizer":
            return self.optimizer(key, int(count or 0))
        if kind == "layer":
            return self.layer(count)
        if kind == "module":
            module = self.module(key)
            if isinstance(module, Tiny):
                module.gives = int(count or 1)
            return module
        if count:
            made = tuple(self.tensor(key) for _ in range(int(count)))
            if kind == "tuple":
                return made
            more = range(self.choice.rounds - 1)
            return [made, *(tuple(self.tensor(key) for _ in range(int(count))) for _ in more)]
        return _MAKERS.get(kind, Filler.thing)(self, key)

    def tensor(self, key: str, shape: tuple[int, ...] | None = None) -> torch.Tensor:
        """A tensor as the choice says, no two elements alike."""
        choice = self.choice
        shape = choice.shape if shape is None else shape
        size = shape[::-1] if choice.layout == "transposed" else shape
        dtype = getattr(torch, choice.dtype)
        if dtype is torch.bool:
            made = torch.rand(size, generator=self._generator) > 0.5
        elif dtype.is_complex:
            made = torch.randn(size, generator=self._generator, dtype=dtype) * choice.scale
        elif not dtype.is_floating_point:
            made = torch.randint(0, 4, size, generator=self._generator, dtype=dtype)
            made = made if choice.scale == 1 else made * int(choice.scale)
        else:
            made = (torch.rand(size, generator=self._generator, dtype=dtype) * 2 - 0.5) * choice.scale
        for place, value in enumerate(self.special[: made.numel()] if choice.special else ()):
            if made.is_floating_point() or (dtype is not torch.bool and value == value // 1):
                made.view(-1)[place] = value
        if choice.layout == "transposed" and made.dim() > 1:
            made = made.permute(*range(made.dim() - 1, -1, -1))
        return (
            made.requires_grad_() if choice.requires_grad and (made.is_floating_point() or made.is_complex()) else made
        )

    def attached(self, key: str) -> torch.Tensor:
        """A tensor that something with gradients was computed into."""
        parameter = nn.Parameter(torch.rand(self.choice.shape, generator=self._generator) + 0.5)
        self.roots[f"what `{key}` comes from"] = parameter
        return parameter * 2.0

    def module(self, key: str) -> nn.Module:
        """A tiny module that keeps the shape of what it gets."""
        made: nn.Module = (
            Loss() if any(word in key.lower() for word in ("loss", "criterion")) else Tiny(self.choice.weights, key)
        )
        if not isinstance(made, Loss):
            with torch.no_grad():
                made.weight.fill_(0.5 + 0.1 * len(self.modules))  # type: ignore[operator]
            self.modules.append(made)
            for parameter in made.parameters() if self.choice.graded else ():
                parameter.grad = torch.ones_like(parameter)
        return made

    def layer(self, spelled: str) -> nn.Module:
        """A layer such as the program makes itself: its class and its whole numbers."""
        name, *sizes = spelled.split(":")
        made: nn.Module = getattr(nn, name)(*map(int, sizes))
        self.modules.append(made)
        return made

    def optimizer(self, key: str, count: int = 0) -> torch.optim.Optimizer:
        """An optimizer of every module that has been given so far, or of so many weights of its own; it has stepped."""
        parameters = [p for module in self.modules for p in module.parameters()] or [nn.Parameter(torch.ones(2))]
        parameters = [nn.Parameter(torch.ones(2)) for _ in range(count)] or parameters
        kind = getattr(torch.optim, self.optimizer_name)
        made: Any = kind(parameters, lr=0.1, **({"momentum": 0.9} if kind is torch.optim.SGD else {}))
        before = [p.grad for p in parameters]
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        made.step()
        for parameter, grad in zip(parameters, before, strict=True):
            parameter.grad = grad
        made.given = True
        return made  # type: ignore[no-any-return]

    def live(self, objects: Iterable[object]) -> None:
        """Fill what objects of the program's own were made with: they have been used since."""
        held = [inner for one in objects if isinstance(one, (Own, Plain)) for inner in kept_by(one)]
        held += [parameter for module in self.modules for parameter in module.parameters()]
        with torch.no_grad():
            for number, tensor in enumerate({id(t): t for t in tensors_in(held)}.values()):
                if isinstance(tensor, nn.Parameter):
                    tensor.add_(0.125 * (number + 1))
                elif tensor.is_floating_point() and tensor.numel() > 1 and bool((tensor == tensor.view(-1)[0]).all()):
                    tensor.copy_(torch.rand(tensor.shape, generator=self._generator))

    def whole(self, key: str, first: int, step: int) -> int:
        """A whole number: the same for all, or with other guesses one for each."""
        order = self._wholes.setdefault(key, len(self._wholes))
        if self.choice.apart:
            return order + 1
        return max(first + step * order, 0) if self.choice.guess else first

    def thing(self, key: str) -> object:
        """An object whose attributes are stand-ins too."""
        return Thing(self, key)

    def some(self, key: str, kind: str) -> list[object]:
        """Two of a kind, or as many as there are rounds."""
        return [self.of_kind(kind, key) for _ in range(self.choice.rounds)]

    def test(self, number: int, value: object) -> bool:
        """How the test of that number comes out this time; value: what it says itself, where that was computed."""
        asked = self.asked[f"test {number}"] = self.asked.get(f"test {number}", 0) + 1
        said = _truth(value) if self.choice.tests == "as written" else None
        came = self._chosen(number, asked) if said is None else said
        self.came_out[number] = came, said is not None
        return came

    def _chosen(self, number: int, asked: int) -> bool:
        words = self.choice.tests
        if words == "first":
            return asked == 1
        if words == "later":
            return asked > 1
        if words == "off":
            return False
        need = self.needs.get(number, True)
        if words in ("on", "as written"):
            return need
        if words == "all":
            return True
        chosen = number == int(words.rpartition(" ")[2])
        return chosen == words.startswith("only") if number not in self.needs or chosen else need


_MAKERS: dict[str, Callable[[Filler, str], object]] = {
    "tensor": Filler.tensor,
    "attached": Filler.attached,
    "parameters": lambda filler, key: list(filler.module(key).parameters()),
    "parameter": lambda filler, key: nn.Parameter(filler.tensor(key).detach().float()),
    "mask": lambda filler, key: torch.arange(filler.choice.shape[0]) % 2 == 0,
    "scalar tensor": lambda filler, key: filler.tensor(key, ()),
    "module": Filler.module,
    "maker": lambda filler, key: Maker(filler, key),
    "scheduler": Filler.thing,
    "thing": Filler.thing,
    "tensors": lambda filler, key: filler.some(key, "tensor"),
    "modules": lambda filler, key: filler.some(key, "module"),
    "batches": lambda filler, key: [(filler.tensor(key), filler.tensor(key)) for _ in range(filler.choice.rounds)],
    "tuple": lambda filler, key: tuple(filler.some(key, "tensor")),
    "dict": lambda filler, key: Dict(filler, key),
    "dicts": lambda filler, key: [Dict(filler, key) for _ in range(2)],
    "state dict": lambda filler, key: filler.module(key).state_dict(),
    "state dicts": lambda filler, key: [filler.module(key).state_dict() for _ in range(2)],
    "ndarray": lambda filler, key: filler.tensor(key).detach().numpy().copy(),
    "ndarrays": lambda filler, key: [filler.tensor(key).detach().numpy().copy() for _ in range(2)],
    "indices": lambda filler, key: (
        torch.arange(math.prod(filler.choice.shape)).reshape(filler.choice.shape) % 2 * int(filler.choice.scale)
    ),
    "labels": lambda filler, key: torch.arange(filler.choice.shape[0]) % 2 * int(filler.choice.scale),
    "flags": lambda filler, key: filler.tensor(key).detach() > 1,
    "int": lambda filler, key: filler.whole(key, filler.choice.number, -1),
    "one": lambda filler, key: filler.whole(key, 1, 1),
    "zero": lambda filler, key: 0,
    "ints": lambda filler, key: [0, 1],
    "sizes": lambda filler, key: [filler.choice.number],
    "floats": lambda filler, key: [0.5, 0.25],
    "float": lambda filler, key: {1: 0.25, 2: 0.125, 3: 2.0}.get(filler.choice.number, 0.5),
    "bool": lambda filler, key: True,
    "str": lambda filler, key: "text",
    "none": lambda filler, key: None,
    "list": lambda filler, key: [],
    "device": lambda filler, key: "cpu",
    "dtype": lambda filler, key: torch.float32,
}


def _truth(value: object) -> bool | None:
    """What a computed test says; None where that is no plain yes or no."""
    if isinstance(value, torch.Tensor):
        return bool(value) if value.numel() == 1 and not value.is_floating_point() else None
    if isinstance(value, (Thing, nn.Module)):
        return None
    return bool(value) if isinstance(value, (bool, list, tuple, dict)) or type(value).__name__ == "bool_" else None
