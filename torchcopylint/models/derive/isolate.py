"""Run a piece of work in a forked process: a call that brings it down, or changes its state, harms nothing else."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Crashed(Exception):
    """The work ended its process before it had a result."""


def isolated(work: Callable[[], T]) -> T:
    """What the work returns, computed in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work_and_leave(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise Crashed
    answered, value = pickle.loads(answer)
    if not answered:
        raise RuntimeError(value)
    result: T = value
    return result


def _work_and_leave(work: Callable[[], T], writing: int) -> None:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        try:
            answer = pickle.dumps((True, work()))
        except Exception:
            answer = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)
