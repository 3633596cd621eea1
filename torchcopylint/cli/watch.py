"""`--watch`: lints, waits for a relevant change, and lints again in the same process."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import closing
from datetime import datetime
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

import click

from torchcopylint.cli.failure import fail, say
from torchcopylint.cli.once import once
from torchcopylint.cli.project import checked, directory_of, nearest
from torchcopylint.files.root import entries, root_of

if TYPE_CHECKING:
    from torchcopylint.cli.asked import Asked

_SETTLED, _PATIENCE = 50, 250
"""Milliseconds without a change after which those before it are taken together, and between two looks at ourselves."""

_CODE = (".py", ".ipynb")
_ABOUT = ("pyproject.toml", "torchcopylint.toml", ".gitignore")


def watch(asked: Asked) -> int:
    """Lints after every change until it is interrupted."""
    try:
        import watchfiles
    except ImportError:
        fail("--watch needs watchfiles: pip install 'torchcopylint[watch]'")
    again = False
    places = checked(partial(_directories, asked))
    while True:
        with closing(_changes(watchfiles, places)) as looking:
            next(looking)  # from here on nothing is missed
            now = places
            while now == places:
                _run(asked, again)
                again = True
                next(changes for changes in looking if any(_matters(*change, places) for change in changes))
                now = _directories_if(asked) or places
        places = now


def _changes(watchfiles: ModuleType, places: set[str]) -> Generator[set[tuple[int, str]], None, None]:
    """The changes in these directories: at first everything, then something or, for a while, nothing."""
    looking: Generator[set[tuple[int, str]], None, None] = watchfiles.watch(
        *sorted(places),
        watch_filter=None,
        recursive=False,
        step=_SETTLED,
        rust_timeout=_PATIENCE,
        yield_on_timeout=True,
    )
    return looking


def _run(asked: Asked, again: bool) -> None:
    """One run; an error in the first run ends the program, a later one is only reported, since it may get fixed."""
    terminal = sys.stdout.isatty() and not asked.output_file
    if again and terminal:
        click.clear()
    try:
        once(asked)
    except SystemExit:
        if not again:
            raise
    if not asked.quiet:
        say(f"{datetime.now():%H:%M:%S} watching; press Ctrl-C to stop")


def _directories(asked: Asked) -> set[str]:
    """The directories where a change may matter: the linted ones, and those above them up to the project's root."""
    from torchcopylint.files.discover import discover, skipping

    known = nearest(**asked.settings)
    found = discover(asked.paths, skipping(known), asked.force_exclude)
    places = {*found.directories, *(directory_of(path) for path in (*asked.paths, *found.files))}
    for directory in places:
        root = root_of(directory, entries) or directory
        while directory != root:
            directory = os.path.dirname(directory)
            places.add(directory)
    return {place for place in places if os.path.isdir(place)}


def _directories_if(asked: Asked) -> set[str] | None:
    """The same, or None if the settings are invalid: the next run reports why."""
    from torchcopylint.config import ConfigError

    try:
        return _directories(asked)
    except ConfigError:
        return None


def _matters(change: int, path: str, places: set[str]) -> bool:
    """Whether a change (1: added, 2: modified, 3: deleted) to this file or directory may change the findings."""
    name = os.path.basename(path)
    if name.startswith(".torchcopylint"):  # our own
        return False
    if name.endswith(_CODE) or name in _ABOUT:
        return True
    return path in places if change == 3 else change == 1 and os.path.isdir(path)
