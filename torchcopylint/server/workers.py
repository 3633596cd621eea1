"""Enough workers that nothing waits long: one, and more while that one is busy with something long."""

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
"""The maximum number of workers."""

_LONG = 1.0
"""Seconds after which other requests stop waiting for a worker, and after which an abandoned one is killed."""

_LOOK = 0.25
"""Seconds between two checks of a busy worker."""


class WorkFailed(Exception):
    """The request to a worker raised an exception; says which."""


@dataclass(slots=True)
class _Job:
    """A busy worker; left: nobody waits for its result any more."""

    worker: Worker
    left: bool = False
    done: bool = False


class Workers:
    """Gives work to a free worker and replaces a worker that is lost. To be used from the thread of one loop only."""

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
        """The analysis of a program, or that a worker was lost; asks: as for `Analyst.analyse`."""
        found: Analysis | Loss = await self._run(Work.ANALYSE, program, asks)
        if isinstance(found, Loss):
            found = await self._run(Work.TELL_LOSS, program, found, PATIENCE)
        if isinstance(found, Loss):
            return Analysis(program, complaints=(f"{program.path}: no process that analyses lasts; please report it",))
        return found

    async def remedies(self, program: Program, findings: Sequence[Finding]) -> list[Remedy] | Loss:
        """The possible remedies for each finding."""
        found: list[Remedy] | Loss = await self._run(Work.REMEDY, program, findings)
        return found

    async def all_fixed(self, analysis: Analysis) -> Changes | Loss | None:
        """The safe fixes of a program, or None if there are none."""
        found: Changes | Loss | None = await self._run(Work.FIX_ALL, analysis)
        return found

    async def _run(self, work: Work, *arguments: Any) -> Any:
        """The analyst's result for the arguments, or why its worker was lost; raises WorkFailed.

        If it is cancelled, the worker may finish soon, and is killed if it does not.
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
        """Stops all workers and starts no new ones."""
        self._closed = True
        for worker in self._every:
            worker.end()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _free(self) -> Worker:
        """An idle worker."""
        self._waiting += 1
        try:
            self._make_room()
            while not (worker := await self._idle.get()).alive:
                self._lose(worker)  # it was killed from outside
            return worker
        finally:
            self._waiting -= 1

    def _look(self, job: _Job) -> None:
        """Kills workers that take too long, or long without anyone waiting; lets other requests continue elsewhere."""
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
        """Starts another worker if there is none, or if requests wait while all are busy with something long."""
        more = self._waiting and self._idle.empty() and len(self._long) == len(self._every) < _MOST
        if self._closed or not (more or not self._every):
            return
        try:
            self._start()
        except OSError:  # the system cannot start another process now
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
        """Forgets a worker that has ended; if it was the only one, another is started in advance."""
        self._every.discard(worker)
        self._make_room()

    def _start(self) -> None:
        worker = Worker(self._said)
        self._every.add(worker)
        self._idle.put_nowait(worker)


def _in_loop(loop: AbstractEventLoop, call: Callable[[_Job], None], job: _Job) -> None:
    """Schedules a call in the loop, if it is still running."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, job)
