"""events → judgements: one function per rule, in a module of its name, found by looking."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import get_args, get_type_hints

from torchcopylint.event import Event
from torchcopylint.finding import Judgement
from torchcopylint.sharing import sharing

Check = Callable[[Event], Judgement | None]


def judge(events: Iterable[Event]) -> Iterator[Judgement]:
    """Every rule's judgement of every event of its kind; of one place in the code, the rule that says most speaks."""
    found = [j for event in events for j in _judgements(event)]
    spoken: dict[int, set[str]] = {}
    for judgement in found:
        spoken.setdefault(id(judgement.node), set()).add(judgement.slug)
    yield from (j for j in found if spoken[id(j.node)].isdisjoint(_yields_to(j.slug)))


def _judgements(event: Event) -> Iterator[Judgement]:
    for check in checks().get(type(event), ()):
        judgement = check(event)
        if judgement is not None:
            yield replace(judgement, sharing=sharing(event))


@cache
def _yields_to(slug: str) -> frozenset[str]:
    """The rules that say more than this one of the same place: what its module has under `YIELDS_TO`."""
    module = importlib.import_module(f"{__name__}.{slug.replace('-', '_')}")
    return frozenset(getattr(module, "YIELDS_TO", ()))


@cache
def checks() -> dict[type[Event], tuple[Check, ...]]:
    """The rules by the kind of event that each one's argument is annotated with."""
    found: dict[type[Event], tuple[Check, ...]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        check = getattr(importlib.import_module(f"{__name__}.{module.name}"), module.name)
        hint = get_type_hints(check)["event"]
        for kind in get_args(hint) or (hint,):
            found[kind] = (*found.get(kind, ()), check)
    return found
