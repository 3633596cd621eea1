"""The plugin in a real flake8: findings, options, its comments, its configuration."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from workspace import BOTH, LOST, ROOT, configure, places, write

pytest.importorskip("flake8")


def flake8(root: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """flake8 with the plugin as pyproject.toml declares it, once, and none of its own checks."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["flake8.extension"]
    installed = {point.name for point in entry_points(group="flake8.extension")}
    plugins = "".join(f"    {code} = {target}\n" for code, target in declared.items() if code not in installed)
    (root / "plugins.cfg").write_text(f"[flake8:local-plugins]\nextension =\n{plugins}")
    command = [sys.executable, "-m", "flake8", "--append-config", "plugins.cfg", "--extend-ignore", "E,F,W", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    settings: dict[str, object] = {"cwd": root, "env": environment, "capture_output": True, "text": True, **options}
    return subprocess.run(command, timeout=120, **settings)  # type: ignore[call-overload, no-any-return]


def test_findings_come_as_flake8_prints_them(tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    done = flake8(tmp_path, "a.py")
    assert (done.returncode, done.stderr) == (1, "")
    assert places(done.stdout) == ["a.py:4:1: TCL505", "a.py:5:5: TCL107"]


def test_several_files_on_several_processes_and_standard_input(tmp_path: Path) -> None:
    write(tmp_path, **{f"f{number}": LOST for number in range(6)})
    assert places(flake8(tmp_path, "-j", "2", ".").stdout) == [f"./f{number}.py:4:1: TCL505" for number in range(6)]
    done = flake8(tmp_path, "--stdin-display-name", "b.py", "-", input=LOST)
    assert places(done.stdout) == ["b.py:4:1: TCL505"]


def test_comments_of_either_kind_take_findings_back(tmp_path: Path) -> None:
    write(tmp_path, a=LOST.replace("x.clone()", "x.clone()  # noqa: TCL505"))
    write(tmp_path, b=LOST.replace("x.clone()", "x.clone()  # torchcopylint: ignore[discarded-copy] why"))
    write(tmp_path, c=LOST.replace("x.clone()", "y = x.clone()  # noqa: TCL505"))
    assert places(flake8(tmp_path, ".").stdout) == ["./c.py:4:16: TCL900"]


def test_options_choose_rules_on_the_command_line_and_in_its_files(tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    assert places(flake8(tmp_path, "--torchcopylint-select", "discarded-copy", "a.py").stdout) == ["a.py:4:1: TCL505"]
    assert places(flake8(tmp_path, "--torchcopylint-ignore=TCL5", "a.py").stdout) == ["a.py:5:5: TCL107"]
    (tmp_path / ".flake8").write_text("[flake8]\ntorchcopylint-select = TCL1\n")
    assert places(flake8(tmp_path, "a.py").stdout) == ["a.py:5:5: TCL107"]
    assert places(flake8(tmp_path, "--extend-ignore", "TCL1,E,F,W", "a.py").stdout) == []


def test_a_file_that_is_too_large_is_passed_over_and_said(tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    configure(tmp_path, f"max-file-size = {len(LOST) - 1}")
    assert places(flake8(tmp_path, "a.py").stdout) == ["a.py:1:1: TCL902"]


def test_the_projects_configuration_holds(tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    configure(tmp_path, 'per-file-ignores = { "a.py" = ["TCL505"] }')
    assert places(flake8(tmp_path, "a.py").stdout) == ["a.py:5:5: TCL107"]


def test_a_wrong_name_is_told_without_a_traceback(tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    done = flake8(tmp_path, "--torchcopylint-select", "discard-copy", "a.py")
    assert "unknown rule 'discard-copy'; did you mean 'discarded-copy'?" in done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in done.stderr
    configure(tmp_path, "selct = 1")
    done = flake8(tmp_path, "-j", "1", "a.py")
    assert "selct: unknown key" in done.stdout + done.stderr and "Traceback" not in done.stderr
