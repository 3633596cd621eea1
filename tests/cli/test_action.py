"""The GitHub Action: its steps, run as a runner does, with what they install."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from workspace import CLEAN, LOST, ROOT, write

from torchcopylint import __version__

ACTION = ROOT / ".github" / "actions" / "torchcopylint" / "action.yml"


def step(name: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step of the action as a runner starts it: with its own shell, and only what the action says set."""
    (found,) = [one for one in yaml.safe_load(ACTION.read_text())["runs"]["steps"] if one["name"] == name]
    known = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]]
    return subprocess.run(command, cwd=cwd, env={**known, **environment}, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner's directory in which the action has installed the program from this checkout."""
    home = tmp_path_factory.mktemp("runner")
    done = step("Install", home, RUNNER_TEMP=str(home), GITHUB_ACTION_PATH=str(ACTION.parent))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return home


@pytest.fixture
def lint(runner: Path, tmp_path: Path) -> object:
    """The step that lints, called with the action's inputs."""
    action = yaml.safe_load(ACTION.read_text())

    def run(**inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name: about["default"] for name, about in action["inputs"].items()} | inputs
        values = {
            key: given[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]]
            for key, value in action["runs"]["steps"][-1]["env"].items()
        }
        return step("Lint", tmp_path, RUNNER_TEMP=str(runner), **values)

    return run


def test_findings_are_shown_at_their_lines_and_fail_the_step(lint, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path, a=LOST, b=CLEAN)
    done = lint(paths="a.py b.py")
    assert done.returncode == 1
    assert done.stdout.startswith("::") and "file=a.py,line=4" in done.stdout
    assert lint(paths="b.py").returncode == 0
    assert lint(args="--ignore TCL505 --exit-zero").stdout == ""


def test_a_report_is_written_and_findings_do_not_fail_the_step(lint, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path, a=LOST)
    done = lint(sarif="out.sarif", paths="a.py")
    assert (done.returncode, done.stdout) == (0, "")
    (run,) = json.loads((tmp_path / "out.sarif").read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["TCL505"]
    assert lint(sarif="out.sarif", paths="missing.py").returncode == 2


def test_the_program_is_that_of_the_revision_of_the_action(runner: Path) -> None:
    program = runner / "torchcopylint" / "bin" / "torchcopylint"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, cwd=runner).stdout
    assert said == f"torchcopylint {__version__}\n"
