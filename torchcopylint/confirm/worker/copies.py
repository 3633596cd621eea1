"""Lines that copy: whether the copy is needed, how often it is made, and what is copied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch

from torchcopylint.confirm.worker.observe import Moment, Seen, number
from torchcopylint.confirm.worker.probe import Facts, Run
from torchcopylint.confirm.worker.said import Said, mine, pairs, shown
from torchcopylint.confirm.worker.standin import Choice


def needed(facts: Facts, run: Run, again: Run, other: Run) -> Said:
    """All comes out the same without the copy; `again` is the same run once more, for what comes out by chance."""
    if not facts["copies"]:
        return Said(False, "nothing of the kind is copied on the line")
    if facts["rule"] in ("clone-before-detach", "data-attribute-copy"):
        return Said(None, "what it costs no run of the function shows")
    if other.error and not run.error:
        return Said(False, f"without the copy torch raises {other.error}")
    if not (run.tagged("end") and other.tagged("end") and again.tagged("end")):
        return Said(None, "the function does not run to its end")
    end, same, bare = (one.tagged("end")[-1] for one in (run, again, other))
    for path, seen in end.names.items():
        now, chance = bare.names.get(path), same.names.get(path)
        if now is None or chance is None or seen.differs(chance):
            continue
        if seen.differs(now):
            return Said(
                False, f"{shown(path)} is {number(seen.value)} in the end, and {number(now.value)} without the copy"
            )
        if now.attached != seen.attached:
            return Said(False, f"without the copy the gradient of {shown(path)} is another")
        if _held(now) > _held(seen):
            return Said(
                False, f"without the copy {shown(path)} holds {_held(now):,} bytes of memory for {_held(seen):,}"
            )
    for one, other_ in _tied(bare):
        if one in end.names and other_ in end.names and end.names[one].memory != end.names[other_].memory:
            return Said(False, f"without the copy {shown(one)} and {shown(other_)} lie on the same memory")
    return Said(True, "all comes out the same without the copy")


def _held(seen: Seen) -> int:
    tensor = seen.holder
    return tensor.untyped_storage().nbytes() if isinstance(tensor, torch.Tensor) and not tensor.is_sparse else 0


def _tied(moment: Moment) -> Iterator[tuple[str, str]]:
    """The names of a moment that lie on the same memory."""
    first: dict[int, str] = {}
    for path, seen in moment.names.items():
        if seen.value.numel() and first.setdefault(seen.memory, path) != path:
            yield first[seen.memory], path


def hot(facts: Facts, run: Run, choice: Choice) -> Said:
    """The copy is made in every round of a loop that computes."""
    if not facts["copies"]:
        return Said(False, "nothing is copied on the line")
    befores = run.tagged("before")
    if not facts["loop"]:
        return Said(False, "the copy is made once in the whole function")
    if facts["guarded"]:
        return Said(False, "the copy is made only where a test of which is more comes out so")
    counts = [moment.backwards for moment in befores]
    if any(other - one > max(facts["backwards"], 1) for one, other in pairwise(counts)):
        return Said(False, "backward runs several times for one copy")
    return Said(None, "the copy is made in every round")


def grows(facts: Facts, run: Run, choice: Choice) -> Said:
    """What the line makes holds all that it made in the round before, and more."""
    if not facts["loop"]:
        return Said(False, "the line is done once in the whole function")
    if facts["few"]:
        return Said(False, "the loop has few rounds, and no more for more data")
    several = False
    for one, other in pairwise(pairs(run)):
        if run.moments.index(other[0]) != run.moments.index(one[1]) + 1:
            continue
        several = True
        before = {path: seen.value.numel() for path, seen in mine(facts, one[1], one[0])}
        for path, seen in mine(facts, other[1], other[0]):
            if 0 < before.get(path, 0) < seen.value.numel():
                now = seen.value.numel()
                return Said(True, f"`{path}` has {before[path]} elements after one round, {now} after the next")
    return Said(False, "what it makes does not grow") if several else Said(None, "the loop around the line runs once")


def given(facts: Facts, run: Run, choice: Choice) -> Said:
    """What the call is given is of the kind that the rule speaks of."""
    if not facts["copies"]:
        return Said(False, "there is no such call on the line")
    if not run.noted:
        return Said(None, "the call is not reached")
    if facts["listed"] and facts["rule"] == "tensor-through-python":
        return Said(None, "the function makes a list of what it is given")
    for value, guessed in run.noted:
        if _is_meant(str(facts["rule"]), value):
            return Said(True, f"the call is given {_named(value)}{', which is a guess' * guessed}")
        if guessed:
            return Said(None, f"that the call is given {_named(value)} is a guess")
    return Said(False, f"the call is given {_named(run.noted[0][0])}")


def _is_meant(rule: str, value: Any) -> bool:
    if rule == "tensor-through-python":
        parts = value if isinstance(value, (list, tuple)) else [value]
        return any(isinstance(part, torch.Tensor) or type(part).__module__ == "numpy" for part in parts) or not parts
    if rule == "deepcopy-then-move":
        return isinstance(value, torch.nn.Module)
    parameter = isinstance(value, torch.nn.Parameter)
    return isinstance(value, torch.Tensor) and (not parameter or rule != "deepcopy-of-tensor")


def _named(value: Any) -> str:
    return f"an object of class {type(value).__name__}"
