"""One function over many items, on as many processes as are worth it; results come in the order of the items."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

FEW = 16
"""Below this many items a single process is done before a second one has started."""

_MOST = 8
"""Items done at one go: few enough that results keep coming and memory stays low."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def pool(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int, lost: Callable[[Item], Result]
) -> Iterator[Result]:
    """`work` of each item, in order, on `jobs` processes (0: as many as there are CPUs for us).

    An item whose process dies gives `lost(item)`. No process outlives the iterator.
    """
    jobs = min(jobs or cpus(), len(items))
    if jobs <= 1 or len(items) < FEW:
        for chunk in _chunks(items, _MOST):
            yield from _each(work, chunk)
        return
    from concurrent.futures.process import BrokenProcessPool

    chunks = _chunks(items, max(1, min(_MOST, len(items) // (jobs * 8))))
    executor = _executor(jobs)
    try:
        with _uninterrupted():
            futures = [executor.submit(_each, work, chunk) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                results = future.result()
            except BrokenProcessPool:
                results = [_alone(work, item, lost) for item in chunk]
            yield from results
    except BaseException:  # an interrupt too: nobody waits for the rest
        _stop(executor)
        raise
    executor.shutdown()


def cpus() -> int:
    """How many CPUs this process may use: those it is bound to, and no more than its control group pays for."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
        return max(1, min(count, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return count


def _executor(jobs: int) -> ProcessPoolExecutor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Forking is safe here, since no thread runs yet, and saves every worker the imports.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Puts an interrupt off: one that comes while processes fork would be lost in what Python runs around a fork."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """In a worker: leave an interrupt to the parent, and end when the parent ends, however it does."""
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stop(executor: ProcessPoolExecutor) -> None:
    import multiprocessing

    workers = multiprocessing.active_children()
    executor.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()


def _chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`work` of each item; cycles are collected between chunks only, as looking for them in large trees is slow."""
    gc.disable()
    try:
        return [work(item) for item in items]
    finally:
        gc.enable()


def _alone(work: Callable[[Item], Result], item: Item, lost: Callable[[Item], Result]) -> Result:
    """`work` of one item in a process of its own, to learn which item it is that processes die of."""
    from concurrent.futures.process import BrokenProcessPool

    with _executor(1) as executor:
        try:
            return executor.submit(work, item).result()
        except BrokenProcessPool:
            return lost(item)
