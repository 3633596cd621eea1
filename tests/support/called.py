"""Files of Python → what every function and class in them does with stand-ins for its arguments, as plain text.

`python called.py` reads pairs `[FILE, ROOT]` in JSON from standard input, one a line, and prints a JSON object for
each: what was called, with which stand-ins, and what came of it. What a call gives is written into afterwards, so that
memory it shares with an argument shows in the argument. A file that is a program is run as one as well. Each file has
a process of its own, forked from one that has imported torch.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import itertools
import json
import os
import random
import re
import runpy
import signal
import sys
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

CALLS = 24
"""Calls tried of each function."""
SECONDS = 6
"""Time for one call."""
FILE_SECONDS = 240
"""Time for one file."""
PROGRAM = "the program"
DEPTH = 4

Make = Callable[[], object]


class Late(Exception):
    """A call takes too long."""


def _net() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))


def _optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD(_net().parameters(), lr=0.1)


def _batches() -> list[object]:
    return [(torch.rand(3, 3), torch.rand(3, 3)) for _ in range(2)]


MAKERS: dict[str, Make] = {
    "matrix": lambda: torch.rand(3, 3),
    "vector": lambda: torch.rand(3),
    "scalar": lambda: torch.tensor(1.5),
    "indices": lambda: torch.tensor([2, 0, 1]),
    "index": lambda: torch.tensor(1),
    "mask": lambda: torch.tensor([True, False, True]),
    "batch": lambda: torch.rand(2, 3, 4, 4),
    "leaf": lambda: torch.rand(3, 3, requires_grad=True),
    "parameter": lambda: nn.Parameter(torch.rand(3, 3)),
    "array": lambda: np.arange(9.0, dtype=np.float32).reshape(3, 3),
    "int": lambda: 2,
    "one": lambda: 1,
    "float": lambda: 0.5,
    "yes": lambda: True,
    "str": lambda: "mean",
    "none": lambda: None,
    "tensors": lambda: [torch.rand(3, 3), torch.rand(3, 3)],
    "deque": lambda: deque([torch.rand(3), torch.rand(3)], maxlen=4),
    "set": lambda: {torch.rand(3), nn.Parameter(torch.rand(3))},
    "tuple": lambda: (torch.rand(3, 3), torch.rand(3, 3)),
    "dict": lambda: {"x": torch.rand(3, 3), "y": torch.rand(3, 3)},
    "net": _net,
    "linear": lambda: nn.Linear(3, 3),
    "state": lambda: _net().state_dict(),
    "optimizer": _optimizer,
    "batches": _batches,
    "function": lambda: torch.relu,
    "shape": lambda: (3,),
    "rows": lambda: iter([torch.rand(3), torch.rand(3)]),
}
"""Stand-ins, each made anew for every call."""
LIKELY = (
    (r"deque|queue|window", ("deque", "tensors")),
    (r"\bset\b|Set\b|frozenset", ("set",)),
    (r"Iterator|Generator|Iterable", ("rows", "tensors")),
    (r"Callable|_fn$", ("function", "net")),
    (r"[Dd]ict|Mapping|batch$|state", ("dict", "state", "matrix")),
    (r"[Ll]ist|Sequence|[Tt]uple|s$", ("tensors", "tuple", "matrix")),
    (r"optim", ("optimizer",)),
    (r"loader|batches", ("batches",)),
    (r"Module|model|net|layer|policy|critic", ("net", "linear")),
    (r"ndarray|array|arr$", ("array",)),
    (r"bool", ("yes",)),
    (r"float|lr|alpha|eps|tau", ("float", "scalar")),
    (r"\bint\b|n$|dim|size|steps|epochs|width|depth|k$|idx|index", ("int", "one", "indices", "index")),
    (r"str", ("str",)),
    (r"mask|keep", ("mask",)),
    (r"shape", ("shape",)),
    (r"Parameter", ("parameter",)),
    (r"Tensor", ("matrix", "vector", "batch", "scalar", "indices", "leaf")),
)
_TENSORS = ("matrix", "vector", "batch", "scalar", "indices", "leaf")
SAID = {
    r"<class 'torch.Tensor'>|torch.Tensor|Tensor": _TENSORS,
    r"<class 'numpy.ndarray'>|np.ndarray": ("array",),
    r"<class 'int'>|int": ("int", "one"),
    r"<class 'float'>|float": ("float",),
    r"<class 'dict'>|dict\[str, (torch\.)?Tensor\]": ("dict",),
    r"<class 'list'>|([Ll]ist|Sequence)\[(torch\.)?Tensor\]": ("tensors",),
    r"<class 'torch.nn.modules.linear.Linear'>": ("linear",),
    r"<class 'torch.nn.modules.module.Module'>": ("net", "linear"),
}
"""What an annotation says plainly: no other stand-in is tried."""
_OFTEN = ("matrix", "vector", "tensors", "dict", "deque", "array", "int", "net", "none")


def choices(parameter: inspect.Parameter) -> list[str]:
    """The stand-ins to try for a parameter, likeliest first: by its annotation, by its name, then whatever is left."""
    said = "" if parameter.annotation is parameter.empty else str(parameter.annotation)
    plain = next((names for word, names in SAID.items() if re.fullmatch(word, said)), ())
    if plain:
        return list(plain)
    found = [name for pattern, names in LIKELY if re.search(pattern, said) for name in names]
    found += [name for pattern, names in LIKELY if re.search(pattern, parameter.name) for name in names]
    if "Optional" in said or "None" in said:
        found.append("none")
    return list(dict.fromkeys((*found[:6], *_OFTEN)))[:9]


def told(value: object, depth: int = DEPTH) -> object:
    """What a value holds, as text and numbers that compare."""
    if isinstance(value, torch.Tensor):
        return _told_tensor(value)
    if isinstance(value, np.ndarray):
        return ["array", str(value.dtype), list(value.shape), str(np.round(value, 4).tolist())]
    if isinstance(value, nn.Module):
        return [type(value).__name__, sum(p.numel() for p in value.parameters()), told(value.state_dict(), 1)]
    if isinstance(value, dict) and depth:
        return ["dict", [[str(key), told(held, depth - 1)] for key, held in value.items()]]
    if isinstance(value, list | tuple | deque) and depth:
        return [type(value).__name__, [told(held, depth - 1) for held in value]]
    if isinstance(value, set | frozenset):
        return [type(value).__name__, len(value)]
    if isinstance(value, int | float | str | bool | None):
        return round(value, 4) if isinstance(value, float) else value
    if inspect.isgenerator(value) and depth:
        return ["generator", [told(held, depth - 1) for held in itertools.islice(value, 4)]]
    held = getattr(value, "__dict__", None)
    return [type(value).__name__, told(held, depth - 1)] if held and depth else type(value).__name__


def _told_tensor(value: torch.Tensor) -> object:
    with torch.no_grad():
        numbers = value.detach().to_dense() if value.layout is not torch.strided else value.detach()
        shown = (
            str(np.round(numbers.cpu().numpy().astype(float), 4).tolist()) if not value.is_complex() else str(numbers)
        )
    gradient = told(value.grad) if value.is_leaf and value.grad is not None else None
    return [type(value).__name__, str(value.dtype), value.requires_grad, shown, gradient]


def standing(value: object) -> tuple[int, int]:
    """How many different tensors that a value holds hang on the graph, and how many have a gradient."""
    found = list(tensors_in(value, DEPTH, set()))
    return sum(t.requires_grad for t in found), sum(t.is_leaf and t.grad is not None for t in found)


def tensors_in(value: object, depth: int, seen: set[int]) -> Iterator[torch.Tensor]:
    """The tensors that a value holds, each once."""
    if id(value) in seen or not depth:
        return
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        yield value
        return
    inner: Iterable[object] = ()
    if isinstance(value, nn.Module):
        inner = (*value.parameters(), *vars(value).values())
    elif isinstance(value, dict | list | tuple | deque | set | frozenset):
        inner = value.values() if isinstance(value, dict) else value
    elif not isinstance(value, type) and not callable(value):
        inner = getattr(value, "__dict__", {}).values()
    for held in list(inner):
        yield from tensors_in(held, depth - 1, seen)


def poke(value: object, depth: int = DEPTH) -> None:
    """Write into every tensor and array that a value holds."""
    if isinstance(value, torch.Tensor):
        with contextlib.suppress(Exception), torch.no_grad():
            value.logical_not_() if value.dtype is torch.bool else value.add_(1)
    elif isinstance(value, np.ndarray):
        with contextlib.suppress(Exception):
            value += 1
    elif isinstance(value, dict | list | tuple | deque | set | frozenset) and depth:
        for held in value.values() if isinstance(value, dict) else value:
            poke(held, depth - 1)


def outcome(call: Callable[..., object], names: list[str], keywords: tuple[str, ...]) -> object:
    """What came of a call with these stand-ins: what was raised; or what it gave, and what it did to its arguments."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    given = [MAKERS[name]() for name in names]
    first = len(given) - len(keywords)
    named = dict(zip(keywords, given[first:], strict=True))

    def late(*_: object) -> None:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = call(*given[:first], **named)
            if inspect.isgenerator(result):
                result = list(itertools.islice(result, 4))
        before = [told(result), told(given)]
        owner = getattr(call, "__self__", None)
        graph = [standing(result)[0], standing([given, owner])[1]]
        poke(result)
        return {
            "gave": before,
            "graph": graph,
            "poked": [told(given), told(vars(owner) if owner is not None else None)],
        }
    except Late:
        return {"raised": "too late"}
    except Exception as error:
        return {"raised": type(error).__name__}
    finally:
        signal.alarm(0)


