"""The options that choose rules and files, on top of the project's configuration: which settings apply where."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from torchcopylint.cli.failure import fail

if TYPE_CHECKING:
    from torchcopylint.cache.folder import Folder
    from torchcopylint.config import Nearest
    from torchcopylint.files.discover import Discovery

Result = TypeVar("Result")

_RULES = ("select", "ignore", "extend_select")


def nearest(
    confidence: str | None = None,
    asks: bool = False,
    max_file_size: int | None = None,
    cache_dir: str | None = None,
    **lists: tuple[str, ...] | None,
) -> Nearest:
    """The settings of each file, below those of the command line."""
    from torchcopylint import config

    def told() -> Nearest:
        chosen: dict[str, Any] = {
            name: config.selectors(value, f"--{name.replace('_', '-')}") if name in _RULES and value else value
            for name, value in lists.items()
        }
        level = config.confidence(confidence, "--confidence") if confidence else None
        said = config.Settings(confidence=level, max_file_size=max_file_size, cache_dir=cache_dir, **chosen)
        return config.Nearest(replace(said, asks=asks or None))

    return checked(told)


def files(paths: tuple[str, ...], known: Nearest, force_exclude: bool) -> Discovery:
    """The files under the paths, without excluded ones."""
    from torchcopylint.files.discover import discover, skipping

    return checked(lambda: discover(paths, skipping(known), force_exclude))


def folder(path: str, known: Nearest) -> Folder:
    """The cache directory of a run that begins with this path."""
    from torchcopylint.cache.cache import default_folder
    from torchcopylint.cache.folder import below, named

    if known.said.cache_dir is not None:
        return named(known.said.cache_dir)
    layer = checked(lambda: known.layer(directory_of(path)))
    if layer.settings.cache_dir is None:
        return default_folder(path)
    return below(os.path.dirname(layer.origins["cache-dir"]), layer.settings.cache_dir)


def directory_of(path: str) -> str:
    """The absolute directory whose settings apply to a path: the path itself, or its parent."""
    absolute = os.path.abspath(path)
    return absolute if os.path.isdir(absolute) else os.path.dirname(absolute)


def checked(act: Callable[[], Result]) -> Result:
    """The result of `act`; an invalid setting or card is reported and ends the program."""
    from torchcopylint.cards import CardError
    from torchcopylint.config import ConfigError

    try:
        return act()
    except (ConfigError, CardError) as error:
        fail(str(error))
