"""A program and its control are run with one stand-in after another, until the harm is seen or nothing is left."""

from __future__ import annotations

import ast
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

from torchcopylint.confirm.worker.answer import answer, branches, texts
from torchcopylint.confirm.worker.cost import cost
from torchcopylint.confirm.worker.line import of_line
from torchcopylint.confirm.worker.probe import Facts, Run, came_by, harm, outcomes_differ, past, touched
from torchcopylint.confirm.worker.standin import Choice
from torchcopylint.confirm.worker.text import Text, first_line, of_complex

BUDGET = 2.0
"""Seconds of computing for one finding, after which no further stand-in is begun."""


def choices(job: dict[str, Any]) -> Iterator[Choice]:
    """The ways to fill in the program, likeliest first; the one that was chosen before, where the job names it."""
    if chosen := job.get("choice"):
        yield Choice(**{**chosen, "shape": tuple(chosen["shape"]), "weights": tuple(chosen["weights"])})
        return
    tests = ["as written"] + (["on"] if job["tests"] else [])
    more = ["first", "off", "later"] if job["tests"] else []
    more += ["all"] if job.get("needs") else []
    more += [f"except {n}" for n in range(min(job["tests"], 4))] + [f"only {n}" for n in range(min(job["tests"], 4))]
    grads = (True, False) if job["kind"] in ("kept", "target", "raise", "spoilt", "leaf") else (False, True)
    shapes: list[tuple[int, ...]] = [(4, 4), *map(tuple, job.get("shapes", ())), (2, 3, 8, 8), (4,), (2, 4, 4), (1, 4)]
    base = Choice(requires_grad=grads[0])
    yield from (replace(base, tests=words) for words in [*tests, *more])
    if job["kind"] == "stale":
        yield from (replace(base, graded=True, tests=words) for words in tests)
    if job["kind"] in ("kept", "grown"):
        yield from (replace(base, rounds=3, tests=words) for words in tests)
    yield from (replace(base, guess=guess, tests=words) for guess in (1, 2) for words in tests)
    for words in [*tests, *more[:1]]:
        yield from (replace(base, shape=shape, tests=words) for shape in shapes[1:])
        yield replace(base, requires_grad=grads[1], tests=words)
        yield replace(base, dtype="int64", tests=words)
        yield replace(base, layout="transposed", tests=words)
        yield replace(base, dtype="bool", tests=words)
        yield replace(base, dtype="float64", tests=words)
        yield replace(base, scale=100.0, tests=words)
        yield replace(base, number=1, tests=words)
        yield replace(base, number=2, tests=words)
        yield replace(base, number=3, tests=words)
    yield replace(base, shape=(4, 4), requires_grad=grads[1], layout="transposed")
    yield replace(base, shape=(2, 3, 8, 8), requires_grad=grads[1])


def fillings(job: dict[str, Any]) -> Iterator[Choice]:
    """The ways to fill in a program that is asked about a line: as any, with numbers that differ soon among them."""
    graph = job["facts"]["ask"] in ("spoils", "keeps graph", "target")
    every = list(choices({**job, "kind": "kept" if graph else "shared"}))
    if job["facts"]["ask"] == "expanded":
        every[1:1] = [replace(every[0], shape=shape) for shape in ((2, 4, 4), (2, 3, 8, 8), (3, 5, 2))]
    soon = [replace(every[0], apart=True), replace(every[0], special=True), replace(every[0], scale=100.0)]
    soon += [replace(every[0], dtype="complex64")] if of_complex(job["written"]) else []
    soon += [replace(every[0], number=2)] + [c for c in every if c.guess == 1 and c.tests == "as written"]
    other = replace(every[0], requires_grad=not every[0].requires_grad)
    lived = [replace(choice, lived=True) for choice in (*soon, other)]
    yield from dict.fromkeys([every[0], *lived, *every[1:]])


