"""events → judgements: one function per rule, in a module of its name, found by looking."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import get_type_hints

from torchcopylint.event import Event
from torchcopylint.finding import Judgement
from torchcopylint.sharing import sharing

Check = Callable[[Event], Judgement | None]


def judge(events: Iterable[Event]) -> Iterator[Judgement]:
    """Every rule's judgement of every event of its kind."""
    for event in events:
        for check in checks().get(type(event), ()):
            judgement = check(event)
            if judgement is not None:
                yield replace(judgement, sharing=sharing(event))


@cache
def checks() -> dict[type[Event], tuple[Check, ...]]:
    """The rules by the kind of event that each one's argument is annotated with."""
    found: dict[type[Event], tuple[Check, ...]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        check = getattr(importlib.import_module(f"{__name__}.{module.name}"), module.name)
        kind = get_type_hints(check)["event"]
        found[kind] = (*found.get(kind, ()), check)
    return found
