"""The names that a program may use: a few of Python's, torch's by their modules, and our own."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from torchcopylint.confirm.worker.learn import Gradients, gradients_of, spoilt, to_learn
from torchcopylint.confirm.worker.measure import Meter
from torchcopylint.confirm.worker.observe import moment
from torchcopylint.confirm.worker.pretend import Dict, Own, Plain, Thing, tensors_in
from torchcopylint.confirm.worker.probe import Run
from torchcopylint.confirm.worker.standin import Filler
from torchcopylint.confirm.worker.watch import Watch

BUILTINS = (
    "abs all any bool dict enumerate float frozenset int isinstance len list max min range reversed round set "
    "slice sorted str sum super tuple zip True False None RuntimeError ValueError object"
).split()


class Program:
    """One run of one program: what its names mean, what it came by."""

    def __init__(
        self, filler: Filler, graph: bool = False, measure: str = "", spare: Any = None, gradients: bool = False
    ) -> None:
        self.filler, self.graph, self.gradients = filler, graph, gradients
        self._learning: tuple[list[Any], list[Any]] = [], []
        self._right: Gradients = {}
        self._last: dict[int, Any] = {}
        self.run = Run()
        self.meter = Meter(measure) if measure else None
        self.spare: Any = spare
        self.watch: Watch | None = None

    def names(self) -> dict[str, Any]:
        """The globals of the program."""
        own = "rounds test mark copied detached refreshed relinked trained give_gradients apart gathered anew".split()
        own += ["repacked", "stepped", "noted"]
        built: Any = __builtins__
        table = built if isinstance(built, dict) else vars(built)
        allowed = {name: table[name] for name in BUILTINS} | {"__build_class__": table["__build_class__"]}
        allowed["__import__"] = _import  # what torch is made of asks for parts of it through whoever calls
        import collections

        names: dict[str, Any] = {
            "__builtins__": allowed,
            "__name__": "snippet",
            "torch": torch,
            "nn": nn,
            "F": F,
            "copy": copy,
            "math": math,
            "collections": collections,
            "given": self.filler.given,
            "Own": Own,
            "Plain": Plain,
            "CPU": torch.device("cpu"),
        }
        try:
            import numpy

            names["np"] = numpy
        except ImportError:
            pass
        return names | {name: getattr(self, name) for name in own}

    def rounds(self, what: Iterable[object] | int = 2) -> Iterator[object]:
        """The first iterations of a loop."""
        most = self.filler.choice.rounds
        if isinstance(what, int):
            return iter(range(most))
        return islice(iter(what), most if isinstance(what, (range, Thing, torch.Tensor)) else 4 * most)

    def test(self, number: int, value: object = None) -> bool:
        """How a test comes out: as it says itself where that is computed, else as is chosen."""
        return self.filler.test(number, value)

    def mark(self, tag: str, **more: object) -> None:
        """The program is here: note what everything holds, or the time."""
        if self.meter is not None:
            if tag == "after":
                self.run.costs.append(self.meter.stop())
            self.run.moments.append(moment(tag, {}, {}, False))
            if tag == "before":
                self.meter.start()
            return
        names = dict(sys._getframe(1).f_locals)
        if tag == "made" and self.filler.choice.lived:
            self.filler.live(names.values())
        made = moment(tag, {**names, **more}, self.filler.roots, self.graph)
        self.run.moments.append(made)
        if self.watch is not None:
            self.watch.note(made)
        if self.gradients and tag == "before":
            self._learning = to_learn(made)
            self._right = gradients_of(*self._learning)
        elif self.gradients and tag == "after":
            written = {path for path, now in made.wrote.items() if now.version}  # its own gradient is another by right
            right = {key: grad for key, grad in self._right.items() if isinstance(grad, str) or key[0] not in written}
            made.spoilt = spoilt(right, gradients_of(*self._learning))

    def copied(self, value: Any) -> Any:
        """The same value with memory of its own."""
        if isinstance(value, torch.Tensor):
            return value.clone()
        if isinstance(value, dict) and not isinstance(value, Dict) and tensors_in(value):
            made = copy.copy(value)
            for key, item in value.items():
                made[key] = self.copied(item)
            return made
        if isinstance(value, (list, tuple)):
            return type(value)(self.copied(item) for item in value)
        return copy.deepcopy(value)

    def detached(self, value: Any) -> Any:
        """The same value without its graph."""
        if isinstance(value, nn.Module):
            for module in value.modules():
                for name, held in list(vars(module).items()):
                    if isinstance(held, torch.Tensor):
                        setattr(module, name, held.detach())
            return value
        if isinstance(value, torch.Tensor):
            return value.detach()
        if isinstance(value, dict):
            return {key: self.detached(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.detached(item) for item in value)
        return value

    def refreshed(self, value: Any) -> Any:
        """The value in a copy that was made once: only what is in it is copied now."""
        if self.spare is None:
            self.spare = copy.deepcopy(value)
        spare = self.spare
        if isinstance(value, nn.Module):
            spare.load_state_dict(value.state_dict())
        else:
            with torch.no_grad():
                for mine, other in zip(tensors_in(spare), tensors_in(value), strict=False):
                    mine.copy_(other)
        return spare

    def apart(self, value: Any) -> Any:
        """A container of copies instead of one object several times."""
        if isinstance(value, dict):
            return {key: copy.deepcopy(item) for key, item in value.items()}
        made = [copy.deepcopy(item) for item in value]
        return type(value)(made)

    def gathered(self, what: Any, *args: Any, **kwargs: Any) -> Any:
        """Of parts that would be put together, the last: the others are kept in a list until the loop is over."""
        return what[-1] if isinstance(what, (list, tuple)) else args[0] if args else what

    def anew(self, value: Any) -> Any:
        """The same module with first values of its own."""
        with torch.no_grad():
            for parameter in value.parameters():
                parameter.copy_(torch.rand(parameter.shape))
        return value

    def repacked(self, value: Any) -> Any:
        """The value, packed into bytes and unpacked from them."""
        import pickle

        return pickle.loads(pickle.dumps(value))

    def noted(self, value: Any) -> Any:
        """The value, of which the run notes what it is, and whether it is only taken to be so."""
        key, _ = self.filler.key_of(value)
        self.run.noted.append((value, bool(key) and not self.filler.known(key)))
        return value

    def stepped(self, optimizer: Any) -> Any:
        """An optimizer with a history: it has stepped once, on gradients of zero."""
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        before = [p.grad for p in parameters]
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        for parameter, grad in zip(parameters, before, strict=True):
            parameter.grad = grad
        return optimizer

    def relinked(self, optimizer: Any, module: Any) -> Any:
        """The optimizer, created anew for the module's parameters."""
        return torch.optim.SGD([*module.parameters()], lr=0.1)

    def give_gradients(self, optimizer: Any) -> Any:
        """A gradient for every parameter that has none: what a call of backward would leave behind."""
        names = sys._getframe(1).f_locals
        if getattr(optimizer, "given", False):
            known = {id(p) for group in optimizer.param_groups for p in group["params"]}
            modules = [v for v in names.values() if isinstance(v, nn.Module)]
            owners = [n for n in list(names.values()) if isinstance(n, (Own, Plain))]
            modules += [v for n in owners for v in {**vars(n), **n.__dict__.get("_modules", {})}.values()]
            modules = [m for m in modules if isinstance(m, nn.Module)]
            more = {id(p): p for m in modules for p in m.parameters() if id(p) not in known}
            if more:
                optimizer.add_param_group({"params": list(more.values())})
        for group in getattr(optimizer, "param_groups", ()):
            for parameter in group["params"]:
                if parameter.grad is None:
                    parameter.grad = torch.ones_like(parameter)
        return optimizer

    def trained(self, *args: Any, **kwargs: Any) -> Any:
        """What training does to the modules among the arguments: their weights change, in place."""
        for value in (*args, *kwargs.values()):
            modules = [value] if isinstance(value, nn.Module) else []
            if isinstance(value, torch.optim.Optimizer):
                self.give_gradients(value).step()
            if isinstance(value, (Own, Plain)):
                held = (*vars(value).values(), *vars(value).get("_modules", {}).values())
                modules = [v for v in held if isinstance(v, nn.Module)]
            with torch.no_grad():
                for parameter in (p for module in modules for p in module.parameters()):
                    parameter.add_(0.25)
                if isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad:
                    value.add_(0.25)
        return self.filler.tensor("trained", ())


def _import(name: str, *rest: Any) -> Any:
    if name.partition(".")[0] not in ("torch", "numpy"):
        raise ImportError(name)
    return __import__(name, *rest)