def trial(job: dict[str, Any]) -> dict[str, Any]:
    """What became of a job: outcome, reason, the program in the end, the stand-ins with which it was decided.

    A job may come with narrower programs, in which more is stand-ins. They can confirm, and nothing else, and only what
    could not be run as a whole, or costs so much else that a copy does not show: what ran and did no harm is not asked
    again with less of it.
    """
    torch.set_num_threads(1)
    sys.setrecursionlimit(600)
    end = time.process_time() + job.get("budget", BUDGET)
    first: dict[str, Any] | None = None
    for narrower in (job, *job.get("narrower", ())):
        one = {**job, **narrower}
        if one["kind"] == "line":
            return {**of_line(one, fillings(one), end + BUDGET), "by_fix": False}
        found = cost(one, choices(one), end) if one["kind"] == "cost" else Trial(one, end).answer()
        found["by_fix"] = one.get("by_fix", False)
        if found["outcome"] == "confirmed" or first is None:
            if first is not None:
                found["reason"] += f"; {one['said']}"
            first = found
        close = one["kind"] == "cost" and first["outcome"] == "inconclusive"
        if found["outcome"] == "confirmed" or (first["ran"] and not close):
            return first
        end = time.process_time() + job.get("budget", BUDGET) / 2
    assert first is not None
    return first


_ENOUGH = 3
"""Runs without harm, and as the code stands, from which on a finding is refuted."""
_UNMET = dict.fromkeys(("shared", "spoilt"), "the write changed no element of any stand-in")


