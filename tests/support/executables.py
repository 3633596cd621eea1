"""Harmless executables that stand in for an interpreter, and tell whether they were started."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

_ANSWERS = """
import json, sys
print(json.dumps({"ready": "none", "forks": True}), flush=True)
for line in sys.stdin:
    print(json.dumps({"outcome": "inconclusive", "reason": "asked " + NAME, "written": ""}), flush=True)
"""


def stand_in(path: Path) -> Path:
    """An executable that leaves a marker beside it, and answers every question of `--confirm` with its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answers, marker = path.with_name(f"{path.name}.answers"), _marker(path)
    answers.write_text(f"NAME = {path.name!r}\n{_ANSWERS}")
    path.write_text(
        f"#!/bin/sh\ntouch {shlex.quote(str(marker))}\nexec {sys.executable} -S {shlex.quote(str(answers))}\n"
    )
    path.chmod(0o755)
    return path


def ran(path: Path) -> bool:
    """Whether such an executable was started."""
    return _marker(path).exists()


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.started")
