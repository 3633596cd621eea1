"""Harmless executables that stand in for an interpreter; they tell whether they were started and what was asked."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

_ANSWERS = """
import json, sys
print(json.dumps({"ready": "none", "forks": True}), flush=True)
for line in sys.stdin.buffer:
    with open(NAMED + ".questions", "ab") as file:
        file.write(line)
    programs = {part: json.loads(line).get(part, "") for part in ("written", "fixed")}
    reason = "asked " + NAMED.rpartition("/")[2]
    print(json.dumps({"outcome": "inconclusive", "reason": reason, "again": programs}), flush=True)
"""


def stand_in(path: Path) -> Path:
    """An executable that leaves a marker beside it, and answers every question of `--confirm` with its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answers, marker = path.with_name(f"{path.name}.answers"), _marker(path)
    answers.write_text(f"NAMED = {str(path)!r}\n{_ANSWERS}")
    path.write_text(
        f"#!/bin/sh\ntouch {shlex.quote(str(marker))}\nexec {sys.executable} -S {shlex.quote(str(answers))}\n"
    )
    path.chmod(0o755)
    return path


def ran(path: Path) -> bool:
    """Whether such an executable was started."""
    return _marker(path).exists()


def questions(path: Path) -> bytes:
    """What such an executable was sent."""
    return path.with_name(f"{path.name}.questions").read_bytes()


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.started")
