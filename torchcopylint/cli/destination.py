"""The destination of a report: a stream, or a file that is written completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def destination(path: str | None, usual: TextIO) -> Iterator[TextIO]:
    """The stream for a report: `usual`, or the file at `path`, which is replaced only at the end.

    Anything but a regular file (a pipe, /dev/stdout) is written directly.
    """
    if path is None:
        yield usual
        usual.flush()
    elif os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
    else:
        with _replacing(os.path.realpath(path)) as out:
            yield out


@contextmanager
def _replacing(path: str) -> Iterator[TextIO]:
    from tempfile import mkstemp

    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, beside = mkstemp(prefix=".torchcopylint-", dir=os.path.dirname(path))
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
        with suppress(OSError):
            os.chmod(beside, os.stat(path).st_mode if os.path.exists(path) else 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
