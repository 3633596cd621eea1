"""What is not needed is not imported: a hook that has nothing to say must be over at once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from workspace import ROOT

HEAVY = {
    "asyncio",
    "concurrent.futures",
    "email",
    "http",
    "importlib.metadata",
    "libcst",
    "logging",
    "multiprocessing",
    "numpy",
    "socket",
    "sqlite3",
    "tomllib",
    "torch",
    "unittest",
    "yaml",
}


def imported(*arguments: str | Path) -> set[str]:
    """The modules that the program imports when called so, by their full names."""
    command = [sys.executable, "-X", "importtime", "-m", "torchcopylint", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    names = set(re.findall(r"^import time:[^|]*\|[^|]*\|\s*([\w.]+)$", done.stderr, re.MULTILINE))
    assert "click" in names, done.stderr
    return names


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["rule", "no-such-rule"]], ids=" ".join)
def test_words_alone_import_nothing_heavy(arguments: list[str]) -> None:
    names = imported(*arguments)
    assert names & HEAVY == set()
    assert not any(name.startswith(("torchcopylint.interpret", "torchcopylint.models")) for name in names)


def test_a_file_that_does_not_speak_of_torch_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import copy\n\n\ndef f(x):\n    return copy.deepcopy(x)\n")
    names = imported("--statistics", tmp_path / "a.py")
    assert names & HEAVY == set()
    assert "torchcopylint.lower" not in names


def test_a_torch_file_imports_only_what_reading_it_takes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\n\nx = torch.zeros(3)\ny = x.clone()\n")
    names = imported(tmp_path / "a.py")
    assert names & {"torch", "numpy", "libcst", "tomllib", "concurrent.futures"} == set()


def test_a_torch_file_with_a_finding_imports_what_telling_it_takes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\n\nx = torch.zeros(3)\nx.clone()\n")
    names = imported(tmp_path / "a.py")
    assert "libcst" in names
    assert names & {"torch", "numpy", "libcst.matchers", "libcst.codemod", "concurrent.futures"} == set()
