"""`torchcopylint clean`: what earlier runs kept is removed."""

from __future__ import annotations

import os

import click

from torchcopylint.cli.failure import fail


@click.command()
@click.argument("path", default=".", type=click.Path())
def command(path: str) -> None:
    """Remove the results that runs on PATH (here) have kept."""
    from shutil import rmtree

    from torchcopylint.cache.cache import default_directory

    directory = default_directory(path)
    if not os.path.isdir(directory):
        click.echo(f"torchcopylint: nothing to remove: no {directory}", err=True)
        return
    try:
        rmtree(directory)
    except OSError as error:
        fail(f"{directory}: cannot be removed: {error.strerror}")
    click.echo(f"torchcopylint: removed {directory}", err=True)
