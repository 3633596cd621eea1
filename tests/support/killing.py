"""Which tests notice a change of the program: each change is made in a process forked from the collected tests."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

import pytest
from _pytest.runner import runtestprotocol
from mutants import Mutant
from workspace import ROOT

_PATIENCE = 10.0
"""A test may take so many times its usual time, and so many seconds more at least, before the change is noticed."""
_MEMORY = 2 << 30
OVERTIME = "takes too long"


@dataclass
class Run:
    """One test as it is without changes: how long it takes, and which lines of the files that are changed it runs."""

    item: pytest.Item
    seconds: float = 0.0
    lines: set[tuple[str, int]] = field(default_factory=set)

    @property
    def generates(self) -> bool:
        """Whether it runs what Hypothesis makes, which does not let its lines be seen."""
        return bool(getattr(getattr(self.item, "obj", None), "is_hypothesis_test", False))


class Killing:
    """A plugin of pytest: in place of running the tests it makes each change and hands out what noticed it."""

    def __init__(self, mutants: Sequence[Mutant], tell: Callable[[Mutant, str | None], None]) -> None:
        self.mutants = mutants
        self.tell = tell
        self.broken = list[str]()
        self._runs = list[Run]()
        self._noticed: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Runs all tests once as the program is; then those that a change concerns, until one of them notices it."""
        files = {str(ROOT / mutant.file.path): mutant.file.path for mutant in self.mutants}
        self._runs = [self._usual(item, files) for item in session.items]
        self._runs.sort(key=lambda run: run.seconds)
        gc.collect()
        gc.freeze()
        for mutant in self.mutants if not self.broken else ():
            self.tell(mutant, self._noticed_by(mutant))
        return True

    def _usual(self, item: pytest.Item, files: dict[str, str]) -> Run:
        run = Run(item)

        def lines(frame: FrameType, event: str, _: object) -> object:
            run.lines.add((files[frame.f_code.co_filename], frame.f_lineno))
            return lines

        def calls(frame: FrameType, event: str, _: object) -> object:
            return lines(frame, event, _) if frame.f_code.co_filename in files else None

        start = time.monotonic()
        sys.settrace(calls)  # type: ignore[arg-type]
        try:
            passed = _passes(item)
        finally:
            sys.settrace(None)
        run.seconds = time.monotonic() - start
        if not passed:
            self.broken.append(item.nodeid)
        return run

    def _noticed_by(self, mutant: Mutant) -> str | None:
        """The first test that fails with the change made; None where none does."""
        asked = {(mutant.file.path, line) for line in mutant.lines}
        everywhere = not mutant.function
        known = self._noticed[mutant.file.path, mutant.function]
        first = [*dict.fromkeys(map(id, known))]
        concerned = [run for run in self._runs if everywhere or run.generates or not asked.isdisjoint(run.lines)]
        concerned.sort(key=lambda run: first.index(id(run)) if id(run) in first else len(first))
        number = _in_child(lambda: _first_failing(mutant, concerned))
        if number is None or number >= len(concerned):
            return OVERTIME if number is not None else None
        known.insert(0, concerned[number])
        return concerned[number].item.nodeid


def _first_failing(mutant: Mutant, runs: Sequence[Run]) -> Iterator[int]:
    """The number of the first test that fails, and before each test the time it may take, as a timer."""
    mutant.make()
    for number, run in enumerate(runs):
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE * (1 + run.seconds))
        if not _passes(run.item):
            yield number
            return


def _in_child(work: Callable[[], Iterator[int]]) -> int | None:
    """The first number that comes of the work in a process of its own; a very large one where that dies of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY * 4, _MEMORY * 4))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        try:
            found = next(work(), None)
            os.write(writing, b"" if found is None else str(found).encode())
        except BaseException:
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return sys.maxsize if status else int(text) if text else None


def _passes(item: pytest.Item) -> bool:
    """Whether a test passes; all that was set up for it is taken down again."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))
