"""As many workers as it takes that nothing waits long: one, and others while that one is at something long."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from torchcopylint.config import Settings
from torchcopylint.domain.finding import Finding
from torchcopylint.lone import Loss
from torchcopylint.server.analysis import Analysis, Remedy
from torchcopylint.server.program import Changes, Program
from torchcopylint.server.worker import PATIENCE, Failed, Work, Worker

_MOST = 3
"""Workers at one time."""

_LONG = 1.0
"""Seconds after which others wait no longer for a worker, and after which one is ended that nobody waits for."""

_LOOK = 0.25
"""Seconds between two looks at a worker that is at something."""


class WorkFailed(Exception):
    """What a worker was asked to do has raised an exception; says which."""


@dataclass(slots=True)
class _Job:
    """A worker at work; left: nobody waits for it any more."""

    worker: Worker
    left: bool = False
    done: bool = False


class Workers:
    """Gives work to a free worker; one that is lost over it is replaced. All of it from the thread of one loop."""

    def __init__(self, said: Settings) -> None:
        self._said = said
        self._threads = ThreadPoolExecutor(_MOST, "analysis")
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._every: set[Worker] = set()
        self._long: set[Worker] = set()
        self._waiting = 0
        self._closed = False
        self._start()  # before the client says a word

    async def analyse(self, program: Program, asks: bool = False) -> Analysis:
        """What is found in a program, or that a worker was lost over it; asks: as for `Analyst.analyse`."""
        found: Analysis | Loss = await self._run(Work.ANALYSE, program, asks)
        if isinstance(found, Loss):
            found = await self._run(Work.TELL_LOSS, program, found, PATIENCE)
        if isinstance(found, Loss):
            return Analysis(program, complaints=(f"{program.path}: no process that analyses lasts; please report it",))
        return found

    async def remedies(self, program: Program, findings: Sequence[Finding]) -> list[Remedy] | Loss:
        """What can be done about each finding."""
        found: list[Remedy] | Loss = await self._run(Work.REMEDY, program, findings)
        return found

    async def all_fixed(self, analysis: Analysis) -> Changes | Loss | None:
        """The safe fixes of a program, or None where there is nothing to make."""
        found: Changes | Loss | None = await self._run(Work.FIX_ALL, analysis)
        return found

    async def _run(self, work: Work, *arguments: Any) -> Any:
        """What an analyst makes of the arguments, or why its worker was lost; raises WorkFailed.

        Where it is cancelled, the worker may finish soon, and is ended if it does not.
        """
        loop = asyncio.get_running_loop()
        job = _Job(await self._free())
        answer = self._threads.submit(job.worker.answer, work, arguments)
        answer.add_done_callback(lambda _: _in_loop(loop, self._done, job))
        loop.call_later(_LOOK, self._look, job)
        try:
            found = await asyncio.wrap_future(answer)
        except asyncio.CancelledError:
            job.left = True
            raise
        if isinstance(found, Failed):
            raise WorkFailed(found.reason)
        return found

    def end(self) -> None:
        """Ends all workers, and starts no other."""
        self._closed = True
        for worker in self._every:
            worker.end()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _free(self) -> Worker:
        """A worker that has nothing to do."""
        self._waiting += 1
        try:
            self._make_room()
            while not (worker := await self._idle.get()).alive:
                self._lose(worker)  # it was ended by somebody else
            return worker
        finally:
            self._waiting -= 1

    def _look(self, job: _Job) -> None:
        """Ends what takes too long, or long and for nobody; has others go on where it takes long."""
        if job.done:
            return
        spent = job.worker.spent
        if spent >= PATIENCE:
            job.worker.end(Loss.OVERTIME)
        elif spent >= _LONG and job.left:
            job.worker.end()
        elif spent >= _LONG:
            self._long.add(job.worker)
            self._make_room()
        asyncio.get_running_loop().call_later(_LOOK, self._look, job)

    def _make_room(self) -> None:
        """Starts another worker where there is none, or something waits for others that are all at something long."""
        more = self._waiting and self._idle.empty() and len(self._long) == len(self._every) < _MOST
        if self._closed or not (more or not self._every):
            return
        try:
            self._start()
        except OSError:  # the system has no room for another process now
            asyncio.get_running_loop().call_later(_LONG, self._make_room)

    def _done(self, job: _Job) -> None:
        job.done = True
        self._long.discard(job.worker)
        if not job.worker.alive:
            self._lose(job.worker)
        elif self._idle.empty():
            self._idle.put_nowait(job.worker)
        else:
            self._every.discard(job.worker)
            self._threads.submit(job.worker.retire)

    def _lose(self, worker: Worker) -> None:
        """Forgets a worker that has ended; where it was the only one, another is warm when it is needed."""
        self._every.discard(worker)
        self._make_room()

    def _start(self) -> None:
        worker = Worker(self._said)
        self._every.add(worker)
        self._idle.put_nowait(worker)


def _in_loop(loop: AbstractEventLoop, call: Callable[[_Job], None], job: _Job) -> None:
    """Has something called in the loop, if that has not ended."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, job)
