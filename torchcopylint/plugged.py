"""The checks of plugins: imported when a file is analysed, each on its own, so that one that breaks stops no other."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import get_args, get_type_hints

from torchcopylint import cards
from torchcopylint.cards import Rule
from torchcopylint.event import Event
from torchcopylint.finding import Judgement

Check = Callable[..., Judgement | None]
Plugged = Mapping[type[Event], tuple[tuple[Rule, Check], ...]]


def plugged_checks(complaints: list[str]) -> Plugged:
    """The checks of plugins by the kind of event they judge; of those that cannot be used it is said why."""
    found, wrong = _plugged_checks()
    complaints += (*cards.complaints(), *wrong)
    return found


@cache
def _plugged_checks() -> tuple[Plugged, tuple[str, ...]]:
    found: dict[type[Event], tuple[tuple[Rule, Check], ...]] = {}
    wrong: list[str] = []
    for rule in cards.rules():
        if rule.plugin is not None:
            try:
                check, kinds = imported_check(rule.plugin.module, rule.slug.replace("-", "_"))
            except Exception as error:  # whatever a plugin may do when it is imported
                wrong.append(f"{rule.plugin}: {rule.code} is not used: {type(error).__name__}: {error}")
                continue
            for kind in kinds:
                found[kind] = (*found.get(kind, ()), (rule, check))
    return found, tuple(wrong)


def imported_check(package: str, name: str) -> tuple[Check, tuple[type[Event], ...]]:
    """The check of that name, and the kinds of event that it judges."""
    check: Check = getattr(importlib.import_module(f"{package}.{name}"), name)
    hint = get_type_hints(check)["event"]
    kinds = get_args(hint) or (hint,)
    if not all(isinstance(kind, type) and issubclass(kind, Event) for kind in kinds):
        raise TypeError(f"{name}: the argument `event` must be annotated with a kind of event")
    return check, kinds


def judged_by_plugins(event: Event, plugged: Plugged, complaints: list[str]) -> Iterator[Judgement]:
    """What plugins say of an event."""
    for rule, check in plugged.get(type(event), ()):
        try:
            judgement = check(event)
            if judgement is None:
                continue
            if judgement.slug != rule.slug:
                raise ValueError(f"the judgement is of {judgement.slug!r}")
            cards.load(rule).say(dict(judgement.fields))
        except Exception as error:  # a plugin must not stop the others
            complaints.append(f"{rule.plugin}: {rule.code}: {type(error).__name__}: {error}")
            continue
        yield judgement
