"""The program with steps that a file can end, break or keep for ever by saying so; it is run as a file of its own.

A process that it starts, of whatever kind, has the same steps. What it is given lies below here, and not in a string,
because a process that is spawned reads it anew.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import torchcopylint.pool

PATIENCE = float(os.environ.get("TEST_PATIENCE", "120"))
"""Seconds, in the place of those that a file really has."""

torchcopylint.pool.PATIENCE = PATIENCE
torchcopylint.pool.pool.__defaults__ = (PATIENCE,)

import torchcopylint.fix  # noqa: E402  with that patience
import torchcopylint.interpret  # noqa: E402
import torchcopylint.server.worker  # noqa: E402

torchcopylint.server.worker.PATIENCE = PATIENCE


def ending(home: Any, name: str, word: str) -> None:
    """Has a step of the program end its process on a text that says the word."""
    real = getattr(home, name)

    def ended(*given: Any, **others: Any) -> Any:
        text = " ".join(str(getattr(one, "text", "")) for one in given)
        if f"# {word}" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "# linger" in text:
            time.sleep(600)
        if "# hoard" in text:
            bytes(9 << 30)  # of which the system gives nothing until it is written to
        if "# speak" in text:
            os.write(1, b"Content-Length: 2\r\n\r\n[]")
        if "# explode" in text:
            raise ValueError("no idea\nwhat this is")
        return real(*given, **others)

    setattr(home, name, ended)


ending(torchcopylint.interpret, "interpret", "die")
ending(torchcopylint.fix, "fix", "unfixable")


def parses_nothing(event: str, details: tuple[Any, ...]) -> None:
    """Ends the process that parses a text: what parsing may do to it is for workers to bear."""
    if event == "compile" and details[1] == "<unknown>":
        os._exit(99)


if __name__ == "__main__":
    sys.argv[0] = "torchcopylint"
    if "server" in sys.argv[1:2]:
        sys.addaudithook(parses_nothing)  # in this process alone
    from torchcopylint.cli import main

    main()
