"""Claims: whatever the analysis says of a line, torch confirms the bugs there, refutes right code, and else is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from torchcopylint.confirm.asked import Ask
from torchcopylint.confirm.claim import Claim, answers, put
from torchcopylint.confirm.session import Session
from torchcopylint.files.source import read
from torchcopylint.parse.concrete import parse

pytest.importorskip("torch")

HEAD = "import copy\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"


@dataclass(frozen=True)
class Case:
    """A function with a marked line, a rule, and what torch should say to the claim that it is right there."""

    name: str
    rule: str
    outcome: str
    text: str


CASES = [
    Case(
        "an argument is changed",
        "argument-written",
        "confirmed",
        """
def loss(pred: torch.Tensor, target: torch.Tensor):
    pred.clamp_(0.1, 0.9)  # here
    return (pred - target).abs().mean()
""",
    ),
    Case(
        "a new tensor is bound to the name of an argument",
        "argument-written",
        "refuted",
        """
def loss(pred: torch.Tensor, target: torch.Tensor):
    pred = pred * 0.9  # here
    return (pred - target).abs().mean()
""",
    ),
    Case(
        "a copy is changed",
        "argument-written",
        "refuted",
        """
def loss(pred: torch.Tensor, target: torch.Tensor):
    pred = pred.clone()
    pred.clamp_(0.1, 0.9)  # here
    return (pred - target).abs().mean()
""",
    ),
    Case(
        "a function that is there to write",
        "argument-written",
        "inconclusive",
        """
def whiten_(x: torch.Tensor):
    x.sub_(x.mean())  # here
    return x
""",
    ),
    Case(
        "what a call gives may be the argument",
        "argument-written",
        "inconclusive",
        """
from elsewhere import prepared

def loss(pred: torch.Tensor):
    x = prepared(pred)
    x += 1  # here
    return x.mean()
""",
    ),
    Case(
        "each item is changed once more",
        "dataset-item-written",
        "confirmed",
        """
class Frames(torch.utils.data.Dataset):
    def __init__(self, frames: torch.Tensor):
        self.frames = frames

    def __getitem__(self, i: int):
        frame = self.frames[i]
        frame -= 0.5  # here
        return frame
""",
    ),
    Case(
        "a new item each time",
        "dataset-item-written",
        "refuted",
        """
class Frames(torch.utils.data.Dataset):
    def __init__(self, frames: torch.Tensor):
        self.frames = frames

    def __getitem__(self, i: int):
        frame = self.frames[i] * 1.0
        frame -= 0.5  # here
        return frame
""",
    ),
    Case(
        "the output of exp is changed",
        "write-breaks-backward",
        "confirmed",
        """
def energy(x: torch.Tensor):
    y = x.exp()
    y += 1  # here
    return y.sum()
""",
    ),
    Case(
        "a product with a number saves nothing",
        "write-breaks-backward",
        "refuted",
        """
def energy(x: torch.Tensor):
    y = x * 2.0
    y += 1  # here
    return y.sum()
""",
    ),
    Case(
        "a row is lost",
        "swap-through-views",
        "confirmed",
        """
def swapped(rows: torch.Tensor):
    rows = rows.clone()
    rows[0], rows[1] = rows[1], rows[0]  # here
    return rows
""",
    ),
    Case(
        "indices copy",
        "swap-through-views",
        "refuted",
        """
def swapped(rows: torch.Tensor):
    rows = rows.clone()
    rows[[0, 1]] = rows[[1, 0]]  # here
    return rows
""",
    ),
    Case(
        "the graph is kept over many backwards",
        "graph-kept-in-history",
        "confirmed",
        """
def train(net: nn.Module, loader, opt: torch.optim.Optimizer):
    total = 0.0
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total = total + loss  # here
    return total
""",
    ),
    Case(
        "a number is kept",
        "graph-kept-in-history",
        "refuted",
        """
def train(net: nn.Module, loader, opt: torch.optim.Optimizer):
    total = 0.0
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total = total + loss.item()  # here
    return total
""",
    ),
    Case(
        "one backward through all that is kept",
        "graph-kept-in-history",
        "refuted",
        """
def train(net: nn.Module, loader, opt: torch.optim.Optimizer):
    total = 0.0
    for x, y in loader:
        total = total + F.mse_loss(net(x), y)  # here
    opt.zero_grad()
    total.backward()
    opt.step()
""",
    ),
    Case(
        "a target without a graph",
        "target-without-detach",
        "refuted",
        """
def step(net: nn.Module, x: torch.Tensor, y: torch.Tensor):
    with torch.no_grad():
        goal = net(y)
    return F.mse_loss(net(x), goal)  # here
""",
    ),
    Case(
        "the copy parts what is returned from what is kept",
        "redundant-copy",
        "refuted",
        """
class Ring:
    def __init__(self):
        self.rows = torch.arange(12.0).reshape(3, 4)

    def tail(self):
        return self.rows[1:].clone()  # here
""",
    ),
    Case(
        "a copy that nothing needs is not refuted",
        "redundant-copy",
        "confirmed",
        """
