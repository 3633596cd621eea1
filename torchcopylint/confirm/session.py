"""Questions → verdicts: a few worker processes that have torch, each given the next question as soon as it is free."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torchcopylint import cards
from torchcopylint.confirm.both import Answer, both
from torchcopylint.confirm.question import Questions, questions
from torchcopylint.domain.finding import Finding, Ruling, Verdict

DEADLINE = 10
"""Seconds that one program may take, computing and waiting together."""

_STARTING = 180.0
_GRACE = 6.0
_PACKAGE = Path(__file__).resolve().parents[1]
_BOOT = """
import importlib.util, sys
where, seconds = sys.argv[1], int(sys.argv[2])
spec = importlib.util.spec_from_file_location(
    "torchcopylint", where + "/__init__.py", submodule_search_locations=[where]
)
module = importlib.util.module_from_spec(spec)
sys.modules["torchcopylint"] = module
spec.loader.exec_module(module)
from torchcopylint.confirm.worker.server import serve
serve(seconds)
"""
"""What a worker runs: it finds this package by its place alone, and everything else where its own interpreter does."""

Progress = Callable[[int, int, str], None]


class NoTorch(Exception):
    """The interpreter that was named cannot run programs; says why."""


@dataclass(slots=True)
class Session:
    """Workers of one interpreter, and what they are to keep to."""

    python: str = sys.executable
    deadline: int = DEADLINE
    jobs: int = 1
    workers: list[_Worker] = field(default_factory=list)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self.workers:
            worker.stop()

    def verdicts(self, findings: Sequence[Finding], progress: Progress | None = None) -> list[Verdict]:
        """The verdict on each finding: by its own slice and its line, or where neither runs by its rule's example."""
        asked = list(map(questions, findings))
        codes = [finding.code for finding in findings]
        answers = self.together(asked, codes, progress)
        open_codes = sorted({code for code, said in zip(codes, answers, strict=True) if _never_ran(said)})
        examples = [(code, example) for code in open_codes if (example := _example(code))]
        seen = self.answers([example for _, example in examples], [code for code, _ in examples], None)
        known = dict(zip([code for code, _ in examples], seen, strict=True))
        every = zip(findings, asked, answers, strict=True)
        return [
            _verdict(f, bool(answer.get("by_fix", one.event.get("by_fix"))), answer, known.get(f.code))
            for f, one, answer in every
        ]

    def together(
        self, asked: Sequence[Questions], labels: Sequence[str], progress: Progress | None = None
    ) -> list[Answer]:
        """What became of each finding's two questions, in order: one answer."""
        every = [question for one in asked for question in one]
        found = self.answers(every, [label for label in labels for _ in range(2)], progress and _halved(progress))
        pairs = zip(asked, found[::2], found[1::2], strict=True)
        return [both(event, line, "why" not in one.line) for one, event, line in pairs]

    def answers(self, questions: Sequence[Any], labels: Sequence[str], progress: Progress | None) -> list[Answer]:
        """What became of each question, in order; one without a program is answered at once."""
        found: dict[int, dict[str, Any]] = {}
        waiting = []
        for number, asked in enumerate(questions):
            if "why" in asked:
                found[number] = {"outcome": "inconclusive", "reason": str(asked["why"])}
            else:
                waiting.append(number)
        waiting.reverse()
        while len(self.workers) < min(self.jobs, len(waiting)):
            self.workers.append(_Worker(self.python, self.deadline))
        while waiting or any(worker.busy is not None for worker in self.workers):
            for worker in self.workers:
                if worker.busy is None and waiting:
                    worker.give(waiting[-1], questions[waiting.pop()])
            for worker in _ready(self.workers):
                done = worker.busy
                assert done is not None
                found[done] = worker.take()
                if progress is not None:
                    progress(len(found), len(questions), labels[done])
        return [found[number] for number in range(len(questions))]


