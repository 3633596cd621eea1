"""What all tests share: the update switch, and the program as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from workspace import ROOT, Run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite generated and golden text instead of comparing it")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether generated and golden text is to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def torchcopylint(tmp_path: Path) -> Run:
    """The program: called with its arguments, run in `tmp_path` unless `cwd` is given."""

    def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}  # type: ignore[dict-item]
        settings: dict[str, object] = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 120, **options}
        command = [sys.executable, "-m", "torchcopylint", *map(str, arguments)]
        return subprocess.run(command, env=environment, **settings)  # type: ignore[call-overload, no-any-return]

    return run
