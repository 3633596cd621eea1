"""What counts as harm: for each kind of event, what is read off a run, in words; "" where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from torch import nn, optim

from torchcopylint.confirm.worker.learn import adrift, alike, linked, no_leaf, things_of
from torchcopylint.confirm.worker.measure import Cost
from torchcopylint.confirm.worker.observe import Moment, Seen, number, under

Facts = dict[str, Any]
CALLERS = "the caller's "


@dataclass
class Run:
    """One run of a program: the moments it came by, where and on what it stopped, if it did not come to its end.

    tests: how each came out last, and whether that is what it said itself.
    """

    moments: list[Moment] = field(default_factory=list)
    line: int = 0
    error: str = ""
    costs: list[Cost] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    tests: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    noted: list[tuple[Any, bool]] = field(default_factory=list)
    """What calls were given, and whether it is only taken to be of its kind."""

    def tagged(self, tag: str) -> list[Moment]:
        """The moments with this tag, in order."""
        return [moment for moment in self.moments if moment.tag == tag]


def past(kind: str, run: Run) -> bool:
    """Whether a run had passed the last place that matters when it stopped."""
    return bool(run.tagged(_NEEDED[kind][-1]))


def touched(kind: str, facts: Facts, run: Run) -> bool:
    """Whether a run met what is asked about at all: a write that meets no element shows nothing."""
    if kind in ("shared", "spoilt"):
        return any(
            seen.differs(before.names[path])
            for before, after in _pairs(run)
            for path, seen in after.names.items()
            if path in before.names
        )
    if kind in ("adrift", "link"):
        return any(isinstance(v, optim.Optimizer) for m in run.moments for _, v in things_of(m))
    if kind == "stale" and not (run.tagged("changed") or _anything_changed(run)):
        return False
    if kind in _SHOWN:
        paths = facts["paths"][:1] if kind == "kept" else facts["paths"]
        names = [*(p for m in run.moments for p in m.names), *(p for m in run.moments for p, _ in things_of(m))]
        return any(under(path, name) for path in names for name in paths)
    return True


_SHOWN = frozenset("kept stale lost leaf alike replicated converted grown target".split())


def _anything_changed(run: Run) -> bool:
    first: dict[int, Seen] = {}
    for moment in run.moments:
        for seen in moment.names.values():
            if first.setdefault(seen.identity, seen).differs(seen):
                return True
    return False


def harm(kind: str, facts: Facts, run: Run) -> str:
    """The harm of that kind that a run shows, in words, or ""."""
    return _PROBES[kind](facts, run)


def came_by(kind: str, facts: Facts, run: Run) -> bool:
    """Whether the run got as far as it must to speak of the harm at all."""
    refused = kind in ("raise", "outcome") or _refused(kind, facts, run.error)
    if refused and run.error and not past(kind, run):
        return run.line in facts["lines"]
    needed = _NEEDED[kind]
    return (not run.error or bool(run.tagged(needed[-1]))) and all(run.tagged(tag) for tag in needed)


_REFUSAL = {
    "spoilt": re.compile(r"in-place|inplace|leaf [Vv]ariable"),
    "shared": re.compile(r"single memory location"),
}
"""What torch says of writes that it will not make."""


def _refused(kind: str, facts: Facts, error: str) -> bool:
    asks = kind == "spoilt" or (kind == "shared" and bool(facts.get("expanded")))
    return asks and _REFUSAL[kind].search(error) is not None


def outcomes_differ(facts: Facts, written: Run, fixed: Run) -> str:
    """What the write leaves behind as written, where that is not what it leaves behind with the fix."""
    if written.error and not fixed.error:
        return f"torch raised {written.error}; with the fix it does not"
    for one, other in zip(written.tagged("after"), fixed.tagged("after"), strict=False):
        for path, seen in one.names.items():
            right = other.names.get(path)
            if right is not None and any(under(path, name) for name in facts["paths"]) and seen.differs(right):
                return f"`{path}` becomes {number(seen.value)}; with the fix {number(right.value)}"
    return ""


def _root(path: str) -> str:
    return re.split(r"[.\[]", path.removeprefix(CALLERS))[0]


def _pairs(run: Run) -> Iterator[tuple[Moment, Moment]]:
    before: Moment | None = None
    for moment in run.moments:
        if moment.tag == "before":
            before = moment
        elif moment.tag == "after" and before is not None:
            yield before, moment
            before = None


def _shared(facts: Facts, run: Run) -> str:
    """Another name's value changed by the write, or several cells by one."""
    written = facts["path"]
    for before, after in _pairs(run):
        changed = [p for p, seen in after.names.items() if p in before.names and seen.differs(before.names[p])]
        if facts.get("expanded"):
            mine = [p for p, seen in after.names.items() if under(p, written) and seen.shared_cells]
            if mine:
                seen = after.names[mine[0]]
                size = list(seen.value.shape)
                return f"`{mine[0]}` of shape {size} has elements on the same memory: one write changes them all"
            continue
        if facts["owner"] in ("local", "argument"):
            changed = [p for p in changed if not under(p, written)]
        wanted = [p for p in changed if any(under(p, name) for name in facts["others"])]
        callers = [p for p in changed if p.startswith(CALLERS)] if facts["owner"] != "local" else []
        others = [p for p in changed if _root(p) != _root(written) and not p.startswith((CALLERS, "_"))]
        found = wanted or callers or (others if facts["owner"] == "local" else [])
        if facts["owner"] not in ("local", "argument"):
            found = found or [p for p in changed if _root(p) == "self" or p.startswith(CALLERS)]
        if found:
            was, now = before.names[found[0]], after.names[found[0]]
            version = f" (version {was.version} and {now.version})" if now.version != was.version else ""
            spoilt = f"; {after.spoilt}" if after.spoilt else ""
            return f"{_shown(found[0])} changed from {number(was.value)} to {number(now.value)}{version}{spoilt}"
    if run.line in facts["lines"] and _refused("shared", facts, run.error):
        return f"torch raised {run.error}"
    return ""


