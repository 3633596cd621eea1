"""The program as it stands in one folder, run on a folder of code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run printed, the exit code, and the seconds it took."""

    output: str
    errors: str
    exit_code: int
    seconds: float


def lint(root: Path, folder: Path, *options: str) -> Ran:
    """Run the program whose code is in `root` on everything below `folder`."""
    # -P: what lies in the folder must not be imported in the place of Python's own modules.
    command = [sys.executable, "-P", "-m", "torchcopylint", *options, "."]
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    return Ran(done.stdout, done.stderr, done.returncode, time.perf_counter() - start)