def combinations(call: Callable[..., object]) -> tuple[list[list[str]], tuple[str, ...]]:
    """The stand-ins to call a function with, and those parameters among them that go by keyword."""
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        return [], ()
    wanted = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.default is p.empty]
    every = [choices(p) for p in wanted]
    alike = [list(row) for row in zip(*every, strict=False)] if every else [[]]
    likeliest = [[options[min(n, len(options) - 1)] for options in every] for n in range(2)]
    chance = random.Random(0)
    mixed = [[chance.choice(options) for options in every] for _ in range(4 * CALLS if every else 0)]
    chosen = list(dict.fromkeys(map(tuple, (*likeliest, *alike, *mixed))))[:CALLS]
    return [list(row) for row in chosen], tuple(p.name for p in wanted if p.kind is p.KEYWORD_ONLY)


def made(kind: type) -> Iterator[tuple[str, object]]:
    """Objects of a class, by the stand-ins that its constructor took."""
    rows, keywords = combinations(kind)
    found = 0
    for names in rows:
        torch.manual_seed(0)
        given = [MAKERS[name]() for name in names]
        first = len(given) - len(keywords)
        try:
            yield ",".join(names), kind(*given[:first], **dict(zip(keywords, given[first:], strict=True)))
        except Exception:
            continue
        found += 1
        if found == 2:
            return


