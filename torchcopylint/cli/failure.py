"""What cannot be done: said on standard error, and the exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import NoReturn

import click


def say(line: str) -> None:
    """Writes a line on standard error; where nobody can read it, that is no reason to stop."""
    from torchcopylint.report.harmless import harmless

    with suppress(OSError):
        click.echo(harmless(line), err=True)


def complain(message: str) -> None:
    """Says on standard error what could not be done."""
    say(f"torchcopylint: {message}")


def fail(message: str) -> NoReturn:
    """Says what could not be done, and ends the program."""
    complain(message)
    sys.exit(2)


@contextmanager
def ending() -> Iterator[None]:
    """Around the whole program: whatever nobody else has caught ends it with a line that says what, and no traceback.

    The exit code is 130 where somebody interrupted it, 1 where the reader of its output has seen enough, else 2.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)  # names that a shell put in the place of a star are in it
        for line in shown.getvalue().rstrip("\n").split("\n"):
            say(line)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        _close_output()
        sys.exit(1)
    except Exception as error:
        _close_output()
        fail(_stopped_by(error))


def _close_output() -> None:
    """Sends what is still to be written nowhere: else Python tries once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stopped_by(error: Exception) -> str:
    from torchcopylint.cards import CardError
    from torchcopylint.outcome import described

    if isinstance(error, CardError):
        return str(error)
    if isinstance(error, FileNotFoundError) and not _stands_somewhere():
        return "stopped: the working directory no longer exists; change to another one"
    if isinstance(error, OSError):
        return f"stopped: {error}"
    return f"stopped: internal error: {described(error)}; please report it"


def _stands_somewhere() -> bool:
    try:
        return bool(os.getcwd())
    except OSError:
        return False


def missing(path: str) -> str:
    """That there is nothing at a path; and which command was meant, if it looks like one."""
    from difflib import get_close_matches

    from torchcopylint.cli import COMMANDS

    meant = get_close_matches(path, COMMANDS, n=1, cutoff=0.7)
    hint = f"; did you mean the command {meant[0]!r}?" if meant else ""
    return f"{path or repr(path)}: no such file or directory{hint}"
