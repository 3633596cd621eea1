"""One function over many items, on as many processes as are worthwhile; results come in the order of the items."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from torchcopylint.lone import Loss, limit_memory, lone

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PATIENCE = 120.0
"""Seconds that a process may spend on one item, or on one chunk, before it is killed and the items are tried alone."""

FEW = 16
"""With fewer items than this, one process finishes before a second one has started."""

_MOST = 8
"""Items per chunk: few enough that results keep coming and memory stays low."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def pool(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    lost: Callable[[Item, Loss], Result],
    patience: float = PATIENCE,
) -> Generator[Result, None, None]:
    """`work(item)` for each item, in order, on `jobs` processes (0: one per available CPU).

    An item whose process dies or takes more than `patience` seconds gives `lost(item, why)`. No process outlives the
    iterator. If the system cannot fork, a single job runs in this process.
    """
    jobs = min(jobs or cpus(), len(items))
    if jobs <= 1 or len(items) < FEW:
        if sys.platform == "linux":
            yield from lone(work, items, lost, patience)
            return
        with _uncollected():
            yield from map(work, items)
        return
    chunks = _chunks(items, max(1, min(_MOST, len(items) // (jobs * 8))))
    workers: list[_Worker[Item, Result]] = []
    try:
        with _uninterrupted():
            for _ in range(min(jobs, len(chunks))):
                workers.append(_Worker(work))  # noqa: PERF401  should one fail to start, those before it are stopped
        yield from _shared_out(chunks, workers, lost, patience)
    finally:
        for worker in workers:
            worker.stop()


def cpus() -> int:
    """How many CPUs this process may use: those it is bound to, and no more than its control group allows."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
        return max(1, min(count, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return count


class _Worker(Generic[Item, Result]):
    """A process with its own pipe: nothing is shared, so it may die or be killed at any moment.

    A pool of the standard library shares locks and threads with its processes, and now and then hangs when stopped.
    """

    def __init__(self, work: Callable[[Item], Result]) -> None:
        self._work = work
        self._start()

    def _start(self) -> None:
        import multiprocessing

        # Forking is safe because no thread is running, and saves each process the imports.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self.pipe, self._work), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, chunk: Sequence[Item]) -> None:
        """Sends a chunk; a dead process is noticed when its results are read."""
        with suppress(BrokenPipeError):
            self.pipe.send(chunk)

    def take(
        self, chunk: Sequence[Item], lost: Callable[[Item, Loss], Result], patience: float, waited: float = 0.0
    ) -> list[Result]:
        """The results of the chunk that was sent, after `waited` seconds of its `patience`.

        A process that dies or takes too long is replaced by a new one.
        """
        try:
            if not self.pipe.poll(max(0.0, patience - waited)):
                return self._again(chunk, lost, patience, Loss.OVERTIME)
            results: list[Result] | Exception = self.pipe.recv()
        except (EOFError, OSError):
            return self._again(chunk, lost, patience, Loss.DIED)
        if isinstance(results, Exception):
            raise results
        return results

    def _again(
        self, chunk: Sequence[Item], lost: Callable[[Item, Loss], Result], patience: float, why: Loss
    ) -> list[Result]:
        """The results of a chunk that cost a process: each item goes to a new one, alone."""
        with _uninterrupted():
            self.stop()
            self._start()
        if len(chunk) == 1:
            return [lost(chunk[0], why)]
        return [result for item in chunk for result in self._alone(item, lost, patience)]

    def stop(self) -> None:
        """Kills the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def _alone(self, item: Item, lost: Callable[[Item, Loss], Result], patience: float) -> list[Result]:
        self.give([item])
        return self.take([item], lost, patience)


def _shared_out(
    chunks: list[Sequence[Item]],
    workers: list[_Worker[Item, Result]],
    lost: Callable[[Item, Loss], Result],
    patience: float,
) -> Iterator[Result]:
    """The results of the chunks, in order; each worker gets the next chunk as soon as it has done one."""
    from multiprocessing.connection import wait

    waiting = iter(enumerate(chunks))
    busy: dict[int, _Worker[Item, Result]] = {}
    since: dict[int, float] = {}
    finished: dict[int, list[Result]] = {}
    idle = list(workers)
    for due in range(len(chunks)):
        while due not in finished:
            for worker, (number, chunk) in zip(idle, waiting, strict=False):
                worker.give(chunk)
                busy[number], since[number] = worker, monotonic()
            first = min(since[number] for number in busy) + patience
            ready: Any = wait([worker.pipe for worker in busy.values()], max(0.0, first - monotonic()))
            idle = []
            for number, worker in list(busy.items()):
                waited = monotonic() - since[number]
                if worker.pipe in ready or waited >= patience:
                    finished[number] = worker.take(chunks[number], lost, patience, waited)
                    idle.append(busy.pop(number))
        yield from finished.pop(due)


def _serve(pipe: Connection[Any, Any], parents: Connection[Any, Any], work: Callable[[Item], Result]) -> None:
    """In a worker: answers chunks with their results until the parent is gone; the parent handles interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parents.close()
    limit_memory()
    with suppress(EOFError, OSError), _uncollected():
        while True:
            chunk = pipe.recv()
            try:
                answer: Any = [work(item) for item in chunk]
            except Exception as error:
                answer = error
            pipe.send(answer)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Defers interrupts: one that arrives during a fork would be lost in the code that Python runs around it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Disables garbage collection of cycles: it is slow with large trees, and the analysis leaves no cycles behind."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
