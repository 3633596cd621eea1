"""The GitHub Action: its step that lints, run as a runner does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import CLEAN, LOST, ROOT, write

ACTION = ROOT / ".github" / "actions" / "torchcopylint" / "action.yml"


@pytest.fixture
def lint(tmp_path: Path) -> object:
    """The step that lints, called with the action's inputs; the program is that of this checkout."""
    action = yaml.safe_load(ACTION.read_text())
    program = tmp_path / "runner" / "torchcopylint" / "bin" / "torchcopylint"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m torchcopylint "$@"\n')
    program.chmod(0o755)
    step = action["runs"]["steps"][-1]

    def run(**inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name: about["default"] for name, about in action["inputs"].items()} | inputs
        values = {
            key: given[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]] for key, value in step["env"].items()
        }
        environment = {**os.environ, **values, "RUNNER_TEMP": str(tmp_path / "runner")}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

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


def test_the_program_is_installed_from_where_the_action_lies() -> None:
    install = yaml.safe_load(ACTION.read_text())["runs"]["steps"][0]["run"]
    (way,) = re.findall(r'"\$GITHUB_ACTION_PATH/([./]+)"', install)
    assert (ACTION.parent / way).resolve() == ROOT
