"""Lines that keep something: whether it is attached, a leaf, and what it was when it is used."""

from __future__ import annotations

from itertools import pairwise

import torch

from torchcopylint.confirm.worker.observe import Moment, number, under
from torchcopylint.confirm.worker.probe import Facts, Run
from torchcopylint.confirm.worker.said import TWICE, Said, blank, from_call, mine, numbers, pairs, root_of
from torchcopylint.confirm.worker.standin import Choice


def target(facts: Facts, run: Run, choice: Choice) -> Said:
    """What a loss is given as its target is attached."""
    names = facts["compared"]
    if not names:
        return Said(None, "what the target of the loss is does not show")
    for before, after in pairs(run):
        seen = [(p, s) for m in (before, after) for p, s in m.names.items() if any(under(p, n) for n in names)]
        if not seen:
            return Said(None, "what the target of the loss is does not show")
        if any(from_call(m, s) for m in (before, after) for _, s in seen):
            return Said(None, "what the target of the loss is comes from a call of which nothing is known")
        for path, one in seen:
            if one.attached:
                return Said(True, f"`{path}` is attached to {one.nodes} graph operations as the target of the loss")
    return Said(False, "the target of the loss is not attached")


def keeps_graph(facts: Facts, run: Run, choice: Choice) -> Said:
    """What is kept is attached, and backward runs before it is let go."""
    if TWICE.search(run.error):
        return Said(True, f"torch raised {run.error}")
    every = list(pairs(run))
    sizes = []
    for before, after in every:
        new = [path for path, seen in mine(facts, after, before) if seen.attached]
        parents = {place for place in facts["binds"] if place and any(under(path, place) for path in new)}
        held = [s for p, s in after.names.items() if s.attached and any(under(p, parent) for parent in parents)]
        sizes.append(sum(seen.nodes for seen in held))
    if not any(mine(facts, after, before) or numbers(facts, after) for before, after in every):
        return Said(None, "what the line keeps does not show")
    unknown = next((after.unknown for _, after in every if after.unknown), "")
    if unknown and facts["rule"] == "recurrent-state-not-cut":
        return Said(None, f"what `{unknown}` keeps is unknown")
    if not any(sizes):
        if any(from_call(after, s) for before, after in every for _, s in mine(facts, after, before)):
            return Said(None, "what the line keeps comes from a call of which nothing is known")
        return Said(False, "what the line keeps is not attached")
    counts = [after.backwards for _, after in every]
    for one, other in pairwise(range(len(sizes))):
        if counts[other] > counts[one] and sizes[other] > sizes[one] > 0:
            return Said(
                True, f"it keeps {sizes[one]} graph operations after one iteration, {sizes[other]} after the next"
            )
    if words := _outlives(facts, run, every):
        return Said(True, words)
    if facts["loop"] and not any(one.tag == "after" and other.tag == "before" for one, other in pairwise(run.moments)):
        return Said(None, "the loop around the line runs once")
    last = max((m.backwards for m in run.moments), default=0)
    if last > counts[0]:
        return Said(False, "backward goes through all that is kept")
    return Said(None, "what the line keeps is attached, and no backward is in sight")


def _outlives(facts: Facts, run: Run, every: list[tuple[Moment, Moment]]) -> str:
    """How what was kept is still there, attached, after the backward that came before the next of it was kept."""
    kept: dict[int, tuple[int, object]] = {}
    for before, after in every:
        new = [(path, seen) for path, seen in mine(facts, after, before) if seen.attached]
        listed = {id(seen.holder) for path, seen in new if path.endswith("]")}
        if len(listed) > 1 and (calls := after.backwards - before.backwards) > 1:
            return f"it keeps {len(listed)} attached tensors over {calls} calls of backward"
        kept |= {id(seen.holder): (after.backwards, seen.holder) for _, seen in new}
    for moment in run.tagged("returned"):
        there = {kept[id(s.holder)][0] for s in moment.names.values() if s.attached and id(s.holder) in kept}
        if len(there) > 1:
            return f"after {max(there)} calls of backward what it kept in {len(there)} iterations is still attached"
    return ""


def leaf(facts: Facts, run: Run, choice: Choice) -> Said:
    """What is made requires a gradient and is no leaf: backward leaves it without one."""
    if choice.requires_grad:
        return Said(None, "stand-ins were leaves themselves")
    made = [(p, s.holder) for before, after in pairs(run) for p, s in mine(facts, after, before)]
    tensors = [(p, t) for p, t in made if isinstance(t, torch.Tensor) and t.requires_grad]
    if not tensors:
        return Said(None, "nothing that the line makes requires a gradient")
    for path, tensor in tensors:
        if not tensor.is_leaf and not tensor.retains_grad:
            if not facts["grad_read"]:
                return _unread(facts, path)
            return Said(True, f"`{path}` is not a leaf: after backward its gradient is None")
    return Said(False, "all that the line makes and that requires a gradient is a leaf, or retains it")


def _unread(facts: Facts, path: str) -> Said:
    """Of a tensor whose gradient the function does not read."""
    if root_of(path) in (facts["self"], "_r"):
        return Said(None, f"whether the gradient of `{path}` is read, the function does not show")
    return Said(False, f"the gradient of `{path}` is read nowhere")


def live(facts: Facts, run: Run, choice: Choice) -> Said:
    """What the line keeps changes afterwards."""
    shared = ""
    for before, after in pairs(run):
        kept = mine(facts, after, before)
        paths = {path for path, _ in kept}
        for path, seen in kept:
            now = after.later.get(path)
            if now is not None and now.differs(seen):
                words = f"`{path}` is {number(seen.value)} when it is kept, and {number(now.value)} later"
                return Said(True, words, root_of(path) not in facts["alive"] or blank(seen))
        memories = {s.memory for p, s in after.names.items() if p not in paths and not p.startswith("_")}
        shared = shared or next((path for path, seen in kept if seen.memory in memories), "")
        if not kept:
            return Said(None, "what the line keeps does not show")
    if shared:
        return Said(None, f"`{shared}` shares memory, and nothing here changes it")
    return Said(False, "what the line keeps has memory of its own, and does not change")
