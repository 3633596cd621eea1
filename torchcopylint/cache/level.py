"""An open directory, and operations in it by name: a name that is a link is refused.

If the system can resolve names relative to an open directory, nothing can be replaced between a check and its use.
Elsewhere (Windows) each step is checked right before it is taken.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from torchcopylint.files.regular import MOST, Refused, read_open

HANDLES = (
    hasattr(os, "O_NOFOLLOW")
    and os.listdir in os.supports_fd
    and {os.open, os.mkdir, os.unlink, os.rmdir, os.rename, os.stat} <= os.supports_dir_fd
)
"""Whether names can be resolved relative to an open directory."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_ELSEWHERE = 0x20000000
"""The bit by which Windows marks reparse points: a junction is one, but not a link."""


@dataclass(frozen=True, slots=True)
class Level:
    """A directory: its path, and its handle if the system has them."""

    path: str
    handle: int | None

    @classmethod
    def at(cls, path: str) -> Level:
        """The directory at a path, links and all; raises OSError."""
        return cls(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if HANDLES else None)

    def enter(self, name: str, make: bool = False) -> Level:
        """A subdirectory, created if missing; raises OSError, and Refused if it is a link."""
        if make:
            with suppress(FileExistsError):
                os.mkdir(self._place(name), dir_fd=self.handle)
        self._refuse_link(name)
        flags = os.O_RDONLY | os.O_DIRECTORY | _NO_LINK if HANDLES else 0
        handle = os.open(name, flags, dir_fd=self.handle) if HANDLES else None
        return Level(os.path.join(self.path, name), handle)

    @contextmanager
    def entered(self, name: str, make: bool = False) -> Iterator[Level]:
        """The same for as long as it is used."""
        inner = self.enter(name, make)
        try:
            yield inner
        finally:
            inner.close()

    def close(self) -> None:
        """Closes the handle."""
        if self.handle is not None:
            os.close(self.handle)

    def names(self) -> list[str]:
        """The names in the directory."""
        return os.listdir(self.path if self.handle is None else self.handle)

    def read(self, name: str) -> bytes:
        """The contents of a regular file."""
        if not stat.S_ISREG(self._refuse_link(name).st_mode):
            raise Refused(f"{os.path.join(self.path, name)} is not a file")
        handle = os.open(self._place(name), os.O_RDONLY | _NO_LINK | _BINARY, dir_fd=self.handle)
        try:
            return read_open(handle, MOST)
        finally:
            os.close(handle)

    def write(self, name: str, text: bytes) -> None:
        """Creates a new file; if the name exists already, even as a link, it is an error."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY
        with open(os.open(self._place(name), flags, 0o666, dir_fd=self.handle), "wb") as file:
            file.write(text)

    def rename(self, name: str, new: str) -> None:
        """Renames a file, replacing what had the new name; if that was a link, only the link."""
        os.replace(self._place(name), self._place(new), src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def remove(self, name: str) -> None:
        """Removes a file, or a link but not its target."""
        os.unlink(self._place(name), dir_fd=self.handle)

    def remove_directory(self, name: str) -> None:
        """Removes an empty directory."""
        os.rmdir(self._place(name), dir_fd=self.handle)

    def _refuse_link(self, name: str) -> os.stat_result:
        found = os.stat(self._place(name), dir_fd=self.handle, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) & _ELSEWHERE:
            raise Refused(f"{os.path.join(self.path, name)} is a link")
        return found

    def _place(self, name: str) -> str:
        return os.path.join(self.path, name) if self.handle is None else name
