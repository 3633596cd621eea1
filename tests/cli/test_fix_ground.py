"""On what a safe fix rests: constructors and plain annotations. What rests on a guess is fixed only when asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from blocks import blocks
from workspace import TESTS, Run, write

HEAD = (
    "import copy\nfrom collections.abc import Mapping\n\nimport numpy as np\nimport torch\nfrom torch import nn\n\n\n"
)

SAFE = {
    "computed_from_annotated": """\
        def centred(x: torch.Tensor):
            return (x - x.mean()).clone()
        """,
    "joined_from_annotated": """\
        def joined(x: torch.Tensor, y: "torch.Tensor"):
            return torch.cat([x, y]).clone()
        """,
    "picked_by_a_mask": """\
        def kept(x: torch.Tensor):
            return x[x > 0].clone()
        """,
    "made_by_a_factory": """\
        def scaled(n: int):
            x = torch.zeros(n)
            return (x * 2).clone()
        """,
    "tested": """\
        def centred(x):
            if isinstance(x, torch.Tensor):
                return (x - x.mean()).clone()
            return x
        """,
    "attribute_that_stays_what_it_is": """\
        class Replay:
            def __init__(self):
                self.rows = torch.zeros(8, 3)

            def add(self, row: torch.Tensor):
                self.rows[0] = row.clone()
        """,
    "modules_by_annotation": """\
        def sync(target: nn.Module, online: nn.Module):
            target.load_state_dict(copy.deepcopy(online.state_dict()))
        """,
    "modules_of_the_file": """\
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(2, 2)


        def sync():
            online, target = Net(), Net()
            target.load_state_dict(copy.deepcopy(online.state_dict()))
            return online, target
        """,
    "written_to_a_copy_without_gradients": """\
        def cleared(n: int):
            x = torch.zeros(n)
            x[x > 0].zero_()
            return x
        """,
    "expanded_base_nobody_sees": """\
        def ramp(n: int):
            x = torch.arange(n).expand(3, n)
            x[0] += 1
            return x
        """,
    "layers_made_on_the_spot": """\
        def stack(depth: int):
            return nn.Sequential(*([nn.Linear(3, 3)] * depth))
        """,
}
UNSAFE = {
    "operand_of_unknown_kind": """\
        def centred(x: torch.Tensor, mean):
            return (x - mean).clone()
        """,
    "joined_from_whatever_is_given": """\
        def joined(rows):
            return torch.cat(rows).clone()
        """,
    "what_a_dict_is_said_to_hold": """\
        def centred(batch: Mapping[str, torch.Tensor]):
            return (batch["x"] - batch["x"].mean()).clone()
        """,
    "perhaps_none": """\
        def centred(x: torch.Tensor | None):
            return (x - x.mean()).clone()
        """,
    "annotation_that_the_body_contradicts": """\
        def centred(x: torch.Tensor):
            before = x.copy()
            return (x - x.mean()).clone(), before
        """,
    "known_by_its_use": """\
        def centred(x):
            x.mul_(2)
            return (x - x.mean()).clone()
        """,
    "modules_by_their_use": """\
        def sync(target, online):
            for p, q in zip(target.parameters(), online.parameters()):
                print(p.norm(), q.norm())
            target.load_state_dict(copy.deepcopy(online.state_dict()))
        """,
    "attribute_that_is_replaced": """\
        class Replay:
            def __init__(self):
                self.rows = torch.zeros(8, 3)

            def use(self, rows):
                self.rows = rows

            def add(self, row: torch.Tensor):
                self.rows[0] = row.clone()
        """,
    "base_that_cannot_be_seen": """\
        from models import Base


        class Net(nn.Module, Base):
            pass


        def sync():
            online, target = Net(), Net()
            target.load_state_dict(copy.deepcopy(online.state_dict()))
            return online, target
        """,
    "method_that_a_tensor_lacks": """\
        def snapshot(x: torch.Tensor):
            return x.copy()
        """,
    "write_that_torch_may_refuse": """\
        def cleared(x: torch.Tensor):
            x[x > 0].zero_()
            return x
        """,
    "expanded_base_that_is_read": """\
        def ramp(x: torch.Tensor, n: int):
            base = x * 2
            y = base.expand(n, 3)
            y[0] += 1
            return y, base
        """,
    "elements_put_in_order": """\
        def rows(x: np.ndarray):
            return np.array(x).copy()
        """,
    "a_gradient_that_would_end_there": """\
        def attack(net: nn.Module, x: torch.Tensor):
            features = net(x)
            leaf = features.clone().requires_grad_()
            leaf.sum().backward()
            return leaf.grad
        """,
    "picked_by_what_may_be_a_number": """\
        def first(x: torch.Tensor):
            place = torch.nonzero(x).squeeze()
            return x[place].clone()
        """,
}


def dedented(text: str) -> str:
    """A program of these tables, whose lines are eight columns in."""
    return HEAD + "".join(f"{line.removeprefix(' ' * 8)}\n" for line in text.rstrip().splitlines())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all of these programs, each in a file of its name."""
    write(tmp_path, **{name: dedented(text) for name, text in (SAFE | UNSAFE).items()})
    return tmp_path


def test_only_what_rests_on_firm_ground_is_fixed_unasked(torchcopylint: Run, folder: Path) -> None:
    torchcopylint("--fix", ".", cwd=folder)
    changed = {name for name, text in (SAFE | UNSAFE).items() if (folder / f"{name}.py").read_text() != dedented(text)}
    assert changed == set(SAFE)


def test_what_rests_on_a_guess_can_be_asked_for(torchcopylint: Run, folder: Path) -> None:
    report = json.loads(torchcopylint("--confidence", "low", "--output-format", "json", ".", cwd=folder).stdout)
    offered = {Path(record["path"]).stem: record["fix"]["applicability"] for record in report if record["fix"]}
    assert {name for name, how in offered.items() if how == "safe"} == set(SAFE)
    assert {name for name, how in offered.items() if how == "unsafe"} == set(UNSAFE)


def test_containers_of_tensors_are_left_alone(torchcopylint: Run, tmp_path: Path) -> None:
    programs = {f"p{block.line}": block.text for block in blocks(TESTS / "cases" / "quiet" / "containers.md")}
    write(tmp_path, **programs)
    done = torchcopylint("--fix", "--unsafe-fixes", ".")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 findings fixed\n")
    assert {name: (tmp_path / f"{name}.py").read_text() for name in programs} == programs
