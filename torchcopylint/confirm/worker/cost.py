"""What a copy costs against what takes its place: memory and work are counted, time is told beside them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from torchcopylint.confirm.worker.answer import answer, branches, texts
from torchcopylint.confirm.worker.measure import Cost
from torchcopylint.confirm.worker.probe import Run, came_by
from torchcopylint.confirm.worker.standin import Choice
from torchcopylint.confirm.worker.text import Text

_REPEATS = 12
"""Each time the one program and then the other, and the best of each counts: so both meet the same machine."""

_SIZES = ((8, 8), (64, 64), (512, 512))
_NOISE = 1024
"""Bytes of memory that Python itself may take or not."""


def cost(job: dict[str, Any], choices: Iterable[Choice], end: float) -> dict[str, Any]:
    """The answer to a job about cost: the program's copy against what replaces it, at three sizes."""
    written, fixed = both = texts(job)
    why = ""
    base: Choice | None = None
    chosen = list(choices)
    for number, choice in enumerate([*chosen, *chosen]):
        written.patient = fixed.patient = number < len(chosen)
        before = [text.state() for text in both]
        runs = [_run(written, choice, job, end)]
        fixed.like(written)
        runs.append(_run(fixed, choice, job, end))
        if all(came_by("cost", {}, run) for run in runs):
            base = choice
            break
        why = why or runs[0].error or runs[1].error
        for text, state in zip(both, before, strict=True):
            text.restore(state)
        if time.process_time() > end:
            break
    if base is None:
        words = f"the slice does not run: {why or 'the program never reaches the place'}"
        return answer(job, "inconclusive", words, written, fixed, ran=False)
    one, other = (text.run(base) for text in both)
    if one.warned and not other.warned:
        said = f"torch warns: {one.warned[0]}; not so with the fix"
        return answer(job, "confirmed", said, written, fixed, base, branches(job, one))
    answers = []
    for choice in (base, replace(base, requires_grad=True)):
        said, words = _compared(both, choice, job, end)
        if said == "confirmed":
            return answer(job, said, words, written, fixed, choice, branches(job, one))
        answers.append((said, words))
    return answer(job, *answers[0], written, fixed)


def _compared(both: tuple[Text, Text], base: Choice, job: dict[str, Any], end: float) -> tuple[str, str]:
    """What the two programs cost with stand-ins of three sizes, and what that says."""
    sizes = _SIZES if len(base.shape) == 2 else tuple((n, *base.shape[1:]) for n in (4, 16, 64))
    costs = []
    for size in sizes:
        choice = replace(base, shape=size, weights=size, number=base.number * size[0] // sizes[0][0])
        if all(came_by("cost", {}, _run(text, choice, job, end)) for text in both):
            costs.append([_counted(text, choice) for text in both])
            times = [[_seconds(text, choice) for text in both] for _ in range(_REPEATS)]
            for one, best in zip(costs[-1], map(min, zip(*times, strict=True)), strict=True):
                one.seconds = best
    if not costs:
        return "inconclusive", "the slice does not run with stand-ins of other sizes"
    return weighed([one for one, _ in costs], [other for _, other in costs])


def _seconds(text: Text, choice: Choice) -> float:
    costs = text.run(choice, measure="time").costs
    return costs[-1].seconds if costs else 1.0


def _counted(text: Text, choice: Choice) -> Cost:
    """What is counted in one run after the other: each way of counting disturbs the others."""
    found = Cost()
    for what in ("memory", "calls", "peak"):
        costs = text.run(choice, measure=what).costs
        if costs:
            found.take(costs[-1], what)
    return found


def weighed(written: list[Cost], fixed: list[Cost]) -> tuple[str, str]:
    """What the costs of a program and of its control, at growing sizes, say: the outcome, and the numbers."""
    more, less = written[-1], fixed[-1]
    ratios = [one.seconds / max(other.seconds, 1e-9) for one, other in zip(written, fixed, strict=True)]
    took = f"and {', '.join(f'{ratio:.1f}' for ratio in ratios)} times the time, as it grows"
    words = f"{more.memory:,} bytes of new memory against {less.memory:,}, {took}"
    grown = [one.peak - other.peak for one, other in zip(written, fixed, strict=True)]
    elsewhere = grown[-1] if abs(grown[-1]) > max(_NOISE, min(more.peak, less.peak) // 5) else 0
    gained = [one.memory - other.memory for one, other in zip(written, fixed, strict=True)]
    in_all = gained[-1] + elsewhere  # what one program takes from torch, the other may take from NumPy
    if min(gained) >= 0 and gained[-1] >= max(_NOISE, less.memory // 20) and in_all > 0:
        return "confirmed", words
    if in_all < 0:
        works = more.operations > less.operations or more.calls > less.calls or min(ratios) > 1
        return ("inconclusive", f"no clear difference: {words}") if works else ("refuted", words)
    if more.recorded > less.recorded:
        return "confirmed", f"{more.recorded} operations recorded for backward against {less.recorded}, {took}"
    if elsewhere > 0 and grown[-1] >= grown[0] // 2 and in_all > 0:
        return "confirmed", f"{more.peak:,} bytes of peak memory against {less.peak:,}, {took}"
    if more.operations > less.operations:
        return "confirmed", f"{more.operations} torch operations against {less.operations}, {took}"
    if more.calls > 1.2 * less.calls:
        return "confirmed", f"{more.calls} function calls against {less.calls}, {took}"
    if min(ratios) > 1.2 and ratios[-1] > 2:
        return "confirmed", words
    if more.calls < less.calls and more.operations <= less.operations and grown[-1] <= 0 and max(ratios) < 1:
        return "refuted", words
    return "inconclusive", f"no clear difference: {words}"


def _run(text: Text, choice: Choice, job: dict[str, Any], end: float) -> Run:
    run = text.run(choice)
    while not came_by("cost", {}, run) and time.process_time() < end and run.error and text.repair(run):
        run = text.run(choice)
    return run
