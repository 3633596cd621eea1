"""Lines that write: what they change, whether it may be meant, whether the write goes wrong or is lost."""

from __future__ import annotations

import re

import torch

from torchcopylint.confirm.worker.observe import Moment, Seen, number, under
from torchcopylint.confirm.worker.probe import CALLERS, Facts, Run
from torchcopylint.confirm.worker.said import (
    REFUSED,
    SHARED_CELLS,
    Said,
    blank,
    mine,
    of_call,
    pairs,
    root_of,
    shown,
)
from torchcopylint.confirm.worker.standin import Choice


def writes(facts: Facts, run: Run, choice: Choice) -> Said:
    """What another name, the caller or the object holds is changed by the line, or through what it binds."""
    met = False
    for before, after in pairs(run):
        for path, now in after.wrote.items():
            if not _harmed(facts, path) or _by_its_own_name(facts, before, path):
                continue
            met = True
            if now.differs(before.names[path]):
                was = before.names[path]
                words = f"{shown(path)} changes from {number(was.value)} to {number(now.value)}"
                return Said(True, words, _may_be_meant(facts, run, path, was))
        if any(map(of_call, after.wrote)):
            return Said(None, "what is written comes from a call of which nothing is known")
        if after.unknown:
            return Said(None, f"what `{after.unknown}` does when it is called is unknown")
    return Said(None, UNMET) if met else _through_alias(facts, run) or _not_written(facts, run)


UNMET = "the write changed no element of any stand-in"


_THROUGH = frozenset({"write-to-view", "write-through-detach", "write-through-numpy"})
"""Rules about writes through another tensor than the one that is harmed."""


def _by_its_own_name(facts: Facts, before: Moment, path: str) -> bool:
    """Whether what is harmed is the very tensor that the line writes to, of which the rule does not speak."""
    if facts["rule"] not in _THROUGH:
        return False
    targets = [before.names[target].identity for target in facts["targets"] if target in before.names]
    return before.names[path].identity in targets


def _not_written(facts: Facts, run: Run) -> Said:
    if not list(pairs(run)) or (facts["writes"] and not any(after.wrote for _, after in pairs(run))):
        return Said(None, UNMET)
    if any(after.wrote for _, after in pairs(run)):
        return Said(False, "nothing but what it is made on is changed by the line")
    return Said(False, "the line changes nothing that was there before it")


def _through_alias(facts: Facts, run: Run) -> Said | None:
    """What the line binds lies on the memory of something else: whether it is written afterwards."""
    found = None
    for _, after in pairs(run):
        for path, seen in after.names.items():
            if not any(under(path, name) for name in facts["moves"]):
                continue
            others = [p for p, s in after.names.items() if s.memory == seen.memory and not _same(p, path)]
            if not others or not seen.value.numel():
                continue
            now = after.later.get(path)
            if now is not None and now.differs(seen):
                was, is_ = number(seen.value), number(now.value)
                words = f"{shown(others[0])} lies on the memory of `{path}`, which changes from {was} to {is_}"
                harmed = [p for p in others if _harmed(facts, p)]
                return Said(True, words, not harmed or _may_be_meant(facts, run, harmed[0], seen))
            found = Said(None, f"`{path}` lies on the memory of {shown(others[0])}, and is not written here")
    return found


def _same(one: str, other: str) -> bool:
    return one.startswith("_") or under(one, other) or under(other, one)


_TO_WRITE = re.compile(r"^(out|dst|dest|into|(buf|buffer|state|cache|acc|total|grad)\w*)$|_out$|_buf$")


def _may_be_meant(facts: Facts, run: Run, path: str, was: Seen) -> bool:
    """Whether the function may be there to make this change, as far as its run shows."""
    if blank(was):
        return True
    own = path.removeprefix(CALLERS)
    root = root_of(own)
    if facts["rule"] == "dataset-item-written":
        return not _differs_again(run)
    if root in ("self", facts["self"]):
        return True
    if root not in facts["parameters"]:
        return False
    if _TO_WRITE.search(root) or facts["function"].endswith("_") or _OWN_WORK.search(facts["function"]):
        return True
    moment = run.moments[0]
    if isinstance(moment.things.get(root), (torch.nn.Module, torch.optim.Optimizer)) or not run.tagged("end"):
        return True
    given, result = moment.things.get(root), run.tagged("end")[-1].things.get("_r1")
    parts = result if isinstance(result, (tuple, list)) else (result,)
    return result is None or any(part is given for part in parts)


_OWN_WORK = re.compile(r"^_*(init|reset|step|update|fill|set|add|apply|write|load|copy)")


def _differs_again(run: Run) -> bool:
    """Whether the second call gives something else than the first."""
    first, end = run.tagged("returned"), run.tagged("end")
    if not first or not end:
        return False
    one = {p.removeprefix("_r1"): s for p, s in first[-1].names.items() if p.startswith("_r1")}
    two = {p.removeprefix("_r2"): s for p, s in end[-1].names.items() if p.startswith("_r2")}
    return any(p in two and s.differs(two[p]) for p, s in one.items())


