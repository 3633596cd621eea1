"""An event → how to ask torch about it: the probe and its facts, where the program is watched, what the control is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import singledispatch

from torchcopylint.confirm.asked import Cure, Probe, Tag
from torchcopylint.domain.event import (
    BrokenLink,
    Copy,
    Event,
    GraphKept,
    Grown,
    LoopNameRebound,
    LostWrite,
    MemoMistaken,
    Misuse,
    ModuleConverted,
    NotLeaf,
    Replicated,
    ResultDropped,
    SavedWrite,
    SelfWrite,
    ShallowCopyWritten,
    SharedDefault,
    SharedOptimizerState,
    SharedWrite,
    StaleSnapshot,
    TargetAttached,
    TensorMade,
)
from torchcopylint.domain.finding import Role
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.use import Conversion


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked; what the probe must know; nodes that are watched, as what; the control's remedy and where it goes.

    at: the node it is applied to; end: what the program's end is watched as, if it is; name: what it is about; others:
    more that the program must hold; begin: the identities of the syntax with which what is measured begins, where that
    is before the node.
    """

    kind: Probe
    node: object
    facts: dict[str, object] = field(default_factory=dict)
    watched: tuple[tuple[object, Tag], ...] = ()
    fix: Cure = Cure.NONE
    at: object = None
    end: Tag | None = None
    name: str = ""
    others: tuple[object, ...] = ()
    begin: frozenset[object] = frozenset()


_GOES_OVER = frozenset("enumerate zip list reversed sorted tuple iter".split())


def not_here(event: Event, slug: str) -> str:
    """Why no run on the CPU can show the harm that a rule speaks of, "" where one can."""
    if slug == "async-copy-read-early":
        return "the race is between a device and its host, and is visible only on an accelerator"
    if slug == "data-attribute-copy":
        return "hiding it from autograd and vmap has no measurable cost"
    moved = isinstance(event, ModuleConverted) and event.conversion is Conversion.MOVED
    if slug == "deepcopy-then-move" or moved:
        return "if everything is on the CPU, nothing is moved"
    if isinstance(event, MemoMistaken):
        return "a call that does nothing raises no exception"
    return ""


def plan(event: Event, slug: str = "") -> Plan | None:
    """How to ask torch about an event that a rule reports; None for what no probe is for."""
    special = _OF_RULE.get(slug)
    return special(event) if special is not None else _plan(event)


@singledispatch
def _plan(event: Event) -> Plan | None:
    return None


@_plan.register
def _shared(event: SharedWrite) -> Plan:
    facts = {
        "path": event.name,
        "source": event.source,
        "owner": event.owner.name.lower(),
        "others": [name for name in (*event.others, event.source) if name],
        "expanded": Layout.EXPANDED in event.layout,
    }
    path = tuple(step.node for step in event.steps)
    return Plan(
        Probe.SHARED,
        event.node,
        facts,
        ((event.node, Tag.WRITE),),
        Cure.COPY_WRITTEN,
        event.node,
        None,
        event.name,
        path,
    )


@_plan.register
def _stale(event: StaleSnapshot) -> Plan:
    taken = event.site if event.site is not None else event.node
    nodes = [step.node for step in event.steps]
    used = nodes[-1] if len(nodes) > 2 and event.steps[-1].role is Role.READ else None
    change = nodes[-2] if used is not None else nodes[-1] if len(nodes) > 1 else None
    watched: list[tuple[object, Tag]] = [(event.node, Tag.TAKEN)]
    watched += [(taken, Tag.TAKEN_TOO)] if taken is not event.node else []
    watched += [(change, Tag.CHANGE), (change, Tag.CHANGED)] if change is not None else []
    watched += [(used, Tag.USED)] if used is not None else []
    through = isinstance(event, ShallowCopyWritten)
    history = isinstance(event, SharedOptimizerState)
    facts: dict[str, object] = {"paths": [event.name], "trained": event.trained, "source": event.source}
    facts["through"], facts["history"] = through, history
    end = None if used is not None else Tag.USED
    return Plan(Probe.STALE, event.node, facts, tuple(watched), Cure.COPY_RESULT, taken, end, event.name, tuple(nodes))


@_plan.register
def _lost(event: LostWrite) -> Plan:
    dropped = isinstance(event, ResultDropped)
    fix = Cure.KEEP if dropped else Cure.LAND
    name = event.name if dropped else event.source
    if "(" in name:
        name = name.partition("(")[0].rpartition(".")[0]
    paths = [p for p in (name, event.source, event.name) if p]
    if isinstance(event, LoopNameRebound):
        paths = [found for found in re.findall(r"[A-Za-z_][\w.]*", event.source) if found not in _GOES_OVER]
        paths = [path.partition(".parameters")[0].partition(".named_parameters")[0] for path in paths]
    nodes = tuple(step.node for step in event.steps)
    return Plan(
        Probe.LOST, event.node, {"paths": paths}, ((event.node, Tag.WRITE),), fix, event.node, None, name, nodes
    )


@_plan.register
def _graph(event: GraphKept) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    if isinstance(event, TargetAttached):
        watched = ((event.node, Tag.TAKEN), (nodes[-1], Tag.COMPARED)) if nodes else ()
        facts: dict[str, object] = {"paths": [event.name]}
        return Plan(Probe.TARGET, event.node, facts, watched, Cure.DETACH_RESULT, event.node, None, event.name, nodes)
    paths = [_stem(event.name)] if event.name else []
    facts = {"paths": paths, "lasting": "." in event.name or event.name == "self"}
    return Plan(
        Probe.KEPT,
        event.node,
        facts,
        ((event.node, Tag.KEPT),),
        Cure.DETACH_VALUE,
        event.node,
        None,
        event.name,
        nodes,
    )


