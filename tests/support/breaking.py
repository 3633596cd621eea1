"""The program with a step that breaks on some files, to see what becomes of the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from workspace import ROOT, TESTS

BREAKING = """
import sys
import torchcopylint.cache.cache, torchcopylint.fix, torchcopylint.interpret, torchcopylint.place.finish
import torchcopylint.run
def breaking(home, name):
    real = getattr(home, name)
    def broken(*given, **others):
        text = " ".join(str(getattr(one, "text", "") if not isinstance(one, bytes) else one) for one in given)
        if "explode" in text:
            raise ValueError("no idea\\n::error::x\\033[2J")
        if "exhaust" in text:
            raise MemoryError
        if "leave" in text:
            sys.exit(0)
        if "descend" in text:
            raise RecursionError
        return real(*given, **others)
    setattr(home, name, broken)
breaking({place})
sys.argv[0] = "torchcopylint"
from {program} import main
sys.exit(main())
"""
"""The program, with a step that breaks on files which say so."""

STEPS = {
    "decode": "torchcopylint.run, 'decode'",
    "interpret": "torchcopylint.interpret, 'interpret'",
    "finish": "torchcopylint.place.finish, 'finish'",
    "fix": "torchcopylint.fix, 'fix'",
    "keep": "torchcopylint.cache.cache.Cache, 'keep'",
}
"""The steps of the program that can be made to break, and where each is."""


def broken(
    root: Path, step: str, *arguments: str, program: str = "torchcopylint.cli"
) -> subprocess.CompletedProcess[str]:
    """Runs it, with arguments; program: the module of its function `main`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BREAKING.format(place=STEPS[step], program=program), *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)


ENDING = [sys.executable, str(TESTS / "support" / "ending.py")]
"""The program of which a file can end a process, or keep it for ever."""


def ending(
    root: Path, *arguments: str, input: str | None = None, patience: float = 120
) -> subprocess.CompletedProcess[str]:
    """Runs that program, with arguments and a text on standard input; patience: seconds for each file."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TEST_PATIENCE": str(patience)}
    return subprocess.run(
        [*ENDING, *arguments], cwd=root, env=environment, input=input, capture_output=True, text=True, timeout=120
    )
