"""events → judgements: one function per rule, in a module of its name, found by looking."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from torchcopylint import cards
from torchcopylint.event import Event
from torchcopylint.finding import Judgement
from torchcopylint.plugged import Check, imported_check, judged_by_plugins, plugged_checks
from torchcopylint.sharing import sharing


def judge(events: Iterable[Event], complaints: list[str] | None = None) -> Iterator[Judgement]:
    """Every rule's judgement of every event of its kind; of one place in the code, the rule that says most speaks.

    What goes wrong in a plugin is added to the complaints.
    """
    yield from (judgement for _, judgement in judged(events, complaints))


def judged(events: Iterable[Event], complaints: list[str] | None = None) -> Iterator[tuple[Event, Judgement]]:
    """The same judgements, each with the event that it is on."""
    complaints = [] if complaints is None else complaints
    plugged = plugged_checks(complaints)
    found = [(e, j) for e in events for j in (*_judgements(e), *judged_by_plugins(e, plugged, complaints))]
    spoken: dict[int, set[str]] = {}
    for _, judgement in found:
        spoken.setdefault(id(judgement.node), set()).add(judgement.slug)
    yield from ((e, j) for e, j in found if spoken[id(j.node)].isdisjoint(_yields_to(j.slug)))


def _judgements(event: Event) -> Iterator[Judgement]:
    for check in checks().get(type(event), ()):
        judgement = check(event)
        if judgement is not None:
            yield replace(judgement, sharing=sharing(event))


@cache
def _yields_to(slug: str) -> frozenset[str]:
    """The rules that say more than this one of the same place: what its module has under `YIELDS_TO`."""
    rule = cards.find(slug)
    if rule is not None and rule.plugin is not None:
        return frozenset()
    module = importlib.import_module(f"{__name__}.{slug.replace('-', '_')}")
    return frozenset(getattr(module, "YIELDS_TO", ()))


@cache
def checks() -> dict[type[Event], tuple[Check, ...]]:
    """The rules by the kind of event that each one's argument is annotated with."""
    found: dict[type[Event], tuple[Check, ...]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        check, kinds = imported_check(__name__, module.name)
        for kind in kinds:
            found[kind] = (*found.get(kind, ()), check)
    return found
