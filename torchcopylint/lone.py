"""One function over many items in one child process: if it dies or takes too long, only the current item is lost."""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from enum import Enum, auto
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_LENGTH = struct.Struct("<Q")
_MEMORY = 8 << 30
"""Bytes of address space."""


class Loss(Enum):
    """Why an item has no result: its process died, or took too long and was killed."""

    DIED = auto()
    OVERTIME = auto()


def lone(
    work: Callable[[Item], Result], items: Sequence[Item], lost: Callable[[Item, Loss], Result], patience: float
) -> Generator[Result, None, None]:
    """`work(item)` for each item, in order; `lost(item, why)` if its process died or took more than `patience` seconds.

    The child is forked once, with all items, and again after a lost item; it ends with the iterator. Needs an operating
    system that can fork.
    """
    done = 0
    while done < len(items):
        child = _Child(work, items[done:])
        try:
            while done < len(items):
                answer = child.answer(patience)
                if isinstance(answer, Loss):
                    yield lost(items[done], answer)
                    done += 1
                    break
                if isinstance(answer, _Raised):
                    raise answer.error
                yield answer
                done += 1
        finally:
            child.stop()


class _Raised:
    """An exception of `work`, on its way to the caller."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Child:
    """A forked process that works through the items and writes each result, with its length, to a pipe."""

    def __init__(self, work: Callable[[Item], Any], items: Sequence[Item]) -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()  # the parent alone must write what is buffered, once
        self._pipe, theirs = os.pipe()
        signals = {signal.SIGINT}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # an interrupt while it forks would be lost
        try:
            self._pid = os.fork()
            if not self._pid:
                os.close(self._pipe)
                _serve(theirs, work, items)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(theirs)

    def answer(self, patience: float) -> Any:
        """The next result, the exception raised instead, or why there is none."""
        until = time.monotonic() + patience
        head = self._read(_LENGTH.size, until)
        body = self._read(_LENGTH.unpack(head)[0], until) if isinstance(head, bytes) else head
        return pickle.loads(body) if isinstance(body, bytes) else body

    def _read(self, size: int, until: float) -> bytes | Loss:
        parts: list[bytes] = []
        while size:
            ready, _, _ = select.select([self._pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return Loss.OVERTIME
            part = os.read(self._pipe, min(size, 1 << 20))
            if not part:
                return Loss.DIED
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def stop(self) -> None:
        """Kills the process, whatever it is doing."""
        os.close(self._pipe)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def limit_memory() -> None:
    """Limits memory to what analysing files can need: more raises MemoryError."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
        if soft == resource.RLIM_INFINITY or soft > most:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, ValueError, OSError):  # an operating system without limits
        return


def _serve(pipe: int, work: Callable[[Item], Any], items: Sequence[Item]) -> None:
    """In the child: writes each result to the pipe; ends after the last one, or when the pipe is closed."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
        limit_memory()
        gc.disable()
        for item in items:
            try:
                answer: Any = work(item)
            except Exception as error:
                answer = _Raised(error)
            raw = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
            rest = memoryview(_LENGTH.pack(len(raw)) + raw)
            while rest:
                rest = rest[os.write(pipe, rest) :]
    except OSError:
        pass
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(0)
