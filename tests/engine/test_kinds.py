"""What names are taken for: by evidence, case by case, and held against what they were when real code ran."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from workspace import TESTS

from torchcopylint.domain.kind import Kind
from torchcopylint.files.source import Source, read
from torchcopylint.interpret import interpret
from torchcopylint.interpret.known import Named, known
from torchcopylint.parse.plain import parse
from torchcopylint.project.project import Project

HEAD = "import torch\nimport torch.nn.functional as F\n\n\n"
CASES = {
    "a network is fed with it, what that gives goes into a loss": (
        "def f(encoder, x, wanted):\n    return F.mse_loss(encoder(x), wanted)\n",
        Kind.TENSOR,
        2,
    ),
    "a layer of the object is": (
        "class A:\n    def __init__(self):\n        self.q = torch.nn.Linear(2, 2)\n\n"
        "    def f(self, x):\n        return self.q(x).max(1).values\n",
        Kind.TENSOR,
        2,
    ),
    "what is fed with it is no network": (
        "def f(lookup, x, wanted):\n    return F.mse_loss(lookup(x), wanted)\n",
        Kind.UNKNOWN,
        0,
    ),
    "it is multiplied by a matrix": ("def f(a: torch.Tensor, x):\n    return a @ x\n", Kind.TENSOR, 2),
    "it is multiplied by a number": ("def f(a: float, x):\n    return a * x\n", Kind.UNKNOWN, 0),
    "rows are taken out of its clone": ("def f(x):\n    return x.clone()[1:]\n", Kind.TENSOR, 2),
    "its clone is called": ("def f(x):\n    return x.clone()(1)\n", Kind.UNKNOWN, 0),
    "two things only tensors have": ("def f(x):\n    return x.detach(), x.unsqueeze(0)\n", Kind.TENSOR, 3),
    "one of them": ("def f(x):\n    return x.detach()\n", Kind.TENSOR, 2),
    "and one that no tensor has": ("def f(x):\n    return x.detach(), x.unsqueeze(0), x.batch_shape\n", Kind.TENSOR, 1),
    "it may be a number, which the function asks": (
        "def f(x: float | torch.Tensor):\n    return x.numel() if isinstance(x, torch.Tensor) else x\n",
        Kind.TENSOR,
        1,
    ),
    "a network by its name and what it has": ("def f(net):\n    return 1\n", Kind.MODULE, 1),
}
CASES["a network by its name and what is read off it"] = ("def f(net):\n    return net.training\n", Kind.MODULE, 2)


def kinds_of(source: Source, project: Project | None = None) -> list[Named]:
    """What is known of the parameters and results in a file."""
    found: list[Named] = []
    around = (project or Project()).around(source.path)
    interpret(parse(source), source, around, look=lambda _, program, __: found.extend(known(program)))
    return found


@pytest.mark.parametrize("case", CASES)
def test_evidence(case: str, tmp_path: Path) -> None:
    code, kind, proof = CASES[case]
    (last,) = [n for n in kinds_of(Source(str(tmp_path / "a.py"), HEAD + code)) if n.name in ("x", "net")][-1:]
    assert (last.known.kind, last.known.proof) == (kind, proof)


RECORD = TESTS / "engine" / "kinds" / "distributions.tsv"
PLAIN = {"parameter": "tensor", "state_dict": "dict"}
NO_OBJECTS = frozenset(
    "tensor module optimizer scheduler loader ndarray list tuple dict set scalar function class".split()
)


def test_what_is_sure_is_so_where_real_code_ran() -> None:
    """Of the code of torch.distributions, whose distributions were all used once, in torch 2.13."""
    torch = pytest.importorskip("torch")
    if not torch.__version__.startswith("2.13"):
        pytest.skip("the record is of another version")
    folder = Path(torch.__file__).parent / "distributions"
    rows = (line.rstrip("\n").split("\t") for line in RECORD.read_text(encoding="utf-8").splitlines())
    was = {(path, function, name): kinds.split(", ") for path, function, name, kinds in rows}
    project, told = Project(), Counter[tuple[int, bool]]()
    for path in sorted({path for path, _, _ in was}):
        for named in kinds_of(read(os.fspath(folder / path)), project):
            truth = was.get((path, named.function.name, named.name))
            if truth and named.known.kind not in (Kind.UNKNOWN, Kind.NONE):
                told[named.known.proof, _is(named.known.kind, truth)] += 1
    sure, likely = told[3, True] / (told[3, True] + told[3, False]), told[2, True] / (told[2, True] + told[2, False])
    assert told[3, True] > 300 and told[2, True] > 50, told
    assert sure >= 0.995, told
    assert likely >= 0.95, told


def _is(kind: Kind, truth: list[str]) -> bool:
    """Whether that was seen; what is no thing of torch or Python's own is an object of some class."""
    seen = {PLAIN.get(outer, outer) for outer in (one.partition(" of ")[0] for one in truth)}
    words = {"scalars": "list", "distribution": "object", "params": "object"}
    said = PLAIN.get(kind.value, words.get(kind.value, kind.value))
    return said in seen or (said == "object" and bool(seen - NO_OBJECTS))
