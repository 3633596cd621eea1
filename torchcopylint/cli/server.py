"""`torchcopylint server`: the language server, for editors."""

from __future__ import annotations

from typing import Any

import click

from torchcopylint.cli.failure import fail
from torchcopylint.cli.options import rule_options
from torchcopylint.cli.project import nearest


@click.command()
@rule_options
def command(**options: Any) -> None:
    """Serve an editor over standard input and output (LSP)."""
    known = nearest(**options)
    try:
        from torchcopylint.server.serve import serve
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("torchcopylint"):
            raise
        fail(f"the server needs pygls ({error}): pip install 'torchcopylint[server]'")
    serve(known.said)
