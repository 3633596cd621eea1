"""A function of another file is interpreted once, for all the files that use it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from test_across import findings

from torchcopylint.interpret.state.frame import Frame

HELPER = """import torch.nn.functional as F


def one_epoch(net, batches, opt):
    for x, y in batches:
        F.mse_loss(net(x), y).backward()
        opt.step()
        opt.zero_grad()
"""
USER = """import torch
from torch import nn

import helper


def main(batches):
    net = nn.Linear(3, 1)
    opt = torch.optim.Adam(net.parameters())
    kept = net.state_dict()
    helper.one_epoch(net, batches, opt)
    net.load_state_dict(kept)
"""


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each function was interpreted, by qualified name; filled as that happens."""
    counted: Counter[str] = Counter()
    made = Frame.__init__

    def counting(self: Frame, program: object, function: object, *rest: object) -> None:
        counted[function.qualname] += 1  # type: ignore[attr-defined]
        made(self, program, function, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Frame, "__init__", counting)
    monkeypatch.setattr("torchcopylint.pool.lone", lambda work, items, lost, patience: map(work, items))
    return counted


def test_a_function_that_ten_files_call_is_interpreted_once_for_each_reader(
    tmp_path: Path, entered: Counter[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "helper.py").write_text(HELPER)
    users = [tmp_path / f"user{n}.py" for n in range(10)]
    for user in users:
        user.write_text(USER)
    found = findings([str(user) for user in users])
    assert [f.code for f in found] == ["TCL401"] * 10
    assert entered["helper:one_epoch"] == 2, "once for the first look, once for what is reported"
    assert entered["helper:<module>"] == 2


def test_a_function_that_comes_back_to_itself_by_way_of_another_file_is_the_same_for_all(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "helper.py").write_text(f"import back\n{HELPER}    back.again(net, batches, opt)\n")
    again = "def again(net, batches, opt):\n    helper.one_epoch(net, batches[1:], opt)\n"
    (tmp_path / "back.py").write_text(f"import helper\n\n\n{again}")
    users = [tmp_path / f"user{n}.py" for n in range(3)]
    for user, name in zip(users, ("helper.one_epoch", "back.again", "helper.one_epoch"), strict=True):
        user.write_text(USER.replace("import helper", "import back\nimport helper").replace("helper.one_epoch", name))
    every = [str(user) for user in users]
    together, backwards = sorted(map(str, findings(every))), sorted(map(str, findings(every[::-1])))
    assert len(together) == 3
    assert together == backwards == sorted(str(f) for user in every for f in findings([user]))
