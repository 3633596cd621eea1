"""`torchcopylint config`: the settings for a path and where each comes from; the configuration schema."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from torchcopylint.cli.project import checked, directory_of, nearest

if TYPE_CHECKING:
    from torchcopylint.config import Nearest


@click.command()
@click.argument("path", default=".", type=click.Path())
@click.option("--schema", is_flag=True, help="Print the JSON schema of a configuration file and exit.")
def command(path: str, schema: bool) -> None:
    """Print the settings for PATH, and the file that each one comes from."""
    if schema:
        from torchcopylint.config import keys

        click.echo(json.dumps(keys.schema(), indent=2))
        return
    click.echo(checked(lambda: describe(path, nearest(None))))


def describe(path: str, known: Nearest) -> str:
    """The settings for a path, one per line as in TOML, each with its origin."""
    from torchcopylint.report.harmless import harmless

    layer = known.layer(directory_of(path))
    head = f"# {path}: {_shown(layer.file) if layer.file else 'no configuration file, so these are the defaults'}"
    return "\n".join(map(harmless, [head, *_lines(path, known)]))


def _lines(path: str, known: Nearest) -> Iterator[str]:
    from torchcopylint.config import Confirm
    from torchcopylint.config.keys import KEYS
    from torchcopylint.config.user import own

    settings, layer = known.settings(path), known.layer(directory_of(path))
    for key in KEYS:
        field = key.replace("-", "_")
        value = getattr(settings, field, None)
        if getattr(known.said, field, None) is not None:
            origin = "the command line"
        else:
            origin = _shown(layer.origins[key]) if key in layer.origins and value is not None else ""
        if origin:
            yield f"{key} = {_toml(key, value)}  # {origin}"
        elif key == "exclude":
            (_, patterns) = known.excludes(directory_of(path))[-1]
            yield f"exclude = {_toml(key, patterns)}  # default"
    if (yours := own()) != Confirm():
        yield f"# confirm: your own {_toml('confirm', yours)} takes precedence, {_shown(yours.file)}"
    if settings.muted:
        yield f"# per-file-ignores disables {', '.join(settings.muted)} for this file"


def _toml(key: str, value: Any) -> str:
    """A setting in TOML syntax."""
    if key == "per-file-ignores":
        value = {entry.pattern: list(entry.rules) for entry in value}
    elif key == "models":
        value = {said.name: {"kind": said.kind} for said in value}
    elif key == "confirm":
        value = {name: said for name in ("python", "deadline") if (said := getattr(value, name)) is not None}
    elif key == "confidence":
        value = value.name.lower()
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(name)} = {_toml('', item)}" for name, item in value.items())
        return f"{{ {inside} }}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _shown(path: str) -> str:
    """A path, relative to the current directory if that is shorter."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith(os.path.join(os.pardir, os.pardir)) else path
