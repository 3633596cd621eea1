"""Facts about torch, each run on the torch at hand: what shares, what is the same, what the graph and a write do.

facts/relations.txt: what torch makes of `r` and `x`, what the analysis says of them, and the code. The analysis may say
less than torch shows ("perhaps", "unknown"), as it does today, but never the contrary. facts/asserted.md: code that
asserts. What of the facts that are known is not among these is listed, with reasons, in facts/README.md.
"""

from __future__ import annotations

import copy
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from blocks import blocks

from torchcopylint.domain.heap import State
from torchcopylint.domain.identity import overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.value import refs_of
from torchcopylint.files.source import Source
from torchcopylint.interpret import transfer
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.state.program import Program
from torchcopylint.lower import lower
from torchcopylint.parse.concrete import parse

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")

FACTS = Path(__file__).with_name("facts")
START = "import copy\nimport numpy as np\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
RELATIONS = [
    tuple(part.strip() for part in line.split("|", 2))
    for line in (FACTS / "relations.txt").read_text("utf-8").splitlines()
    if line and line[0] != "#"
]
CONTRARY = {("same", "fresh"), ("view", "fresh"), ("fresh", "view"), ("fresh", "same"), ("view", "same")}
"""What the analysis must not say (second) of what torch shows (first)."""
KNOWN_CONTRARY = 4
"""So many rows say the contrary of torch: facts/README.md says which."""


def names() -> dict[str, Any]:
    """What the code of a fact may use."""
    return {
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
        "np": np,
        "copy": copy,
        "io": io,
        "os": os,
        "pickle": pickle,
        "raises": pytest.raises,
        "relation": relation,
        "array_relation": lambda one, other: "view" if np.shares_memory(_array(one), _array(other)) else "fresh",
    }


def _array(thing: Any) -> Any:
    return thing if isinstance(thing, np.ndarray) else thing.detach().numpy()


def relation(one: Any, other: Any) -> str:
    """How two tensors are related: the same object, a view (any storage is shared), or fresh."""
    if one is other:
        return "same"
    return "view" if _places(one) & _places(other) else "fresh"


def _places(tensor: Any) -> set[int]:
    if tensor.is_nested:
        tensor = tensor.values()
    if tensor.layout is torch.sparse_coo:
        return {tensor._values().untyped_storage().data_ptr(), tensor._indices().untyped_storage().data_ptr()}
    if tensor.layout is torch.strided:
        return {tensor.untyped_storage().data_ptr()}
    return {tensor.values().untyped_storage().data_ptr()}


def run(code: str) -> dict[str, Any]:
    """Execute a fact's code."""
    found = names()
    exec(compile(code, "<fact>", "exec"), found)
    return found


def said(code: str) -> str:
    """What the analysis says of `r` and `x` at the end of the code: same, view, perhaps, fresh, unknown."""
    program = Program(transfer.run)
    frame = enter(program, lower(parse(Source("a.py", START + code))).top)
    assert frame is not None and frame.state is not None, program.skipped
    return _related(frame.state)


def _related(state: State) -> str:
    ours, theirs = (state.env.get(name, ()) for name in "rx")
    mine, others = refs_of(ours), refs_of(theirs)
    cells = [state.heap[ref.obj] for ref in mine]
    if not mine or len(mine) < len(ours) or any(c.kind is Kind.UNKNOWN or c.made is Origin.CALLED for c in cells):
        return "unknown"
    if {ref.obj for ref in mine} == {ref.obj for ref in others}:
        return "same"
    regions = [region for ref in others for region in state.heap[ref.obj].regions]
    if not any(overlap(one, other) for cell in cells for one in cell.regions for other in regions):
        return "fresh"
    return "view" if all(cell.sure is Sure.MUST for cell in cells) else "perhaps"


def code_of(line: str) -> str:
    """The code of a row, whose line breaks are written `\\n`."""
    return line.replace("\\n", "\n")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("shown", "told", "line"), RELATIONS, ids=[row[2][:60] for row in RELATIONS])
def test_torch_relates_them_so(shown: str, told: str, line: str) -> None:
    code = code_of(line)
    if shown == "error":
        with pytest.raises((RuntimeError, TypeError, ValueError)):
            run(code)
        return
    found = run(code)
    assert relation(found["r"], found["x"]) == shown


@pytest.mark.parametrize(("shown", "told", "line"), RELATIONS, ids=[row[2][:60] for row in RELATIONS])
def test_the_analysis_says_so(shown: str, told: str, line: str) -> None:
    assert said(code_of(line)) == told


def test_the_analysis_never_says_the_contrary() -> None:
    assert sum((shown, told) in CONTRARY for shown, told, _ in RELATIONS) == KNOWN_CONTRARY


def test_mostly_it_says_what_torch_shows() -> None:
    """A "view" is said of the same object too: nothing follows from which of the two it is."""
    exact = sum(shown == told or (shown, told) == ("same", "view") for shown, told, _ in RELATIONS)
    assert exact >= 96