def _harmed(facts: Facts, path: str) -> bool:
    rule = facts["rule"]
    own = path.removeprefix(CALLERS)
    root = root_of(own)
    if path.startswith(CALLERS):
        if rule == "dataset-item-written":
            return root == "self"
        return root in facts["parameters"] or (root == "self" and rule != "argument-written")
    if rule == "argument-written":
        return False
    if facts["self"] and root == facts["self"]:
        return True
    if rule == "dataset-item-written":
        return False
    targets = {root_of(target) for target in facts["targets"]}
    return root in facts["alive"] and root not in targets and not root.startswith("_")


def expanded(facts: Facts, run: Run, choice: Choice) -> Said:
    """The line writes to elements that lie on the same memory."""
    if run.line in facts["lines"] and SHARED_CELLS.search(run.error):
        return Said(True, f"torch raised {run.error}")
    for before, after in pairs(run):
        for path in after.wrote:
            if before.names[path].shared_cells and not path.startswith("_"):
                return Said(True, f"`{path}` has elements on the same memory: one write changes them all")
        if any(map(of_call, after.wrote)):
            return Said(None, "what is written comes from a call of which nothing is known")
        if facts["expands"] and len(choice.shape) < 3:
            return Said(None, "what is expanded may have more dimensions")
        for path, seen in mine(facts, after, before):
            if seen.shared_cells:
                if path in after.later:
                    return Said(True, f"`{path}` has elements on the same memory, and is written afterwards")
                return Said(None, f"`{path}` has elements on the same memory, and is not written here")
    if facts["expands"] and any(p.startswith(CALLERS) for _, after in pairs(run) for p in after.wrote):
        return Said(None, "what is expanded is a stand-in, and may have had the shape already")
    return _said_of_writes(facts, run, "the line writes to no elements on the same memory")


def _said_of_writes(facts: Facts, run: Run, words: str) -> Said:
    found = _not_written(facts, run)
    return Said(False, words) if found.yes is False else found


def spoils(facts: Facts, run: Run, choice: Choice) -> Said:
    """Torch refuses the write, or backward does after it, or gradients are not what they were."""
    if REFUSED.search(run.error):
        here = run.line in facts["lines"] or any(after.wrote for _, after in pairs(run))
        return Said(True, f"torch raised {run.error}") if here else Said(None, f"torch raised {run.error} elsewhere")
    for _, after in pairs(run):
        if after.spoilt:
            return Said(True, after.spoilt)
        if after.unknown:
            return Said(None, f"what `{after.unknown}` does when it is called is unknown")
        if any(map(of_call, after.wrote)):
            return Said(None, "what is written comes from a call of which nothing is known")
    if not any(after.wrote for _, after in pairs(run)):
        return _through_alias(facts, run) or _not_written(facts, run)
    if not choice.requires_grad:
        return Said(None, "gradients were not looked at")
    return Said(False, "every gradient is after the write what it was before")


def in_order(facts: Facts, run: Run, other: Run) -> Said:
    """The line comes out otherwise where all that it reads is copied first."""
    if run.error and not other.error:
        return Said(True, f"torch raised {run.error}; not so where what is read is copied first")
    if run.error or other.error:
        return Said(None, f"the line does not run: {run.error or other.error}")
    for (_, one), (_, right) in zip(pairs(run), pairs(other), strict=False):
        for path, seen in one.names.items():
            good = right.names.get(path)
            if good is not None and not path.startswith("_") and seen.differs(good):
                words = f"`{path}` becomes {number(seen.value)}, and {number(good.value)}"
                return Said(True, f"{words} where what is read is copied first")
    written = [(before.names[path], seen) for before, after in pairs(run) for path, seen in after.wrote.items()]
    if facts["writes"] and not any(now.differs(was) for was, now in written):
        return Said(None, UNMET)
    if any(of_call(path) for _, after in pairs(run) for path in after.wrote):
        return Said(None, "what is written comes from a call of which nothing is known")
    if facts["out"]:
        return Said(None, "what becomes of an `out` that is read depends on its size")
    return Said(False, "it comes out as it does where all that the line reads is copied first")


def lost(facts: Facts, run: Run, choice: Choice) -> Said:
    """The line changes nothing."""
    for before, after in pairs(run):
        if any(_lasts(facts, path) for path in after.wrote):
            return Said(False, "the line changes what is there after it")
        for path, seen in mine(facts, after, before):
            if _lasts(facts, path) and (path not in before.names or before.names[path].identity != seen.identity):
                return Said(False, "what the line makes is kept")
    return Said(True, "the line changes nothing that is there after it")


def _lasts(facts: Facts, path: str) -> bool:
    """Whether what a path leads to is there, for whoever reads it, after the line."""
    root = root_of(path.removeprefix(CALLERS))
    return path.startswith(CALLERS) or root in (facts["self"], "_r") or root in facts["alive"]


def raises(facts: Facts, run: Run, choice: Choice) -> Said:
    """Torch raises on the line."""
    if facts["memo"]:
        return Said(None, "a call that does nothing raises no exception")
    if run.error and run.line in facts["lines"]:
        return Said(True, f"torch raised {run.error}")
    return Said(False, "the line runs")
