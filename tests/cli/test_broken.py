"""Whatever goes wrong, in a file, in the program or around it, is said in a line and costs nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from breaking import STEPS, broken
from workspace import LOST, ROOT, Run, git, places, write

WRITE = "import torch\n\nx = torch.zeros(3)\nx[x > 1].add_(1)\n"


TOO_MUCH = ("descend", "exhaust")
"""What is the file's own fault, and a finding where nothing else is known of it."""


@pytest.mark.parametrize("step", STEPS)
def test_whatever_breaks_costs_its_file_only(tmp_path: Path, step: str) -> None:
    words = ("descend", "exhaust", "explode", "leave")
    write(tmp_path, a=WRITE, z=WRITE, **{f"in_{word}": f"# {word}\n{WRITE}" for word in words})
    fixing = ("--fix",) if step == "fix" else ()
    done = broken(tmp_path, step, *fixing, ".")
    assert done.returncode == 2
    lines = done.stderr.removesuffix("2 findings fixed in 2 files\n").splitlines()
    told = {line.split(".py: internal error: ")[0].removeprefix("torchcopylint: in_"): line for line in lines}
    early = step not in ("fix", "keep")
    assert list(told) == [word for word in words if not (early and word in TOO_MUCH)]
    assert re.search(r"ValueError: no idea \\x3a:error::x\\x1b\[2J \(.+:\d+\); please report it$", told["explode"])
    assert early or "there is not enough memory to analyse it" in told["exhaust"]
    found = [row for row in places(done.stdout) if not row.startswith("in_")]
    assert found == ([] if step == "fix" else ["a.py:4:1: TCL501", "z.py:4:1: TCL501"])
    own = [row for row in places(done.stdout) if row.startswith("in_")]
    if early:
        assert own == [f"in_{word}.py:1:1: TCL902" for word in TOO_MUCH]
    else:  # what was found before is not lost
        assert own == [f"in_{word}.py:5:1: TCL501" for word in words]


# What is around the program

SHELL = {
    "output closed": ("{program} a.py >&-", 1, ""),
    "errors closed": ("{program} a.py 2>&-", 1, ""),
    "input closed": ("{program} - <&-", 2, "torchcopylint: standard input is closed, so '-' cannot be read\n"),
    "input of the server closed": (
        "{program} server <&-",
        2,
        "torchcopylint: the server speaks over standard input and standard output, and one of them is closed\n",
    ),
    "output of the server closed": (
        "{program} server >&-",
        2,
        "torchcopylint: the server speaks over standard input and standard output, and one of them is closed\n",
    ),
    "errors of the server closed": ("{program} server 2>&- </dev/null", 0, ""),
    "output full": ("{program} a.py >/dev/full", 2, "torchcopylint: stopped: [Errno 28] No space left on device\n"),
    "errors full": ("{program} a.py gone.py 2>/dev/full", 2, ""),
    "output of another command full": (
        "{program} rule >/dev/full",
        2,
        "torchcopylint: stopped: [Errno 28] No space left on device\n",
    ),
    "only ASCII": ("PYTHONIOENCODING=ascii {program} rule", 0, ""),
    "directory gone": (
        "mkdir gone && cd gone && rmdir ../gone && {program} .",
        2,
        "torchcopylint: stopped: the working directory no longer exists; change to another one\n",
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
@pytest.mark.parametrize(("command", "code", "told"), SHELL.values(), ids=SHELL)
def test_nothing_around_it_brings_a_traceback(tmp_path: Path, command: str, code: int, told: str) -> None:
    write(tmp_path, a=LOST)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shell = command.format(program=f"{sys.executable} -m torchcopylint")
    done = subprocess.run(shell, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (code, told)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    (tmp_path / "pyproject.toml").write_text("[tool.torchcopylint]\n")
    (tmp_path / "pyproject.toml").chmod(0)
    done = torchcopylint("a.py")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "pyproject.toml: cannot be read" in done.stderr


def test_since_is_told_of_standard_input_outside_a_repository(torchcopylint: Run, tmp_path: Path) -> None:
    done = torchcopylint("--since", "HEAD", "-", input=LOST)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("torchcopylint: --since: stdin: is not in a git repository")


def test_what_git_says_is_told_in_one_line(torchcopylint: Run, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, a=LOST)
    done = torchcopylint("--since", "no\n::error::such", ".")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
