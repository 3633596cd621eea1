"""Errors: a message on standard error, and exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import NoReturn

import click


def say(line: str) -> None:
    """Writes a line to standard error; a failure to do so is ignored."""
    from torchcopylint.report.harmless import harmless

    with suppress(OSError):
        click.echo(harmless(line), err=True)


def complain(message: str) -> None:
    """Reports an error on standard error."""
    say(f"torchcopylint: {message}")


def fail(message: str) -> NoReturn:
    """Reports an error and ends the program."""
    complain(message)
    sys.exit(2)


@contextmanager
def ending() -> Iterator[None]:
    """Wraps the whole program: an uncaught exception ends it with a one-line message instead of a traceback.

    The exit code is 130 if the user interrupted it, 1 if the reader of its output closed the pipe, otherwise 2.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)  # it may hold names that a shell expanded from a star
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
    """Discards what is still to be written; otherwise Python tries again at exit."""
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
    """The message that a path does not exist, with the command that was probably meant."""
    from difflib import get_close_matches

    from torchcopylint.cli.named import COMMANDS

    meant = get_close_matches(path, COMMANDS, n=1, cutoff=0.7)
    hint = f"; did you mean the command {meant[0]!r}?" if meant else ""
    return f"{path or repr(path)}: no such file or directory{hint}"
