"""A directory → the root of its project, and the tree that links in it must not leave."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from functools import cache

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


@cache
def _belongs_to(directory: str) -> str:
    """What an absolute directory belongs to: its repository, otherwise its project, otherwise only itself.

    A directory that is a link is the top of neither: what it leads to may be somebody else's.
    """
    project, at, above = "", directory, os.path.dirname(directory)
    while True:
        marks = () if os.path.islink(at) else [mark for mark in _MARKS if os.path.lexists(os.path.join(at, mark))]
        if ".git" in marks:
            return at
        project = project or (at if marks else "")
        if above == at:
            return project or directory
        at, above = above, os.path.dirname(above)


def leads_out(path: str, named: str = "") -> bool:
    """Whether links on the way lead from a path out of its tree; and out of the directory that was named, if any."""
    absolute = os.path.abspath(path)
    real = os.path.realpath(absolute)
    if real == absolute:
        return False
    return not any(_within(real, top) for top in (_belongs_to(os.path.dirname(absolute)), named) if top)


def _within(path: str, directory: str) -> bool:
    real = os.path.realpath(directory)
    try:
        return os.path.commonpath((path, real)) == real
    except ValueError:  # another drive
        return False