def _halved(progress: Progress) -> Progress:
    """What tells of findings, told of questions: there are two to each."""
    return lambda done, total, label: progress(done // 2, total // 2, label)


class _Worker:
    """One process that has torch, and the question it is at."""

    def __init__(self, python: str, deadline: int) -> None:
        self._python, self._deadline = python, deadline
        self.busy: int | None = None
        self._begun = 0.0
        self._place = tempfile.TemporaryDirectory(prefix="torchcopylint-")
        self._start()

    def _start(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
        environment["PWD"] = self._place.name  # what chooses an interpreter by where one stands believes this
        command = [self._python, "-I", "-B", "-c", _BOOT, str(_PACKAGE), str(self._deadline)]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                encoding="utf-8", errors="replace", cwd=self._place.name, env=environment,
            )  # fmt: skip
        except OSError as error:
            raise NoTorch(f"{self._python} cannot be started: {error.strerror}") from None
        said = self._line(_STARTING)
        if "ready" not in said:
            self.stop()
            raise NoTorch(f"{self._python} has no torch that works: {said.get('failed', 'it exited immediately')}")
        self._forks = bool(said.get("forks"))

    def give(self, number: int, asked: dict[str, Any]) -> None:
        """Hand over a question."""
        self.busy, self._begun = number, time.monotonic()
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # that it is gone shows when its answer is taken

    def take(self) -> dict[str, Any]:
        """The answer; a process that is gone, late, or good for one program only is replaced."""
        answer = self._line(self._deadline + _GRACE)
        self.busy = None
        if not answer or not self._forks:
            self._end()
            self._start()
        whole = all(isinstance(answer.get(part), str) for part in ("outcome", "reason"))
        return answer if whole else {"outcome": "inconclusive", "reason": "the process that ran it died"}

    def _line(self, seconds: float) -> dict[str, Any]:
        """The next line that the process says, {} where none comes in time."""
        with selectors.DefaultSelector() as selector:
            assert self.process.stdout is not None
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                return {}
        line = self.process.stdout.readline()
        try:
            said = json.loads(line) if line else {}
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    def late(self) -> bool:
        """Whether it has had its time and more."""
        return self.busy is not None and time.monotonic() - self._begun > self._deadline + _GRACE

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._end()
        self._place.cleanup()


def _ready(workers: Sequence[_Worker]) -> list[_Worker]:
    """The workers that have an answer, or have had their time."""
    busy = [worker for worker in workers if worker.busy is not None]
    if not busy:
        return []
    with selectors.DefaultSelector() as selector:
        for worker in busy:
            assert worker.process.stdout is not None
            selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        ready = [key.data for key, _ in selector.select(1.0)]
    return ready or [worker for worker in busy if worker.late()]


def _example(code: str) -> dict[str, Any] | None:
    """The rule's own example as a question: what its card shows as Bad, and then its Proof."""
    rule = cards.find(code)
    card = cards.load(rule) if rule is not None else None
    if card is None or not card.confirm:
        return None
    sections = [card.section(title) for title in ("Bad", "Proof")]
    texts = [b.text for section in sections if section for b in section.blocks if b.language == "python"]
    return {"kind": "pattern", "texts": texts} if len(texts) == 2 else None


def _verdict(finding: Finding, by_fix: bool, answer: Answer, example: Answer | None) -> Verdict:
    """An answer in the words of a verdict; the rule's example speaks where the code itself does not."""
    from torchcopylint.confirm.repro import repro

    ruling, reason = Ruling(answer["outcome"]), str(answer["reason"])
    if _never_ran(answer) and example is not None and example["outcome"] == "confirmed":
        return Verdict(Ruling.PATTERN, f"{example['reason']}; for this code, {reason}", repro(finding, answer))
    if answer.get("with"):
        reason = f"{reason} ({answer['with']})"
    return Verdict(ruling, reason, repro(finding, answer), by_fix)


def _never_ran(answer: Answer) -> bool:
    """Whether nothing is known from the code itself: what ran and did no harm is not spoken for by an example."""
    return answer["outcome"] == "inconclusive" and not answer.get("ran")
