"""The plugin in a real flake8: findings, options, its comments, its configuration."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from breaking import broken
from workspace import BOTH, LOST, LOST_AT, ROOT, configure, places, write

pytest.importorskip("flake8")


def options(root: Path) -> list[str]:
    """What has flake8 use the plugin as pyproject.toml declares it, once, and none of its own checks."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["flake8.extension"]
    installed = {point.name for point in entry_points(group="flake8.extension")}
    plugins = "".join(f"    {code} = {target}\n" for code, target in declared.items() if code not in installed)
    (root / "plugins.cfg").write_text(f"[flake8:local-plugins]\nextension =\n{plugins}")
    return ["--append-config", "plugins.cfg", "--extend-ignore", "E,F,W"]


def flake8(root: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """flake8 with the plugin."""
    command = [sys.executable, "-m", "flake8", *options(root), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    common: dict[str, object] = {"cwd": root, "env": environment, "capture_output": True, "text": True, **settings}
    return subprocess.run(command, timeout=120, **common)  # type: ignore[call-overload, no-any-return]


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


def test_an_internal_error_is_told_and_stops_nothing(tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=f"# explode\n{LOST}", c=LOST)
    done = broken(tmp_path, "interpret", *options(tmp_path), "-j1", ".", program="flake8.main.cli")
    assert places(done.stdout) == [f"./a.py:{LOST_AT}", "./b.py:1:1: TCL902", f"./c.py:{LOST_AT}"]
    assert r"internal error: ValueError: no idea \x3a:error::x\x1b[2J" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_what_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    write(tmp_path, a=LOST.replace("clone()", 'clone(memory_format="\x1b[2J ##vso[task.x]")'))
    (row,) = flake8(tmp_path, "a.py").stdout.splitlines()
    assert r'`x.clone(memory_format="\x1b[2J #\x23vso[task.x]")` returns' in row
