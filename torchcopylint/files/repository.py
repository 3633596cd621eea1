"""A path relative to its repository."""

from __future__ import annotations

import os
from functools import cache

from torchcopylint.files.regular import read_regular

_POINTER = 10_000
"""The largest size of a file that contains only a path."""


def relative(path: str) -> str:
    """The path from the top of its repository, with forward slashes; outside a repository, from the working
    directory."""
    absolute = os.path.abspath(path)
    top = top_of(os.path.dirname(absolute)) or os.getcwd()
    try:
        return os.path.relpath(absolute, top).replace(os.sep, "/")
    except ValueError:  # another drive
        return absolute.replace(os.sep, "/")


@cache
def top_of(directory: str) -> str | None:
    """The top of the git repository that contains an absolute directory, or None."""
    while not os.path.lexists(os.path.join(directory, ".git")):
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return None
    return directory


def exclude_file(top: str) -> str:
    """The file of a repository's own patterns, which is in no commit; that of a worktree is its repository's."""
    git = os.path.join(top, ".git")
    elsewhere = "" if os.path.isdir(git) else _pointed(git).removeprefix("gitdir:").strip()
    if elsewhere:
        git = os.path.join(top, elsewhere)
        git = os.path.join(git, _pointed(os.path.join(git, "commondir")).strip())
    return os.path.join(git, "info", "exclude")


def _pointed(path: str) -> str:
    """The path in a file that holds nothing else; "" where there is no such file."""
    try:
        return os.fsdecode(read_regular(path, _POINTER))
    except (OSError, UnicodeError):
        return ""
