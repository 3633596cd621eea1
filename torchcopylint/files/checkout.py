"""The linted paths → the projects that contain them, whose authors decide what else is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torchcopylint.files.root import entries

_MARKS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "torchcopylint.toml", ".git", ".hg"})
_MOST_LINKS = 40
"""The number of consecutive links that systems follow."""

_Identity = tuple[int, int] | str


@dataclass(frozen=True, slots=True)
class Checkout:
    """The directories that came with the linted code, each by its identity in the file system."""

    roots: dict[_Identity, str]

    @classmethod
    def around(cls, paths: Iterable[str]) -> Checkout:
        """The projects around some paths, both as spelled and with links followed."""
        whole = [absolute for path in paths for absolute in (os.path.abspath(path), os.path.realpath(path))]
        directories = {path if os.path.isdir(path) else os.path.dirname(path) for path in whole}
        return cls({_identity(root): root for root in map(_outermost, sorted(directories))})

    def holds(self, path: str) -> str:
        """The root that an absolute path leads into, as spelled or through a link; "" for none."""
        every = (self.roots.get(_identity(above)) for way in _ways(path) for above in _upwards(way))
        return next(filter(None, every), "")


def _outermost(directory: str) -> str:
    """The outermost directory that looks like a project, because a directory nested in a clone may look like one too.

    The user's home, and directories above it, count only if they are the nearest project or repository.
    """
    home = {*_upwards(os.path.realpath(os.path.expanduser("~")))}
    names = {above: entries(above) for above in _upwards(directory)}
    marked = [above for above in names if not _MARKS.isdisjoint(names[above])]
    repositories = [above for above in marked if ".git" in names[above]]
    further = [above for above in marked if os.path.realpath(above) not in home]
    return min((directory, *marked[:1], *repositories[:1], *further), key=len)


def _upwards(path: str) -> Iterator[str]:
    """A path and the directories above it."""
    below = ""
    while path != below:
        yield path
        path, below = os.path.dirname(path), path


def _ways(path: str) -> Iterator[str]:
    """A path as spelled, and after each link that is followed on the way."""
    yield path
    for _ in range(_MOST_LINKS):
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        yield path
        try:
            path = os.path.join(os.path.dirname(path), os.readlink(path))
        except OSError:  # no link
            return


def _identity(path: str) -> _Identity:
    """The identity of an existing file, the same for all spellings of its path; otherwise the normalised path."""
    try:
        found = os.stat(path)
    except OSError:
        return os.path.normcase(path)
    return found.st_dev, found.st_ino