ASSERTED = blocks(FACTS / "asserted.md")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("block", ASSERTED, ids=[f"{block.headings[-1]}:{block.line}" for block in ASSERTED])
def test_torch_does_so(block: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    exec(compile(block.text, f"asserted.md:{block.line}", "exec"), {**names(), "folder": tmp_path})


def stepped(make: Callable[[Any], Any]) -> tuple[Any, Any, dict[str, Any]]:
    """An optimizer that has stepped once; its parameter; the tensors of its state."""
    parameter = torch.nn.Parameter(torch.full((2, 2), 2.0))
    optimizer = make([parameter])
    parameter.grad = torch.full((2, 2), 3.0)
    optimizer.step(*_closure(optimizer))
    return optimizer, parameter, {k: v for k, v in optimizer.state[parameter].items() if torch.is_tensor(v)}


def _closure(optimizer: Any) -> tuple[Any, ...]:
    return (lambda: torch.tensor(1.0),) if isinstance(optimizer, torch.optim.LBFGS) else ()


STATEFUL: dict[str, Callable[[Any], Any]] = {
    "SGD with momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam with amsgrad": lambda p: torch.optim.Adam(p, lr=0.1, amsgrad=True),
    "Adam with amsgrad, foreach": lambda p: torch.optim.Adam(p, lr=0.1, amsgrad=True, foreach=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.1),
    "ASGD": lambda p: torch.optim.ASGD(p, lr=0.1),
    "ASGD, foreach": lambda p: torch.optim.ASGD(p, lr=0.1, foreach=True),
    "Rprop": lambda p: torch.optim.Rprop(p, lr=0.1),
    "NAdam": torch.optim.NAdam,
    "RAdam": torch.optim.RAdam,
    "Adafactor": torch.optim.Adafactor,
    "Muon": torch.optim.Muon,
    "Adagrad": torch.optim.Adagrad,
    "RMSprop, centred": lambda p: torch.optim.RMSprop(p, momentum=0.9, centered=True),
    "Adamax": torch.optim.Adamax,
    "Adadelta": torch.optim.Adadelta,
}


@pytest.mark.parametrize("name", STATEFUL)
def test_a_step_writes_the_state_of_an_optimizer_in_place(name: str) -> None:
    optimizer, parameter, before = stepped(STATEFUL[name])
    assert before
    optimizer.step()
    after = optimizer.state[parameter]
    assert all(after[key] is tensor for key, tensor in before.items())


KEEPING: dict[str, Callable[[Any], Any]] = {
    "SGD with Nesterov momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, foreach=False),
    "SGD with momentum, foreach": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, foreach=True),
    "SGD with decay, foreach": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.1, foreach=True),
    "Rprop": lambda p: torch.optim.Rprop(p, lr=0.1),
    "Rprop, foreach": lambda p: torch.optim.Rprop(p, lr=0.1, foreach=True),
    "Adam with decay, foreach": lambda p: torch.optim.Adam(p, lr=0.1, weight_decay=0.1, foreach=True),
    "Adam, fused": lambda p: torch.optim.Adam(p, lr=0.1, fused=True),
    "Adadelta, foreach": lambda p: torch.optim.Adadelta(p, foreach=True),
    "Adagrad, foreach": lambda p: torch.optim.Adagrad(p, foreach=True, weight_decay=0.1),
    "Adamax, foreach": lambda p: torch.optim.Adamax(p, foreach=True),
    "NAdam, foreach": lambda p: torch.optim.NAdam(p, foreach=True),
    "RAdam, foreach": lambda p: torch.optim.RAdam(p, foreach=True),
    "RMSprop, foreach": lambda p: torch.optim.RMSprop(p, foreach=True, momentum=0.9),
    "ASGD, foreach": lambda p: torch.optim.ASGD(p, foreach=True),
    "Muon": lambda p: torch.optim.Muon(p, lr=0.1),
    "Muon without Nesterov": lambda p: torch.optim.Muon(p, lr=0.1, nesterov=False),
    "Adafactor": lambda p: torch.optim.Adafactor(p, lr=0.1),
    "LBFGS": lambda p: torch.optim.LBFGS(p, lr=0.1),
}


def _gradient_stays(make: Callable[[Any], Any]) -> bool:
    optimizer, parameter, _ = stepped(make)
    optimizer.step(*_closure(optimizer))
    return bool((parameter.grad == 3.0).all())


@pytest.mark.parametrize("name", KEEPING)
def test_a_step_leaves_the_gradient_as_it_was(name: str) -> None:
    assert _gradient_stays(KEEPING[name])


def test_sgd_with_nesterov_momentum_and_foreach_writes_the_gradient() -> None:
    assert not _gradient_stays(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, foreach=True))