def _shown(path: str) -> str:
    if path.startswith(CALLERS):
        return f"the caller's `{path.removeprefix(CALLERS)}`"
    return f"`{path}`"


def _stale(facts: Facts, run: Run) -> str:
    """What was kept is not any more what it was when it was kept."""
    kept: dict[int, Seen] = {}
    put: dict[tuple[str, int], Seen] = {}
    for number_of, moment in enumerate(run.moments):
        if moment.tag == "taken":
            mine = [(p, s) for p, s in moment.names.items() if any(under(p, name) for name in facts["paths"])]
            for path, seen in mine:  # what lies in a container was taken when it came there
                if "[" not in path or seen.identity not in kept:
                    kept[seen.identity] = seen
        if moment.tag in ("taken", "put"):  # in a container a value is what it was when it first lay there
            for path, seen in moment.names.items():
                if "[" in path and seen.identity in kept:
                    put.setdefault((path, seen.identity), seen)
        late = moment.tag == "end" and not facts.get("history") and not _used_after_change(run.moments[:number_of])
        if moment.tag == ("changed" if facts.get("history") else "used") or late:
            for path, now in sorted(moment.names.items(), key=lambda item: _order(item[0], facts)):
                was = put.get((path, now.identity)) or kept.get(now.identity)
                if was is not None and was.memory == now.memory and was.differs(now):
                    when = "in the end" if late else "when it is used"
                    return f"`{path}` was {number(was.value)} when it was taken and is {number(now.value)} {when}"
    return ""


def _used_after_change(moments: list[Moment]) -> bool:
    tags = [moment.tag for moment in moments]
    return "changed" in tags and "used" in tags[tags.index("changed") :]


def _order(path: str, facts: Facts) -> tuple[bool, bool]:
    """The names of the kept thing first, what the program calls by no name last."""
    return not any(under(path, name) for name in facts["paths"]), path.startswith(("_", CALLERS))


def _lost(facts: Facts, run: Run) -> str:
    """The thing is as it was before the write."""
    for before, after in _pairs(run):
        same = ""
        for path, was in before.names.items():
            now = after.names.get(path)
            if now is not None and any(under(path, name) for name in facts["paths"]):
                if was.identity != now.identity or was.differs(now) or was.attached != now.attached:
                    return ""
                same = same or f"`{path}` is the same after it: {number(now.value)}"
        if same:
            return same
    return ""


def _kept(facts: Facts, run: Run) -> str:
    """What is kept holds more of the graph after each iteration."""
    sizes = []
    for moment in run.tagged("kept"):
        held = [s for p, s in moment.names.items() if any(under(p, n) for n in facts["paths"]) and s.attached]
        sizes += [total] if (total := sum(s.nodes for s in held)) else []
    if len(sizes) > 1 and sizes[-1] > sizes[0] > 0:
        shown = _shown(facts["paths"][0])
        return f"{shown} keeps {sizes[0]} graph operations alive after one iteration, {sizes[-1]} after {len(sizes)}"
    if len(sizes) == 1 and sizes[0] > 0 and facts.get("lasting"):
        return f"{_shown(facts['paths'][0])} keeps {sizes[0]} graph operations alive after the call"
    return ""


def _target(facts: Facts, run: Run) -> str:
    """Gradients flow into the target."""
    for moment in run.tagged("compared"):
        for path, seen in moment.names.items():
            if any(under(path, name) for name in facts["paths"]) and seen.attached:
                return f"`{path}` is attached to {seen.nodes} graph operations when it is used as the target"
    return ""


