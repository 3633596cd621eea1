"""What cannot be done: said on standard error, and the exit code 2."""

from __future__ import annotations

import sys
from typing import NoReturn

import click


def complain(message: str) -> None:
    """Says on standard error what could not be done."""
    click.echo(f"torchcopylint: {message}", err=True)


def fail(message: str) -> NoReturn:
    """Says what could not be done, and ends the program."""
    complain(message)
    sys.exit(2)


def missing(path: str) -> str:
    """That there is nothing at a path; and which command was meant, if it looks like one."""
    from difflib import get_close_matches

    from torchcopylint.cli import COMMANDS

    meant = get_close_matches(path, COMMANDS, n=1, cutoff=0.7)
    hint = f"; did you mean the command {meant[0]!r}?" if meant else ""
    return f"{path or repr(path)}: no such file or directory{hint}"
