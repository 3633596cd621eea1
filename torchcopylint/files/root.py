"""A directory → the root of the project that it lies in."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

_MARKS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", ".git"})


def root_of(directory: str, entries: Callable[[str], Collection[str]]) -> str | None:
    """The nearest directory upwards from an absolute one with a project file; entries: the names in a directory."""
    while _MARKS.isdisjoint(entries(directory)):
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return None
    return directory


def entries(directory: str) -> frozenset[str]:
    """The names in a directory; none where there is no such directory, or it may not be read."""
    try:
        return frozenset(os.listdir(directory))
    except OSError:
        return frozenset()
