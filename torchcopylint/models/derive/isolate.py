"""Run work in forked processes: a call that brings its process down, or changes its state, harms nothing else."""

from __future__ import annotations

import os
import pickle
import tempfile
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

TOGETHER = 40
"""Pieces of work that share a process: a fork costs more than most of them."""


class Crashed(Exception):
    """The work ended its process before it had a result."""


def apart(work: Callable[[T], R], pieces: list[T]) -> list[R]:
    """The work's results in order, computed in other processes; one that crashes its process raises Crashed."""
    results: list[R] = []
    for start in range(0, len(pieces), TOGETHER):
        together = pieces[start : start + TOGETHER]
        try:
            results += _in_child(partial(_all, work, together))
        except Crashed:
            results += [_alone(work, piece) for piece in together]
    return results


def _all(work: Callable[[T], R], pieces: list[T]) -> list[R]:
    return [work(piece) for piece in pieces]


def _alone(work: Callable[[T], R], piece: T) -> R:
    try:
        result: R = _in_child(lambda: work(piece))
    except Crashed:
        raise Crashed(f"{piece} brought its process down") from None
    return result


def _in_child(work: Callable[[], Any]) -> Any:
    reading, writing = os.pipe()
    with warnings.catch_warnings():  # that other threads are left behind: torch's, which wait for work
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _answer_and_leave(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise Crashed
    well, value = pickle.loads(answer)
    if not well:
        raise RuntimeError(value)
    return value


def _answer_and_leave(work: Callable[[], Any], writing: int) -> None:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        with tempfile.TemporaryDirectory() as directory, os.fdopen(writing, "wb") as pipe:
            os.chdir(directory)  # some calls write files by their string arguments
            try:
                answer = pickle.dumps((True, work()))
            except Exception:
                answer = pickle.dumps((False, traceback.format_exc()))
            pipe.write(answer)
    finally:
        os._exit(0)
