"""`torchcopylint server`: the language server, for editors."""

from __future__ import annotations

import sys
from typing import Any

import click

from torchcopylint.cli.failure import fail
from torchcopylint.cli.options import rule_options
from torchcopylint.cli.project import nearest


@click.command()
@rule_options
def command(**options: Any) -> None:
    """Run the language server over standard input and output."""
    known = nearest(**options)
    if sys.__stdin__ is None or sys.__stdout__ is None:
        fail("the server speaks over standard input and standard output, and one of them is closed")
    try:
        from torchcopylint.server.serve import serve
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("torchcopylint"):
            raise
        fail(f"the server needs pygls ({error}): pip install 'torchcopylint[server]'")
    serve(known.said)
