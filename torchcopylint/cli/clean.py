"""`torchcopylint clean`: removes the cached results of earlier runs."""

from __future__ import annotations

import os

import click

from torchcopylint.cli.failure import fail, say
from torchcopylint.cli.options import cache_option
from torchcopylint.cli.project import folder, nearest


@click.command()
@click.argument("path", default=".", type=click.Path())
@cache_option
def command(path: str, cache_dir: str | None) -> None:
    """Remove the cached results of PATH (default: the current directory)."""
    kept = folder(path, nearest(cache_dir=cache_dir))
    if not os.path.lexists(kept.path):
        say(f"torchcopylint: nothing to remove: no {kept.path}")
        return
    try:
        left = kept.clear()
    except OSError as error:
        fail(f"{kept.path}: cannot be removed: {error.strerror}")
    if left:
        fail(f"{kept.path}: contains files that torchcopylint did not write, which were left: {', '.join(left)}")
    say(f"torchcopylint: removed {kept.path}")