def _link(facts: Facts, run: Run) -> str:
    return linked(facts, run.tagged("stepped"))


def _leaf(facts: Facts, run: Run) -> str:
    return no_leaf(facts["paths"], run.tagged("made"))


def _adrift(facts: Facts, run: Run) -> str:
    return adrift(facts["paths"], run.tagged("made"))


def _alike(facts: Facts, run: Run) -> str:
    return alike(facts["paths"], run.tagged("made"))


def _spoilt(facts: Facts, run: Run) -> str:
    """Torch refuses the write, or backward does after it, or gradients are not what they were."""
    if run.line in facts["lines"] and _refused("spoilt", facts, run.error):
        return f"torch raised {run.error}"
    return next((moment.spoilt for moment in run.tagged("after") if moment.spoilt), "")


def _grown(facts: Facts, run: Run) -> str:
    """What is put together anew in each iteration grows, and is copied as a whole each time."""
    sizes = [
        next((s.value.nbytes for p, s in moment.names.items() if any(under(p, n) for n in facts["paths"])), 0)
        for moment in run.tagged("kept")
    ]
    if len(sizes) > 1 and all(one < other for one, other in pairwise(sizes)):
        shown = _shown(facts["paths"][0])
        return (
            f"{sum(sizes):,} bytes are copied in {len(sizes)} iterations for {sizes[-1]:,} that {shown} holds at last"
        )
    return ""


def _default(facts: Facts, run: Run) -> str:
    """What is made once is not any more what it was when it was made."""
    made, used = run.tagged("made"), run.tagged("used")
    for path, was in made[0].names.items() if made and used else ():
        now = used[-1].names.get(path)
        if now is not None and path == "shared_default" and was.differs(now):
            what = "the default of" if facts["how"] == "argument" else "the attribute shared by all objects,"
            name = facts["paths"][0]
            return f"{what} `{name}` was {number(was.value)} before, and is {number(now.value)} for the next user"
    return ""


def _converted(facts: Facts, run: Run) -> str:
    """The thing itself has another dtype afterwards."""
    for before, after in _pairs(run):
        for path, was in before.names.items():
            now = after.names.get(path)
            mine = any(under(path.removeprefix(CALLERS), name) for name in facts["paths"])
            if mine and now is not None and now.value.dtype != was.value.dtype:
                return f"{_shown(path)} itself was {_dtype(was)} and is {_dtype(now)}"
    return ""


def _dtype(seen: Seen) -> str:
    return str(seen.value.dtype).removeprefix("torch.")


def _raises(facts: Facts, run: Run) -> str:
    """Torch raises where it is said to."""
    return f"torch raised {run.error}" if run.error and run.line in facts["lines"] else ""


def _replicated(facts: Facts, run: Run) -> str:
    """Two places hold one object."""
    for moment in run.tagged("made"):
        for name, value in things_of(moment):
            if not any(under(name, wanted) for wanted in facts["paths"]):
                continue
            parts = list(value.values()) if isinstance(value, (dict, nn.ModuleDict)) else value
            if not isinstance(parts, (list, tuple, nn.ModuleList, nn.Sequential)):
                continue
            parts = [part for part in parts if part is not None]
            twice = next(((m, n) for n in range(len(parts)) for m in range(n) if parts[m] is parts[n]), None)
            if twice is not None:
                first, second = twice
                objects = len({id(part) for part in parts})
                return f"`{name}[{first}] is {name}[{second}]`: {len(parts)} places, {objects} distinct objects"
    return ""


def _cost(facts: Facts, run: Run) -> str:
    """What it costs is for the comparison of two runs to say; here only what torch itself warns of."""
    return f"torch warns: {run.warned[0]}" if run.warned else ""


_PROBES: dict[str, Callable[[Facts, Run], str]] = {
    "shared": _shared,
    "stale": _stale,
    "lost": _lost,
    "kept": _kept,
    "target": _target,
    "link": _link,
    "raise": _raises,
    "replicated": _replicated,
    "cost": _cost,
    "leaf": _leaf,
    "adrift": _adrift,
    "alike": _alike,
    "spoilt": _spoilt,
    "grown": _grown,
    "default": _default,
    "converted": _converted,
}
_NEEDED = {
    "shared": ("before", "after"),
    "stale": ("taken", "end"),
    "lost": ("before", "after"),
    "kept": ("kept",),
    "target": ("compared",),
    "link": ("stepped",),
    "raise": ("after",),
    "replicated": ("made",),
    "cost": ("before", "after"),
    "outcome": ("before", "after"),
    "leaf": ("made",),
    "adrift": ("made",),
    "alike": ("made",),
    "spoilt": ("before", "after"),
    "grown": ("kept",),
    "default": ("made", "used"),
    "converted": ("before", "after"),
    "line": ("before", "end"),
}