@_plan.register
def _link(event: BrokenLink) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    watched = [(node, Tag.STEPPED) for node in nodes[1:2]]
    facts: dict[str, object] = {"paths": [event.name], "optimizer": event.source}
    end = None if watched else Tag.STEPPED
    return Plan(Probe.LINK, event.node, facts, tuple(watched), Cure.RELINK, event.node, end, event.source, nodes)


@_plan.register
def _raise(event: Misuse) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    return Plan(
        Probe.RAISE,
        event.node,
        {},
        ((event.node, Tag.WRITE),),
        Cure.DETACH_ARGUMENT,
        event.node,
        None,
        event.name,
        nodes,
    )


@_plan.register
def _replicated(event: Replicated) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    return Plan(
        Probe.REPLICATED, event.node, {}, ((event.node, Tag.MADE),), Cure.APART, event.node, None, event.name, nodes
    )


@_plan.register
def _selves(event: SelfWrite) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    facts: dict[str, object] = {"paths": [event.name or _stem(event.source.partition("[")[0])]}
    return Plan(
        Probe.OUTCOME,
        event.node,
        facts,
        ((event.node, Tag.WRITE),),
        Cure.CHANGES,
        event.node,
        None,
        event.name,
        nodes,
    )


@_plan.register
def _copy(event: Copy) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    fix = (
        Cure.CLONE_TENSOR if isinstance(event, TensorMade) else Cure.REFRESH if event.heat is not None else Cure.CHANGES
    )
    return Plan(Probe.COST, event.node, {}, ((event.node, Tag.WRITE),), fix, event.node, None, event.name, nodes)


@_plan.register
def _grown(event: Grown) -> Plan:
    facts: dict[str, object] = {"paths": [event.name]}
    return Plan(Probe.GROWN, event.node, facts, ((event.node, Tag.KEPT),), Cure.GATHER, event.node, None, event.name)


@_plan.register
def _not_leaf(event: NotLeaf) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    facts: dict[str, object] = {"paths": [event.name]}
    return Plan(
        Probe.LEAF,
        event.node,
        facts,
        ((event.node, Tag.MADE),),
        Cure.DETACH_ARGUMENT,
        event.node,
        None,
        event.name,
        nodes,
    )


@_plan.register
def _saved(event: SavedWrite) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    watched = ((event.node, Tag.WRITE),)
    return Plan(
        Probe.SPOILT,
        event.node,
        {"paths": [event.name]},
        watched,
        Cure.COPY_WRITTEN,
        event.node,
        None,
        event.name,
        nodes,
    )


@_plan.register
def _default(event: SharedDefault) -> Plan:
    nodes = tuple(step.node for step in event.steps)
    of, _, name = event.name.rpartition(".")
    facts: dict[str, object] = {"paths": [name], "how": event.how.name.lower(), "class": of}
    return Plan(
        Probe.DEFAULT, nodes[-1], facts, (), Cure.EACH, None, Tag.USED, event.name.rpartition(".")[2], nodes[-1:]
    )


def _stem(name: str) -> str:
    """A place without the item of it, where that is named by a variable."""
    return re.sub(r"\[[^\]'\"\d].*$", "", name)


def _by_bytes(event: Event) -> Plan:
    return replace(_plan_of(event), fix=Cure.DEEPCOPY)


def _through_python(event: Event) -> Plan:
    return replace(_plan_of(event), fix=Cure.THROUGH)


def _adrift(event: Event) -> Plan:
    watched = ((event.node, Tag.MADE),)
    return Plan(Probe.ADRIFT, event.node, {}, watched, Cure.UNCOPIED, event.node, None, event.name)


def _alike(event: Event) -> Plan:
    watched = ((event.node, Tag.MADE),)
    return Plan(Probe.ALIKE, event.node, {}, watched, Cure.ANEW, event.node, None, event.name)


def _converted(event: Event) -> Plan:
    watched = ((event.node, Tag.WRITE),)
    facts: dict[str, object] = {"paths": [event.source]}
    return Plan(Probe.CONVERTED, event.node, facts, watched, Cure.CHANGES, event.node, None, event.source)


def _handed(event: Event) -> Plan:
    found = _plan_of(event)
    watched = tuple((node, tag) for node, tag in found.watched if tag not in (Tag.TAKEN, Tag.TAKEN_TOO))
    facts = {**found.facts, "handed": True}
    return replace(found, facts=facts, watched=watched, fix=Cure.NONE, others=(event.node, *found.others), end=Tag.USED)


def _into_first(event: Event) -> Plan:
    node = event.steps[-1].node
    root = re.split(r"[.\[(]", event.source)[0]
    facts: dict[str, object] = {"path": event.name, "source": root, "owner": "argument", "others": [root]}
    nodes = tuple(step.node for step in event.steps)
    return Plan(
        Probe.SHARED,
        node,
        facts,
        ((node, Tag.WRITE),),
        Cure.COPY_WRITTEN,
        node,
        None,
        event.name,
        (event.node, *nodes),
    )


def _plan_of(event: Event) -> Plan:
    found = _plan(event)
    assert found is not None
    return found


_OF_RULE: dict[str, Callable[[Event], Plan]] = {
    "accumulate-into-first": _into_first,
    "serialise-to-copy": _by_bytes,
    "tensor-through-python": _through_python,
    "copied-optimizer": _adrift,
    "same-initialisation": _alike,
    "live-model-converted": _converted,
    "internal-state-returned": _handed,
}
"""Rules that ask of their events something else than is asked of such events otherwise."""
