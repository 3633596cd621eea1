"""Harm to learning, as runs show it: gradients, leaves, optimizers, what is held of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn, optim

from torchcopylint.confirm.worker.observe import Moment, number, under
from torchcopylint.confirm.worker.pretend import Plain, Thing

Gradients = dict[tuple[str, str], "torch.Tensor | str"]
_MOST = 6


def gradients_of(held: list[tuple[str, torch.Tensor]], leaves: list[tuple[str, torch.Tensor]]) -> Gradients:
    """The gradient of each leaf through each of the tensors, or what torch says instead."""
    found: Gradients = {}
    for path, tensor in held[:_MOST]:
        try:
            inputs = [leaf for _, leaf in leaves[:_MOST]]
            with torch.enable_grad():
                grads = torch.autograd.grad(tensor.sum(), inputs, retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            found[path, ""] = f"{type(error).__name__}: {str(error).split(' Hint:')[0]}"[:160]
            continue
        for (name, _), grad in zip(leaves[:_MOST], grads, strict=True):
            if grad is not None:
                found[path, name] = grad.detach().clone()
    return found


def to_learn(moment: Moment) -> tuple[list[tuple[str, torch.Tensor]], list[tuple[str, torch.Tensor]]]:
    """The tensors of a moment that hang on the graph, and the leaves that take gradients."""
    tensors = [(path, seen.holder) for path, seen in moment.names.items() if isinstance(seen.holder, torch.Tensor)]
    asked = [(path, t) for path, t in tensors if t.requires_grad and t.dtype.is_floating_point]
    once = list({id(t): (path, t) for path, t in reversed(asked)}.values())
    once.reverse()
    return [(p, t) for p, t in once if t.grad_fn is not None], [(p, t) for p, t in once if t.is_leaf]


def spoilt(before: Gradients, after: Gradients) -> str:
    """How the gradients after a write are not those from before it, in words."""
    for (path, _), said in after.items():
        if isinstance(said, str) and (path, "") not in before:
            return f"backward through `{path}` raises {said}"
    for (path, leaf), right in before.items():
        now = after.get((path, leaf))
        if isinstance(now, torch.Tensor) and isinstance(right, torch.Tensor) and not torch.equal(now, right):
            return f"through `{path}`, the gradient of `{leaf}` is {number(now)}, and {number(right)} without the write"
    return ""


def no_leaf(paths: list[str], moments: list[Moment]) -> str:
    """A tensor that was to be a leaf is none: backward leaves it without a gradient."""
    for moment in moments:
        for path, seen in moment.names.items():
            tensor = seen.holder
            if not isinstance(tensor, torch.Tensor) or not any(under(path, name) for name in paths):
                continue
            if tensor.requires_grad and not tensor.is_leaf:
                with torch.enable_grad():
                    tensor.pow(2).sum().backward(retain_graph=True)  # type: ignore[no-untyped-call]
                return f"`{path}` is not a leaf: after backward its gradient is None" if _grad(tensor) is None else ""
    return ""


def _grad(tensor: torch.Tensor) -> torch.Tensor | None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tensor.grad


def adrift(paths: list[str], moments: list[Moment]) -> str:
    """An optimizer steps parameters that nothing else in the program has."""
    for moment in moments:
        things = list(things_of(moment))
        for path, mine in things:
            if not isinstance(mine, optim.Optimizer) or not any(under(path, name) for name in paths):
                continue
            others = [v for _, v in things if v is not mine]
            known = {id(p) for v in others if isinstance(v, nn.Module) for p in v.parameters()}
            known |= {p for v in others if isinstance(v, optim.Optimizer) for p in stepped_by(v)}
            held = stepped_by(mine)
            if held and known and held.isdisjoint(known):
                return f"none of the {len(held)} parameters that `{path}` steps belongs to anything else in the program"
    return ""


def stepped_by(optimizer: optim.Optimizer) -> set[int]:
    """The identities of the parameters that an optimizer steps."""
    return {id(p) for group in optimizer.param_groups for p in group["params"]}


def alike(paths: list[str], moments: list[Moment]) -> str:
    """What is created anew in every iteration is the same each time."""
    seen: list[list[torch.Tensor]] = []
    for moment in moments:
        for path, value in things_of(moment):
            if isinstance(value, nn.Module) and any(under(path, name) for name in paths):
                seen.append([p.detach().clone() for p in value.parameters()])
                break
    if len(seen) > 1 and seen[0]:
        first, last = seen[0], seen[-1]
        same = len(first) == len(last) and all(torch.equal(a, b) for a, b in zip(first, last, strict=True))
        if same:
            return f"{len(seen)} of them start with the same {len(first)} parameters, such as {number(first[0])}"
    return ""


def linked(facts: dict[str, Any], moments: list[Moment]) -> str:
    """The optimizer steps other parameters than those that the model uses."""
    for moment in moments:
        held, used = _held(moment, facts["optimizer"]), _used(moment, facts["paths"])
        missing = [name for name, parameter in used if parameter not in held]
        if held and missing:
            return (
                f"{len(missing)} of the {len(used)} parameters of `{facts['paths'][0]}` are not among those that the "
                f"optimizer steps (`{missing[0]}` is not)"
            )
    return ""


def _held(moment: Moment, name: str) -> set[int]:
    found = [v for p, v in things_of(moment) if isinstance(v, optim.Optimizer) and (not name or under(p, name))]
    found = found or [v for _, v in things_of(moment) if isinstance(v, optim.Optimizer)]
    return {p for o in found for p in stepped_by(o)}


def _used(moment: Moment, names: list[str]) -> list[tuple[str, int]]:
    found = [(p, v) for p, v in things_of(moment) if isinstance(v, nn.Module) and any(under(p, n) for n in names)]
    return [(f"{path}.{name}", id(p)) for path, module in found for name, p in module.named_parameters()]


def things_of(moment: Moment) -> Iterator[tuple[str, object]]:
    """What the names of a moment hold, and what lies in objects and modules among that."""
    for name, value in moment.things.items():
        yield name, value
        if isinstance(value, (nn.Module, Thing, Plain)):
            own = {**vars(value), **dict(value.named_children())} if isinstance(value, nn.Module) else vars(value)
            yield from ((f"{name}.{key}", inner) for key, inner in own.items())
