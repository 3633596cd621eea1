"""A folder that belongs to torchcopylint: created, read, written and cleared without following links."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from torchcopylint.cache.level import Level
from torchcopylint.files.regular import Refused

TAG = "CACHEDIR.TAG"
_TAG = b"""\
Signature: 8a477f597d28d172789f06886806bc55
# Results of torchcopylint, kept for its next run. `torchcopylint clean` removes them.
"""
MARKS = {TAG: _TAG, ".gitignore": b"*\n"}
"""Files that exclude the folder from backups and git. The first one marks a folder as ours and is written first."""

_SHELF = re.compile(r"[0-9a-f]{2}")
_ENTRY = re.compile(r"[0-9a-f]+\.json(\.\w+)?")


@dataclass(frozen=True, slots=True)
class Folder:
    """The location of our files: a directory taken as given, and steps below it; none of them may be a link."""

    above: str
    steps: tuple[str, ...]

    @property
    def path(self) -> str:
        """The whole path."""
        return os.path.join(self.above, *self.steps)

    def prepare(self) -> None:
        """Creates the folder and marks it; raises OSError, and Refused if it leads elsewhere or is not ours."""
        os.makedirs(self.above, exist_ok=True)
        with self._entered(*self.steps, make=True) as level:
            if level.names() and not _ours(level):
                raise Refused(f"{self.path} contains files that torchcopylint did not write")
            for name, text in MARKS.items():
                with suppress(FileExistsError):
                    level.write(name, text)

    def read(self, shelf: str, name: str) -> bytes:
        """The contents of a file; raises OSError, also if there is a link on the way to it."""
        with self._entered(*self.steps, shelf) as level:
            return level.read(name)

    def write(self, shelf: str, name: str, text: bytes) -> None:
        """Replaces a file of a prepared folder atomically; raises OSError, also if there is a link on the way to it."""
        with self._entered(*self.steps) as level, level.entered(shelf, make=True) as inner:
            beside = f"{name}.{os.urandom(6).hex()}"
            try:
                inner.write(beside, text)
                inner.rename(beside, name)
            except OSError:
                with suppress(OSError):
                    inner.remove(beside)
                raise

    def clear(self) -> list[str]:
        """Removes our files, and the folder itself if that was everything; returns the names of what is left. Raises
        OSError."""
        with self._entered(*self.steps) as level:
            for name in filter(_SHELF.fullmatch, level.names()):
                with suppress(OSError):  # a link among them, or something that is not ours
                    _empty(level, name)
                    level.remove_directory(name)
            if _ours(level) and set(level.names()) <= set(MARKS):
                for name in level.names():
                    level.remove(name)
            left = sorted(level.names())
        if not left:
            with self._entered(*self.steps[:-1]) as level:
                level.remove_directory(self.steps[-1])
        return left

    @contextmanager
    def _entered(self, *steps: str, make: bool = False) -> Iterator[Level]:
        level = Level.at(self.above)
        try:
            for step in steps:
                below = level.enter(step, make)
                level.close()
                level = below
            yield level
        finally:
            level.close()


def _empty(level: Level, shelf: str) -> None:
    with level.entered(shelf) as inner:
        for name in filter(_ENTRY.fullmatch, inner.names()):
            inner.remove(name)


def _ours(level: Level) -> bool:
    """Whether a folder is marked as ours, or is being marked right now."""
    try:
        return _TAG.startswith(level.read(TAG))
    except OSError:
        return False


def named(path: str) -> Folder:
    """The folder that the user named: links above it are followed, but for a relative path only those above the current
    directory."""
    path = os.path.normpath(os.path.expanduser(path))
    if os.path.isabs(path) or path.startswith(os.pardir) or path == os.curdir:
        above, name = os.path.split(os.path.abspath(path))
        return Folder(above, (name,))
    return below(os.getcwd(), os.path.abspath(path))


def below(directory: str, path: str) -> Folder:
    """The folder at a path below a directory: no link between the two is followed."""
    return Folder(directory, tuple(os.path.relpath(path, directory).split(os.sep)))
