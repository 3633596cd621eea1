"""The package as users install it: a wheel and an editable install each find the rule cards and need no torch."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from workspace import ROOT

CARDS = sorted(path.name for path in (ROOT / "rules").glob("TCL*.md"))


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; without the variables that would let it find this checkout."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout."""
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", directory, ROOT, cwd=directory)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment in which the program is installed, one way or the other."""
    home = tmp_path_factory.mktemp(request.param)
    venv.create(home, with_pip=True)
    what: list[str | Path] = [request.getfixturevalue("wheel")] if request.param == "wheel" else ["--editable", ROOT]
    run(home / "bin" / "python", "-m", "pip", "install", *what, cwd=home)
    return home / "bin"


def test_the_wheel_holds_the_package_and_the_cards_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert sorted(Path(name).name for name in names if name.startswith("torchcopylint/_rules/TCL")) == CARDS
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"torchcopylint"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_an_installed_program_finds_the_cards(installed: Path, tmp_path: Path) -> None:
    listed = run(installed / "torchcopylint", "rule", cwd=tmp_path).splitlines()
    assert [line[:6] for line in listed if line.startswith("TCL")] == [name[:6] for name in CARDS]
    assert listed[-1].startswith("copying ")
    page = run(installed / "torchcopylint", "rule", "copying", cwd=tmp_path)
    assert page == (ROOT / "rules" / "COPYING.md").read_text()
    card = run(installed / "torchcopylint", "rule", "TCL401", cwd=tmp_path)
    assert card == (ROOT / "rules" / "TCL401-state-dict-snapshot.md").read_text()


def test_an_installed_program_lints_without_torch(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\n\nx = torch.zeros(3)\nx.clone()\n")
    printed = run(installed / "torchcopylint", "--exit-zero", "a.py", cwd=tmp_path)
    assert printed.startswith("a.py:4:1: TCL505 ")
    assert "torch " not in run(installed / "python", "-m", "pip", "list", cwd=tmp_path)


def test_flake8_finds_the_plugin(installed: Path, tmp_path: Path) -> None:
    run(installed / "python", "-m", "pip", "install", "flake8", cwd=tmp_path)
    (tmp_path / "a.py").write_text("import torch\n\nx = torch.zeros(3)\nx.clone()\n")
    printed = run(installed / "flake8", "--exit-zero", "a.py", cwd=tmp_path)
    assert "a.py:4:1: TCL505 " in printed
    assert "torchcopylint" in run(installed / "flake8", "--version", cwd=tmp_path)


def test_pre_commit_installs_the_hook_and_runs_it(tmp_path: Path) -> None:
    """With its real environment, built as for a user; what this checkout holds is taken, committed or not."""
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    repository, home = tmp_path / "project", tmp_path / "home"
    repository.mkdir()
    (repository / "a.py").write_text("import torch\n\nx = torch.zeros(3)\nx.clone()\n")
    (repository / "gen").mkdir()
    (repository / "gen" / "b.py").write_text((repository / "a.py").read_text())
    (repository / "pyproject.toml").write_text('[tool.torchcopylint]\nextend-exclude = ["gen"]\n')
    run(*git, "init", "-q", cwd=repository)
    run(*git, "add", "-A", cwd=repository)
    command = [sys.executable, "-m", "pre_commit", "try-repo", ROOT, "torchcopylint", "--all-files", "--verbose"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_COUNT": "1"}
    environment |= {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if "TCL" in line]
    assert [line.split()[:2] for line in lines] == [["a.py:4:1:", "TCL505"]], done.stdout