@dataclass
class Trial:
    """One program and its control, while they are run."""

    job: dict[str, Any]
    end: float
    ran: int = 0
    clean: int = 0
    met: bool = False
    why: str = ""
    control: str = ""

    def __post_init__(self) -> None:
        self.kind = str(self.job["kind"])
        self.graph = self.kind in ("kept", "target")
        self.gradients = self.kind == "spoilt"
        self.written, self.fixed = texts(self.job)

    def answer(self) -> dict[str, Any]:
        """The verdict, as far as this program goes."""
        for patient in (True, False):
            self.written.patient = self.fixed.patient = patient
            for choice in choices(self.job):
                if found := self._with(choice):
                    return found
                if time.process_time() > self.end:
                    return self._unconfirmed()
            if self.ran and not self.control:
                break
        return self._unconfirmed()

    def _with(self, choice: Choice) -> dict[str, Any] | None:
        """The answer, where one choice of stand-ins shows the harm, and that it is gone with the fix."""
        before = self.written.state()
        run = self._made_to_run(self.written, choice, "written")
        if not came_by(self.kind, self._facts("written"), run):
            self.why = self.why or run.error
            self.written.restore(before)
            return None
        self.ran += 1
        self.clean += not self.written.cut and not run.error
        self.met = self.met or touched(self.kind, self.job["facts"], run)
        seen = "" if self.kind == "outcome" else harm(self.kind, self._facts("written"), run)
        if not seen and self.kind != "outcome":
            return None
        self.fixed.like(self.written)
        check = self._made_to_run(self.fixed, choice, "fixed")
        if not came_by(self.kind, self._facts("fixed"), check):
            why = check.error or "it never reaches the place"
            self.control = self.control or f"{seen}{', but ' * bool(seen)}the fixed program does not run: {why}"
            return None
        if self.kind == "outcome":
            seen = outcomes_differ(self.job["facts"], run, check)
            return self._confirmed(seen, choice, run) if seen else None
        if left := harm(self.kind, self._facts("fixed"), check):
            self.control = f"{seen}, but also with the fix: {left}"
            return None
        if self.kind == "shared":
            seen = self._with_gradients(choice) or seen
        return self._confirmed(f"{seen}; not so with the fix", choice, run)

    def _with_gradients(self, choice: Choice) -> str:
        """The harm of the same program in words that tell of gradients, where any flow."""
        run = self.written.run(replace(choice, requires_grad=True), gradients=True)
        if run.error or not any(moment.spoilt for moment in run.tagged("after")):
            return ""
        return harm(self.kind, self._facts("written"), run)

    def _confirmed(self, words: str, choice: Choice, run: Run) -> dict[str, Any] | None:
        """The answer where the program has all in it that could undo the harm, whatever is not certain."""
        if missing := self._missing():
            self.control = self.control or f"{words}, but {missing} is not in the program, and may undo the harm"
            return None
        told = branches(self.job, run)
        if choice.dtype == "float32" and of_complex(self.job["written"]):
            complex_ = self.written.run(replace(choice, dtype="complex64"), self.graph, gradients=self.gradients)
            if not complex_.error and not harm(self.kind, self._facts("written"), complex_):
                words += "; not so if tensors are complex"
                return answer(self.job, "inconclusive", words, self.written, self.fixed, choice, told)
        if other := self._of_another_kind(choice):
            return answer(self.job, "inconclusive", f"{words}; {other}", self.written, self.fixed, choice, told)
        return answer(self.job, "confirmed", words, self.written, self.fixed, choice, told)

    def _of_another_kind(self, choice: Choice) -> str:
        """With what of a kind that something may be as well the code runs and does no harm; "" with nothing."""
        before = self.written.state()
        for key in (key for key in self.job.get("unsure", ()) if key in self.written.given):
            for words in self.written.instead(key):
                run = self.written.run(choice, self.graph, gradients=self.gradients)
                came = came_by(self.kind, self._facts("written"), run) and not run.error
                if came and self.kind != "outcome" and not harm(self.kind, self._facts("written"), run):
                    self.written.restore(before)
                    return f"not so if `{key}` is {words}"
            self.written.restore(before)
        return ""

    def _missing(self) -> str:
        """What may undo the harm, and is not in the program or had to be taken out of it; "" where nothing is."""
        for text, which in ((self.written, "written"), (self.fixed, "fixed")):
            lost = set(text.cut) & set(self.job.get(f"{which}_whole", ()))
            for line, statement in text.original() if lost else ():
                if line in lost:
                    return f"`{ast.unparse(statement)[:80]}`"
        left = [str(one) for one in self.job.get("left_out", ())]
        return f"`{' '.join(left[0].split())[:80]}`" if left else ""

    def _unconfirmed(self) -> dict[str, Any]:
        if self.control:
            return self._inconclusive(self.control)
        if not self.ran:
            why = self.why or "the program never reaches the place"
            return self._inconclusive(f"the slice does not run: {why}", ran=False)
        if not self.met:
            return self._inconclusive(_UNMET.get(self.kind, "the code in question never takes effect"))
        if missing := self._missing():
            return self._inconclusive(f"no harm seen, but {missing} is not in the program")
        cut = len(self.written.cut)
        if cut and self.clean < _ENOUGH:
            lines = "a line" if cut == 1 else f"{cut} lines"
            return self._inconclusive(f"no harm seen, but {lines} had to be replaced by stand-ins")
        if self.clean < _ENOUGH:
            return self._inconclusive("no harm seen, but few stand-ins worked")
        return answer(
            self.job, "refuted", f"ran with {self.ran} sets of stand-ins and did no harm", self.written, self.fixed
        )

    def _inconclusive(self, why: str, ran: bool = True) -> dict[str, Any]:
        return answer(self.job, "inconclusive", why, self.written, self.fixed, ran=ran)

    def _facts(self, which: str) -> Facts:
        return {**self.job["facts"], "lines": self.job[f"{which}_lines"]}

    def _made_to_run(self, text: Text, choice: Choice, which: str) -> Run:
        run = text.run(choice, self.graph, gradients=self.gradients)
        while not came_by(self.kind, self._facts(which), run) and time.process_time() < self.end:
            if not run.error or past(self.kind, run) or not text.repair(run):
                break
            run = text.run(choice, self.graph, gradients=self.gradients)
        return run


def pattern(job: dict[str, Any]) -> dict[str, Any]:
    """Whether a rule's own example shows the harm on this torch: its Proof holds after its Bad."""
    names: dict[str, Any] = {"__name__": "card"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        try:
            for text in job["texts"]:
                exec(compile(text, "<card>", "exec"), names)
        except Exception as error:
            return {
                "outcome": "inconclusive",
                "reason": f"the rule's own example does not run either: {first_line(error)}",
            }
    return {"outcome": "confirmed", "reason": "the rule's own example does the harm"}