def called(module: Any) -> dict[str, object]:
    """What came of calling every function, and every method of every class, that a module defines."""
    found: dict[str, object] = {}
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            for names, thing in made(value):
                found[f"{name}({names})"] = told(thing)
                for method, call in inspect.getmembers(thing, inspect.ismethod):
                    if getattr(call.__func__, "__module__", None) == module.__name__ and method != "__init__":
                        _note(found, f"{name}({names}).{method}", call)
        elif inspect.isfunction(value):
            _note(found, name, value)
    return found


def _note(found: dict[str, object], name: str, call: Callable[..., object]) -> None:
    rows, keywords = combinations(call)
    for names in rows:
        found[f"{name}({','.join(names)})"] = outcome(call, names, keywords)


def as_module(file: str, root: str) -> dict[str, object]:
    """What came of everything in a file, read as a module below a root, and of the file as a program if it is one."""
    sys.path.insert(0, root)
    os.chdir(root)
    name = ".".join(Path(file).resolve().relative_to(Path(root).resolve()).with_suffix("").parts)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            module = importlib.import_module(name)
        except BaseException as error:
            return {"import": {"raised": type(error).__name__}}
        found = called(module)
        if "__main__" in Path(file).read_text(encoding="utf-8", errors="replace"):
            found[PROGRAM] = as_program(file)
    return found


def as_program(file: str) -> object:
    """What was raised when a file was run as a program, if anything."""
    sys.argv = [file]
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as end:
        return {"raised": f"SystemExit {end.code}"} if end.code else {}
    except BaseException as error:
        return {"raised": type(error).__name__}
    return {}


def in_process(file: str, root: str) -> str:
    """The same as JSON, found out in a process of its own; "" where that ended before its time, or did not end."""
    with tempfile.TemporaryFile("w+") as answer:
        child = os.fork()
        if not child:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            json.dump(as_module(file, root), answer, default=str)
            answer.flush()
            os._exit(0)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
        signal.alarm(FILE_SECONDS)
        os.waitpid(child, 0)
        signal.alarm(0)
        answer.seek(0)
        return answer.read()


def main() -> None:
    """Answer each line of standard input."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    _optimizer().step()  # torch imports what it needs for that now, and in no call's time
    for line in sys.stdin:
        print(in_process(*json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
