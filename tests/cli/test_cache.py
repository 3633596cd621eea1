"""Results of earlier runs: used while nothing changed that they rest on, and only then; never in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from workspace import ROOT

from torchcopylint.cache.cache import NAME, Cache, default_folder
from torchcopylint.config import Settings
from torchcopylint.ir import Module
from torchcopylint.project.project import Place, Surroundings
from torchcopylint.run import Target, run

KEEPER = "class Keeper:\n    def take(self, model):\n        self.best = {how}\n"
TRAIN = """\
import torch
from keeper import Keeper


def fit(model: torch.nn.Module, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    keeper = Keeper()
    keeper.take(model)
    for x, y in loader:
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    model.load_state_dict(keeper.best)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two files, of which one keeps the weights of the other's model by reference."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "keeper.py").write_text(KEEPER.format(how="model.state_dict()"), encoding="utf-8")
    (tmp_path / "train.py").write_text(TRAIN, encoding="utf-8")
    return tmp_path


def lint(project: Path, *more: str) -> tuple[str, list[str]]:
    """What the real program prints for the project, and the modules of libcst that it imported for it."""
    program = (
        "import sys\nfrom torchcopylint import pool\nfrom torchcopylint.cli import main\n"
        "pool.lone = lambda work, items, lost, patience: map(work, items)\n"  # in a child it would not be seen here
        "try:\n    main()\nfinally:\n    print([m for m in sys.modules if m == 'libcst'], file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program, *(more or (".",))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout, json.loads(done.stderr.splitlines()[-1].replace("'", '"'))


def test_what_was_found_is_found_again_without_parsing(project: Path) -> None:
    first, parsed = lint(project)
    assert "train.py:8:5: TCL401" in first and parsed
    assert lint(project) == (first, [])


def test_a_change_of_the_file_counts(project: Path) -> None:
    lint(project)
    (project / "train.py").write_text(f"# one line more\n{TRAIN}", encoding="utf-8")
    assert "train.py:9:5: TCL401" in lint(project)[0]


def test_a_change_of_a_file_that_it_uses_counts(project: Path) -> None:
    lint(project)
    copied = "__import__('copy').deepcopy(model.state_dict())"
    (project / "keeper.py").write_text(KEEPER.format(how=copied), encoding="utf-8")
    assert lint(project)[0] == ""


def test_a_file_that_comes_up_where_a_name_may_lead_counts(project: Path) -> None:
    (project / "keeper.py").rename(project / "later")
    assert lint(project)[0] == ""
    (project / "later").rename(project / "keeper.py")
    assert "TCL401" in lint(project)[0]


def test_a_file_that_comes_to_call_it_counts(project: Path) -> None:
    halved = "import torch\n\n\ndef halved(signal):\n    w = signal[2:5]\n    w *= 0.5\n    return max(signal), w\n"
    (project / "filters.py").write_text(halved, encoding="utf-8")
    assert "TCL301" not in lint(project)[0]
    (project / "use.py").write_text("import torch\nimport filters\nfilters.halved(torch.ones(9))\n", encoding="utf-8")
    assert "filters.py:6:5: TCL301" in lint(project)[0]
    (project / "use.py").write_text("import torch\nimport filters\nfilters.halved([1.0, 2.0])\n", encoding="utf-8")
    assert "TCL301" not in lint(project)[0]


def test_settings_count(project: Path) -> None:
    lint(project)
    assert lint(project, "--ignore", "TCL401", ".")[0] == ""


def test_a_spoilt_entry_is_as_good_as_none(project: Path) -> None:
    first, _ = lint(project)
    entries = list((project / NAME).rglob("*.json"))
    assert entries
    whole = entries[0].read_text(encoding="utf-8")
    spoilt = ["", "[]", "{", '{"digest": 1}', json.dumps({"digest": "", "looked": {"files": 3}, "result": None})]
    spoilt += ["[" * 5000 + "]" * 5000, whole.replace('"TCL401"', '"TCL000"')]
    for text in spoilt:
        for entry in entries:
            entry.write_text(text, encoding="utf-8")
        assert lint(project)[0] == first


def test_git_and_backups_leave_it_alone_and_clean_removes_it(project: Path) -> None:
    lint(project)
    assert (project / NAME / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert (project / NAME / "CACHEDIR.TAG").read_text(encoding="utf-8").startswith("Signature: ")
    lint(project, "clean")
    assert not (project / NAME).exists()
    lint(project, "--no-cache", ".")
    assert not (project / NAME).exists()


def test_a_place_that_cannot_be_written_keeps_nothing(project: Path) -> None:
    (project / NAME).write_text("a file where the directory should be", encoding="utf-8")
    assert "TCL401" in lint(project)[0]


def test_a_change_while_it_is_linted_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Surroundings.module

    def read_and_then_changed(self: Surroundings, place: Place) -> Module | None:
        module = read(self, place)
        if not self.screens:
            copied = "__import__('copy').deepcopy(model.state_dict())"
            Path(place.path).write_text(KEEPER.format(how=copied), encoding="utf-8")
        return module

    def found() -> bool:
        (outcome,) = run([Target("train.py")], Settings(), cache=Cache(default_folder(".")))
        return bool(outcome.findings)

    monkeypatch.chdir(project)
    with monkeypatch.context() as patched:
        patched.setattr(Surroundings, "module", read_and_then_changed)
        assert found()
    assert not found()


def test_what_makes_a_folder_a_project_of_its_own_counts(project: Path) -> None:
    inside = project / "scripts"
    inside.mkdir()
    (project / "train.py").rename(inside / "train.py")
    assert "TCL401" in lint(project)[0]
    (inside / "setup.cfg").touch()
    assert lint(project)[0] == ""


def test_where_we_stand_counts(project: Path) -> None:
    scripts = project / "scripts"
    scripts.mkdir()
    named = ("--output-format", "json", str(project / "train.py"))
    assert '"path": "keeper.py"' in lint(project, *named)[0]
    assert f'"path": "..{os.sep}keeper.py"' in lint(scripts, *named)[0]
