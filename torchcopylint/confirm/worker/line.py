"""What a line of a program does, as runs of all that it stands in show it: the rule's own question, yes or no."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from torchcopylint.confirm.worker.answer import answer, branches, texts
from torchcopylint.confirm.worker.copies import given, grows, hot, needed
from torchcopylint.confirm.worker.keeps import keeps_graph, leaf, live, target
from torchcopylint.confirm.worker.probe import Facts, Run
from torchcopylint.confirm.worker.said import MISUSED, REFUSED, SHARED_CELLS, TWICE, Said
from torchcopylint.confirm.worker.standin import Choice
from torchcopylint.confirm.worker.text import Text, of_complex
from torchcopylint.confirm.worker.watch import Watch
from torchcopylint.confirm.worker.writes import UNMET, expanded, in_order, lost, raises, spoils, writes

_ENOUGH = 3
"""Runs that say no, and in which nothing that the line depends on was replaced, from which on a claim is refuted."""
_MOST = 8
_SEVERAL = 5
_OF_GRAPHS = frozenset({"spoils", "keeps graph", "target"})
_OF_ALL = frozenset({"needed"})
"""Questions to which the answer is yes where every run says so: one that says no is enough."""


def of_line(job: dict[str, Any], choices: Iterable[Choice], end: float) -> dict[str, Any]:
    """The answer to a job about a line."""
    written, fixed = texts(job)
    facts: Facts = {**job["facts"], "lines": job["written_lines"], "left_out": job.get("left_out", ())}
    said: list[tuple[Said, Choice, Run, bool]] = []
    why: Counter[str] = Counter()
    tried = list(choices)
    varied = False
    doubt = other = ""
    spoken: list[tuple[int, str]] = []
    waiting = [(choice, patient) for patient in (True, False) for choice in tried]
    while waiting:
        choice, written.patient = waiting.pop(0)
        if fixed.patient and not written.patient and said:
            break
        fixed.patient = written.patient
        before = written.state()
        run = _run(written, choice, end, facts["ask"])
        whole = bool(run.tagged("before")) and (not run.error or _speaks(run, facts))
        found = _judged(facts, written, fixed, run, choice) if run.tagged("before") else Said(None)
        if found.yes is False:
            spoken.append((len([n for n in written.kinds.values() if n]), found.words))
        if whole or found.yes:
            said.append((found, choice, run, _whole(job, written)))
            if found.yes is False and choice.shape != tried[0].shape and not varied:
                varied = True
                waiting[:0] = [(one, written.patient) for one in _varied(choice)]
        else:
            why[run.error or "the program never reaches the line"] += 1
            written.restore(before)
        if found.yes and (facts["ask"] not in _OF_ALL or sum(bool(one.yes) for one, _, _, _ in said) >= _SEVERAL):
            odd = len([n for n in written.kinds.values() if n])
            doubt = next((words for fewer, words in spoken if fewer < odd), "")
            doubt = doubt or _otherwise(job, facts, written, fixed, choice, end)
            other = "" if doubt else _of_another_kind(job, facts, written, fixed, choice)
            break
        if time.process_time() > end or _enough(facts, said):
            break
    doubt = f"with other guesses at kinds {doubt}" if doubt else other
    return _concluded(job, facts, said, why, written, fixed, doubt)


def _varied(choice: Choice) -> list[Choice]:
    """More of what came through: other values, gradients and numbers in tensors of the same shape."""
    changes: list[dict[str, Any]] = [{"special": True}, {"scale": 100.0}, {"number": 2}, {"apart": True}]
    lived = [replace(choice, **change, lived=True) for change in changes]
    return [*lived, replace(choice, requires_grad=not choice.requires_grad, lived=True)]


def _enough(facts: Facts, said: list[tuple[Said, Choice, Run, bool]]) -> bool:
    """Whether further runs would say nothing new; those that say neither yes nor no count for little."""
    clean = [choice.requires_grad for one, choice, _, _ in said if one.yes is False]
    told = sum(one.yes is not None for one, _, _, _ in said)
    if facts["ask"] in _OF_ALL:
        return bool(clean) or told >= _MOST
    both = len(set(clean)) == 2 or facts["ask"] not in _OF_GRAPHS
    return both and max(told, len(said) - _MOST) >= _MOST


def _otherwise(job: dict[str, Any], facts: Facts, written: Text, fixed: Text, choice: Choice, end: float) -> str:
    """What a run with other kinds of stand-ins says against a yes, "" where none does."""
    for guess in (0, 1, 2):
        if guess == choice.guess:
            continue
        before = written.state()
        other = replace(choice, guess=guess)
        run = _run(written, other, end + 0.5, facts["ask"])
        found = _judged(facts, written, fixed, run, other) if run.tagged("after") else Said(None)
        whole = _whole(job, written)
        written.restore(before)
        if found.yes is False and whole and not run.error:
            return found.words
    return ""


def _of_another_kind(job: dict[str, Any], facts: Facts, written: Text, fixed: Text, choice: Choice) -> str:
    """With what of a kind that something may be as well the code runs, and the answer is no; "" with nothing."""
    before = written.state()
    if choice.dtype == "float32" and of_complex(job["written"]):
        other = replace(choice, dtype="complex64")
        run = written.run(other, True, gradients=choice.requires_grad, watch=Watch())
        if not run.error and _judged(facts, written, fixed, run, other).yes is False:
            return "not so if tensors are complex"
    for key in (key for key in job.get("unsure", ()) if key in written.given):
        for words in written.instead(key):
            run = written.run(choice, True, gradients=choice.requires_grad, watch=Watch())
            passed = (run.tagged("end") and not run.error) or (facts["ask"] == "raises" and run.tagged("after"))
            found = _judged(facts, written, fixed, run, choice) if passed else Said(None)
            if found.yes is False or (found.words == UNMET and not words.endswith("array")):
                written.restore(before)
                return f"not so if `{key}` is {words}"
        written.restore(before)
    return ""


def _judged(facts: Facts, written: Text, fixed: Text, run: Run, choice: Choice) -> Said:
    ask = facts["ask"]
    if ask not in ("order", "needed"):
        return _JUDGES[str(ask)](facts, run, choice)
    fixed.like(written)
    other = fixed.run(choice, True, watch=Watch())
    if ask == "order":
        return in_order(facts, run, other)
    again = written.run(choice, True, watch=Watch())
    return needed(facts, run, again, other)


def _run(text: Text, choice: Choice, end: float, ask: str) -> Run:
    run = text.run(choice, True, gradients=choice.requires_grad, watch=Watch())
    while run.error and not run.tagged("end") and time.process_time() < end:
        if _refusal(run) or (ask == "raises" and MISUSED.search(run.error)) or not text.repair(run):
            break
        run = text.run(choice, True, gradients=choice.requires_grad, watch=Watch())
    return run


def _refusal(run: Run) -> bool:
    return any(pattern.search(run.error) for pattern in (TWICE, REFUSED, SHARED_CELLS))


def _speaks(run: Run, facts: Facts) -> bool:
    """Whether a run that raised says something all the same."""
    here = run.line in facts["lines"]
    match facts["ask"]:
        case "raises" | "order":
            return here
        case "spoils":
            return REFUSED.search(run.error) is not None
        case "expanded":
            return here and SHARED_CELLS.search(run.error) is not None
        case "keeps graph":
            return TWICE.search(run.error) is not None
        case _:
            return False


def _whole(job: dict[str, Any], text: Text) -> bool:
    """Whether nothing that the line depends on had to be replaced, and every stand-in is of a kind that it may be."""
    if set(text.cut) & {*job["written_whole"], *job["written_lines"]}:
        return False
    for key, number_of in text.kinds.items():
        hinted = job["hints"].get(key) or re.findall(rf'given\\("{re.escape(key)}", "([^"]*)"\\)', job["written"])
        known = [kind for hint in hinted for kind in hint.split("|") if kind]
        if key in text.given and known and number_of >= len(known):
            return False
    return True


def _concluded(
    job: dict[str, Any],
    facts: Facts,
    said: list[tuple[Said, Choice, Run, bool]],
    why: Counter[str],
    written: Text,
    fixed: Text,
    doubt: str = "",
) -> dict[str, Any]:
    def end(outcome: str, words: str, choice: Choice | None = None, run: Run | None = None) -> dict[str, Any]:
        told = branches(job, run) if run is not None else ""
        return answer(job, outcome, words, written, fixed, choice, told, ran=bool(said))

    if not said:
        first = why.most_common(1)[0][0] if why else "there was no time"
        return end("inconclusive", f"the function does not run to its end: {first}")
    clean = [one for one, _, _, whole in said if one.yes is False and whole]
    yes = [entry for entry in said if entry[0].yes and not (clean and facts["ask"] in _OF_ALL)]
    for one, choice, run, whole in yes:
        if doubt:
            return end("inconclusive", f"{one.words}, but {doubt}", choice, run)
        if not whole:
            return end("inconclusive", f"{one.words}{_CUT}", choice, run)
        if (one.meant and facts["ask"] not in _SURE) or facts.get("meant"):
            return end("inconclusive", f"{one.words}; whether that is meant, no run can say", choice, run)
        return end("confirmed", one.words, choice, run)
    if len(clean) >= (1 if facts["ask"] in _OF_ALL else _ENOUGH):
        if (left := facts["left_out"]) and facts["ask"] != "target":
            return end("inconclusive", f"{clean[0].words}, but what `{str(left[0])[:60]}` does is unknown")
        several = f"{len(clean)} runs" if len(clean) > 1 else "a run"
        return end("refuted", f"in {several} of the whole function, {clean[0].words}")
    open_ = [one.words for one, _, _, _ in said if one.yes is None]
    if open_:
        return end("inconclusive", Counter(open_).most_common(1)[0][0])
    if any(not whole for _, _, _, whole in said):
        return end("inconclusive", f"{said[0][0].words}{_CUT}")
    return end("inconclusive", f"{said[0][0].words}, but few stand-ins worked")


_CUT = ", but what the line depends on had to be replaced by stand-ins"
_SURE = frozenset("expanded spoils order leaf raises".split()) | {"keeps graph"}
"""Questions to which a yes is a bug, whatever was meant."""


_JUDGES: dict[str, Callable[[Facts, Run, Choice], Said]] = {
    "writes": writes,
    "expanded": expanded,
    "spoils": spoils,
    "target": target,
    "keeps graph": keeps_graph,
    "leaf": leaf,
    "live": live,
    "lost": lost,
    "raises": raises,
    "hot": hot,
    "grows": grows,
    "given": given,
}


def known() -> frozenset[str]:
    """The questions that can be asked of a line."""
    return frozenset(_JUDGES) | {"order", "needed"}
