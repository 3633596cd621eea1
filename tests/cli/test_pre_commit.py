"""The hooks as .pre-commit-hooks.yaml declares them; the one that builds no environment in a real pre-commit.

The other is built and run in test_packaging.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from workspace import BOTH, LOST, LOST_AT, ROOT, Run, configure, places, write

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.mark.parametrize("name", ["torchcopylint", "torchcopylint-confirm"])
def test_the_hook_runs_as_pre_commit_runs_it(torchcopylint: Run, tmp_path: Path, name: str) -> None:
    hook = HOOKS[name]
    assert hook["language"] == ("python" if name == "torchcopylint" else "system")
    assert (hook["types_or"], hook["require_serial"]) == (["python", "jupyter"], True)
    program, *arguments = hook["entry"].split()
    assert program == "torchcopylint"
    (tmp_path / "gen").mkdir()
    write(tmp_path, a=LOST)
    write(tmp_path / "gen", b=LOST)
    configure(tmp_path, 'extend-exclude = ["gen"]')
    done = torchcopylint(*arguments, "a.py", "gen/b.py")
    assert (done.returncode, places(done.stdout)) == (1, [f"a.py:{LOST_AT}"]), done.stderr


def test_pre_commit_runs_the_confirming_hook_on_what_is_staged(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    bin_, repository = tmp_path / "bin", tmp_path / "project"
    bin_.mkdir()
    repository.mkdir()
    program = bin_ / "torchcopylint"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m torchcopylint "$@"\n')
    program.chmod(0o755)
    safe = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    environment = {**os.environ, **safe, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"PRE_COMMIT_HOME": str(tmp_path / "home"), "GIT_CONFIG_GLOBAL": "/dev/null"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=repository, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    assert run("git", "init", "-q").returncode == 0
    write(repository, a=BOTH, b=LOST)
    run("git", "add", "a.py")
    done = run(sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "torchcopylint-confirm", "--verbose")
    found = [line for line in done.stdout.splitlines() if line.startswith(("a.py:", "b.py:"))]
    assert done.returncode == 1, done.stdout + done.stderr
    assert places("\n".join(found)) == ["a.py:4:1: TCL505", "a.py:5:5: TCL107"], done.stdout
    write(repository, a="import torch\n")
    run("git", "add", "a.py")
    done = run(sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "torchcopylint-confirm")
    assert done.returncode == 0, done.stdout + done.stderr