def stacked(x: torch.Tensor, y: torch.Tensor):
    return torch.stack([x, y]).clone()  # here
""",
    ),
    Case(
        "a list is deeply copied",
        "deepcopy-of-tensor",
        "refuted",
        """
def moved(x: torch.Tensor):
    parts = [x, x + 1]
    other = copy.deepcopy(parts)  # here
    return other
""",
    ),
    Case(
        "one copy for many steps",
        "deepcopy-in-hot-loop",
        "refuted",
        """
def clients(server: nn.Module, loaders: list):
    for loader in loaders:
        local = copy.deepcopy(server)  # here
        for _ in range(3):
            local(torch.ones(4, 4)).sum().backward()
""",
    ),
    Case(
        "a number is not changed for the caller",
        "argument-written",
        "inconclusive",
        """
def moved(position, step):
    position += step  # here
    return 2 * position
""",
    ),
    Case(
        "what is called like a tensor is no number",
        "argument-written",
        "confirmed",
        """
def moved(position, step):
    position += step  # here
    return position.abs().sum(dim=1)
""",
    ),
    Case(
        "a label is overwritten only if it is there",
        "argument-written",
        "confirmed",
        """
def loss(logits: torch.Tensor, target: torch.Tensor):
    target[target == -1] = 0  # here
    return (logits - target).abs().mean()
""",
    ),
    Case(
        "each record keeps its own graph",
        "graph-kept-in-history",
        "confirmed",
        """
def train(net: nn.Module, loader, opt: torch.optim.Optimizer):
    log = []
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        record = {}
        record["loss"] = loss  # here
        log.append(record)
    return log
""",
    ),
    Case(
        "a copy of a copy",
        "redundant-copy",
        "confirmed",
        """
def noisy(x: torch.Tensor):
    y = x.clone().clone()  # here
    y += 1
    return y
""",
    ),
    Case(
        "the last row moves before it is read",
        "swap-through-views",
        "confirmed",
        """
def swapped(x: torch.Tensor, i: int, j: int):
    x = x.clone()
    held = x[i]
    x[i] = x[j]
    x[j] = held  # here
    return x
""",
    ),
    Case(
        "what is written goes through its own name",
        "write-to-view",
        "refuted",
        """
class Counter:
    def __init__(self, classes: int):
        self.seen = torch.zeros(classes)

    def add(self, labels: torch.Tensor):
        self.seen[0] += (labels > 0).sum()  # here
        return self
""",
    ),
    Case(
        "what a function gives may be a module",
        "deepcopy-of-non-leaf",
        "inconclusive",
        """
def doubled(build_model):
    net = build_model()
    return net, copy.deepcopy(net)  # here
""",
    ),
    Case(
        "complex numbers are resolved into a copy",
        "conditional-copy",
        "inconclusive",
        """
def phase(z: torch.Tensor):
    z = z * 1.0
    c = z.conj().resolve_conj()
    c.mul_(2.0)  # here
    return c, z
""",
    ),
    Case(
        "the rows are put together again for every batch",
        "cat-in-loop",
        "confirmed",
        """
def gathered(loader):
    rows = torch.zeros(0, 4)
    for x, y in loader:
        rows = torch.cat([rows, x])  # here
    return rows
""",
    ),
    Case(
        "each batch is put together with the same",
        "cat-in-loop",
        "refuted",
        """
def gathered(loader, first: torch.Tensor):
    means = []
    for x, y in loader:
        rows = torch.cat([first, x])  # here
        means.append(rows.mean())
    return means
""",
    ),
    Case(
        "a diagonal of a batch is a view of what the function made itself",
        "argument-written",
        "refuted",
        """
def with_loops(adj: torch.Tensor):
    adj = adj.clone()
    adj.diagonal(dim1=1, dim2=2).fill_(1.0)  # here
    return adj
""",
    ),
    Case(
        "a method of the file is called like one of a dict",
        "graph-kept-in-history",
        "inconclusive",
        """
class Meter:
    def __init__(self):
        self.sum = 0.0

    def update(self, value):
        self.sum += value

def train(net: nn.Module, loader, opt: torch.optim.Optimizer):
    meter = Meter()
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        meter.update(loss)  # here
    return meter.sum
""",
    ),
    Case(
        "no part of a program",
        "argument-written",
        "inconclusive",
        """
def loss(pred):
    # here
    return pred
""",
    ),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_torch_answers(case: Case, session: Session, tmp_path: Path) -> None:
    place = tmp_path / "code.py"
    place.write_text(HEAD + case.text)
    line = next(n for n, text in enumerate(place.read_text().splitlines(), 1) if "# here" in text)
    source = read(str(place))
    asked = put(source, parse(source), [Claim.read(f"{place}:{line}:{case.rule}")])
    (answer,) = answers(session, asked)
    assert answer["outcome"] == case.outcome, f"{answer['reason']}\n{answer.get('written', '')}"


@pytest.mark.parametrize("ask", Ask)
def test_the_process_that_runs_programs_knows_every_question(ask: Ask) -> None:
    from torchcopylint.confirm.worker.line import known

    assert ask.value in known()
