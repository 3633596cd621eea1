"""A path as the repository that it lies in knows it."""

from __future__ import annotations

import os
from functools import cache


def relative(path: str) -> str:
    """The path from the top of its repository, with forward slashes; outside of one, from the working directory."""
    absolute = os.path.abspath(path)
    top = top_of(os.path.dirname(absolute)) or os.getcwd()
    try:
        return os.path.relpath(absolute, top).replace(os.sep, "/")
    except ValueError:  # another drive
        return absolute.replace(os.sep, "/")


@cache
def top_of(directory: str) -> str | None:
    """The top of the git repository that an absolute path of a directory lies in, or None."""
    while not os.path.lexists(os.path.join(directory, ".git")):
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return None
    return directory
