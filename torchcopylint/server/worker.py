"""A process for an analyst: a text may crash it, or keep it busy forever, without affecting anything else."""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from threading import Thread, stack_size
from time import monotonic
from typing import TYPE_CHECKING, Any

from torchcopylint.config import Settings
from torchcopylint.lone import Loss, limit_memory
from torchcopylint.outcome import described

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PATIENCE = 30.0
"""Seconds that one analysis may take: fewer than on the command line, since a user is waiting."""

_STARTING = 120.0
"""Seconds after which a process that is still loading is killed."""

_ORPHANED = 5
"""Additional seconds after which a process ends itself, because nothing is left that would kill it."""

_STACK = 64 * 1024 * 1024
"""The stack size that deep syntax needs: the main thread has far less on some systems."""


class Work(Enum):
    """A request to a worker: the name of a method of its analyst."""

    ANALYSE = "analyse"
    TELL_LOSS = "lost"
    REMEDY = "remedies"
    FIX_ALL = "all_fixed"


@dataclass(frozen=True, slots=True)
class Failed:
    """An exception of the work, as text: the exception itself may not be picklable."""

    reason: str


class Worker:
    """One process from start to end; it handles one request at a time."""

    def __init__(self, said: Settings) -> None:
        context = multiprocessing.get_context("spawn")  # the server has threads, and a fork would have their locks
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, said), daemon=True)
        self._process.start()
        theirs.close()
        self._started = monotonic()
        self._warm = False
        self._begun: float | None = None
        self._ended: Loss | None = None

    @property
    def alive(self) -> bool:
        """Whether it is free."""
        return self._ended is None and self._process.is_alive()

    @property
    def spent(self) -> float:
        """Seconds spent on the current request; 0 while it is starting, which has its own limit."""
        if self._begun is not None:
            return monotonic() - self._begun
        return 0.0 if self._warm or monotonic() - self._started < _STARTING else float("inf")

    def answer(self, work: Work, arguments: tuple[Any, ...]) -> Any:
        """The analyst's result for the arguments, a `Failed`, or why there is none; waits."""
        try:
            self._warm = self._warm or bool(self._pipe.recv())
            self._begun = monotonic()
            self._pipe.send((work, arguments))
            return self._pipe.recv()
        except (EOFError, OSError):
            self._process.kill()
            self._process.join()
            return self._ended or Loss.DIED
        finally:
            self._begun = None

    def end(self, why: Loss = Loss.DIED) -> None:
        """Kills the process, whatever it is doing; a waiting caller is told why."""
        self._ended = self._ended or why
        self._process.kill()

    def retire(self) -> None:
        """Stops an idle process and waits until it is gone."""
        self.end()
        self._process.join()


def _serve(pipe: Connection[Any, Any], said: Settings) -> None:
    """In the process: handles requests until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server handles interrupts
    limit_memory()
    stack_size(_STACK)
    thread = Thread(target=_work, args=(pipe, said))
    thread.start()
    thread.join()


def _work(pipe: Connection[Any, Any], said: Settings) -> None:
    from torchcopylint.server.analyst import Analyst, warm_up  # the server itself loads nothing of it

    analyst = Analyst(said)
    with suppress(Exception):
        warm_up()
    with suppress(EOFError, OSError):
        pipe.send(True)
        while True:
            work, arguments = pipe.recv()
            _alarm(int(PATIENCE) + _ORPHANED)
            try:
                answer = getattr(analyst, work.value)(*arguments)
            except Exception as error:
                answer = Failed(described(error))
            _alarm(0)
            pipe.send(answer)


def _alarm(seconds: int) -> None:
    """Lets the system kill this process after so many seconds, even inside a parser; 0: never."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
