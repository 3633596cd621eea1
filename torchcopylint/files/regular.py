"""A path → what the regular file there holds. What is no regular file, or too large, is refused before it can hurt.

All that comes from outside is read here. A pipe would be waited for, a device may be endless or act when it is opened,
and a link may lead to what only looks like a file: what the system makes up (/proc/self/environ) must reach no report.
"""

from __future__ import annotations

import errno
import os
import stat
from functools import cache

LARGEST = 2_000_000
"""Bytes of a file that are read where nothing else is said."""

MOST = 100_000_000
"""Bytes that a setting may allow."""

_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
_PIECE = 1 << 20


class Refused(OSError):
    """What is there and is not read; says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(0, reason)

    def __str__(self) -> str:
        return str(self.strerror)


class TooLarge(Refused):
    """A file with more bytes than are read."""

    def __init__(self, most: int) -> None:
        super().__init__(f"it has more than {most:,} bytes")


def read_regular(path: str, most: int = LARGEST) -> bytes:
    """The bytes of the regular file at `path`; raises OSError, and Refused where it is none or has more than `most`."""
    _check(os.stat(path), most)  # before it is opened: some devices act on that alone
    handle = os.open(path, _FLAGS)
    try:
        return read_open(handle, most)
    finally:
        os.close(handle)


def read_text(path: str) -> str:
    """The text of such a file, in UTF-8; raises UnicodeDecodeError too."""
    return read_regular(path).decode().replace("\r\n", "\n").replace("\r", "\n")


def read_open(handle: int, most: int = LARGEST) -> bytes:
    """The same of a file that is open."""
    _check(os.fstat(handle), most)
    parts, left = [], most + 1
    while left and (part := os.read(handle, min(left, _PIECE))):
        parts.append(part)
        left -= len(part)
    if not left:
        raise TooLarge(most)
    if parts and not os.fstat(handle).st_size:
        raise _made_up()
    return b"".join(parts)


def _check(found: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise Refused(f"it is {_KINDS.get(stat.S_IFMT(found.st_mode), 'something else')}, not a regular file")
    if found.st_dev in _devices():
        raise _made_up()
    if found.st_size > most:
        raise TooLarge(most)


def _made_up() -> Refused:
    return Refused("it is made up by the system, not a file on a disk")


@cache
def _devices() -> frozenset[int]:
    """The file systems whose files the system makes up, as far as they are known by their place."""
    found = set[int]()
    for place in ("/proc", "/sys"):
        try:
            found.add(os.stat(place).st_dev)
        except OSError:
            continue
    return frozenset(found - {os.stat(os.sep).st_dev})
