"""What a program's names hold at a moment: each tensor by the words that lead to it, with its value then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from torchcopylint.confirm.worker.pretend import Plain, Thing

_MOST = 120


@dataclass(frozen=True, eq=False)
class Seen:
    """A tensor (or array) at a moment: which object, what it held, where its memory is, how it stands to the graph."""

    identity: int
    value: torch.Tensor
    memory: int
    attached: bool
    nodes: int
    shared_cells: bool
    holder: object = None
    version: int = 0

    def differs(self, other: Seen) -> bool:
        """Whether the value is another one."""
        if self.value.shape != other.value.shape or self.value.dtype != other.value.dtype:
            return True
        return not torch.equal(torch.nan_to_num(self.value), torch.nan_to_num(other.value))


@dataclass(eq=False)
class Moment:
    """One mark that the program came by: what all names held there; how the write before it spoilt gradients."""

    tag: str
    names: dict[str, Seen] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    spoilt: str = ""
    wrote: dict[str, Seen] = field(default_factory=dict)
    """What the names of the moment before held that is not what it was, as it is now."""
    later: dict[str, Seen] = field(default_factory=dict)
    """What this moment's names held that was changed afterwards, as it was then."""
    unknown: str = ""
    """What was called since the moment before and is only a stand-in."""
    backwards: int = 0
    """How often backward has been called."""


def moment(tag: str, names: dict[str, object], roots: dict[str, object], keep_graph: bool) -> Moment:
    """Everything that the names, and the stand-ins as whoever gave them knows them, hold now."""
    made = Moment(tag)
    things = {name: value for name, value in names.items() if name != "_w"}
    made.things = things
    for name, value in things.items():
        _look(made, name, value, 4, keep_graph, set())
    for key, value in roots.items():
        _look(made, f"the caller's {key}", value, 3, keep_graph, set())
    return made


def _look(made: Moment, path: str, value: object, depth: int, keep_graph: bool, above: set[int]) -> None:
    if len(made.names) >= _MOST or id(value) in above:
        return
    if isinstance(value, torch.Tensor):
        made.names[path] = _tensor(value, keep_graph)
    elif type(value).__module__ == "numpy" and getattr(value, "shape", None):
        made.names[path] = _array(value)
    elif depth:
        for key, inner in _parts(value):
            _look(made, path + key, inner, depth - 1, keep_graph, above | {id(value)})


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, nn.Module):
        named = [*value.named_parameters(recurse=True), *value.named_buffers(recurse=True)]
        yield from ((f".{name}", tensor) for name, tensor in named)
        own = {k: v for k, v in vars(value).items() if not k.startswith("_") and k != "training"}
        yield from ((f".{name}", inner) for name, inner in own.items())
        for name, child in value.named_children():
            yield from ((f".{name}{key}", inner) for key, inner in _parts(child) if not isinstance(inner, nn.Parameter))
    elif isinstance(value, dict):
        yield from ((f"[{_key(key)}]", inner) for key, inner in list(value.items())[:20])
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{number}]", inner) for number, inner in enumerate(value[:20]))
    elif isinstance(value, torch.optim.Optimizer):
        for number, state in enumerate(value.state.values()):
            yield from ((f".state[{number}][{key!r}]", inner) for key, inner in state.items())
    elif isinstance(value, (Thing, Plain)):
        own = {k: v for k, v in vars(value).items() if not k.startswith("_")}
        yield from ((f".{name}", inner) for name, inner in own.items())


def again(seen: Seen) -> Seen:
    """The same tensor or array as it is now."""
    return _tensor(seen.holder, False) if isinstance(seen.holder, torch.Tensor) else _array(seen.holder)


def _key(key: object) -> str:
    text = repr(key)
    return text if len(text) < 40 and "\n" not in text else "..."


def _tensor(value: torch.Tensor, keep_graph: bool) -> Seen:
    bare = value.detach()
    repeated = any(step == 0 and size > 1 for step, size in zip(bare.stride(), bare.shape, strict=True))
    nodes = _graph_size(value) if keep_graph else 0
    attached = value.grad_fn is not None
    version = 0 if value.is_inference() else value._version
    return Seen(id(value), bare.clone(), bare.untyped_storage().data_ptr(), attached, nodes, repeated, value, version)


def _array(value: Any) -> Seen:
    memory = int(value.__array_interface__["data"][0])
    repeated = any(step == 0 and size > 1 for step, size in zip(value.strides, value.shape, strict=True))
    held = torch.from_numpy(value.copy()) if value.dtype.kind in "fiub" and value.dtype.itemsize else torch.zeros(())
    return Seen(id(value), held, memory, False, 0, repeated, value)


def _graph_size(value: torch.Tensor) -> int:
    """How many operations a tensor keeps alive."""
    found: set[object] = set()
    waiting = [value.grad_fn]
    while waiting and len(found) < 5000:
        node = waiting.pop()
        if node is not None and node not in found:
            found.add(node)
            waiting += [inner for inner, _ in node.next_functions]
    return len(found)


def under(path: str, name: str) -> bool:
    """Whether a path is what the name stands for, or a part of it."""
    path, name = _plain(path), _plain(name).partition("[*]")[0]
    return path == name or (path.startswith(name) and path[len(name)] in ".[")


def _plain(path: str) -> str:
    return path.replace('"', "'").replace(" ", "")


def number(value: torch.Tensor) -> str:
    """A tensor in few words."""
    flat = value.reshape(-1)
    shown = ", ".join(f"{x:.4g}" if isinstance(x, float) else str(x) for x in flat[:3].tolist())
    return shown if flat.numel() == 1 else f"[{shown}{', ...' if flat.numel() > 3 else ''}]"
