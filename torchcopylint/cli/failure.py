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
