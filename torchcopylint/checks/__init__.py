"""events → judgements: one function per rule, in a module of its name, found by looking; those of plugins too."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import get_args, get_type_hints

from torchcopylint import cards
from torchcopylint.cards import Rule
from torchcopylint.domain.event import Event
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.picture import picture

Check = Callable[..., Judgement | None]
Plugged = Mapping[type[Event], tuple[tuple[Rule, Check], ...]]


def judge(events: Iterable[Event], complaints: list[str] | None = None) -> Iterator[Judgement]:
    """Every rule's judgement of every event of its kind; for one place in the code, only the most specific of the
    surest rules.

    Errors in plugins are added to the complaints.
    """
    yield from (judgement for _, judgement in judged(events, complaints))


def judged(events: Iterable[Event], complaints: list[str] | None = None) -> Iterator[tuple[Event, Judgement]]:
    """The same judgements, each with the event that it is on."""
    complaints = [] if complaints is None else complaints
    plugged = _plugged_checks(complaints)
    found = [(e, j) for e in events for j in (*_judgements(e), *_judged_by_plugins(e, plugged, complaints))]
    spoken: dict[object, dict[str, Confidence]] = {}
    for _, judgement in found:
        at = spoken.setdefault(judgement.node, {})
        at[judgement.slug] = max(judgement.confidence, at.get(judgement.slug, Confidence.LOW))
    yield from ((e, j) for e, j in found if _stands(j, spoken[j.node]))


def _stands(judgement: Judgement, spoken: Mapping[str, Confidence]) -> bool:
    """Whether no rule is more specific at the same place and as sure, and none that yields to this one is surer."""
    above = _yields_to(judgement.slug)
    return not any(
        sure >= judgement.confidence
        if slug in above
        else judgement.slug in _yields_to(slug) and sure > judgement.confidence
        for slug, sure in spoken.items()
    )


def _judgements(event: Event) -> Iterator[Judgement]:
    for check in _checks_of(type(event)):  # type: ignore[arg-type]  # classes are hashable
        judgement = check(event)
        if judgement is not None:
            changes = judgement.changes if _takes(event, judgement) else ()
            ground = min(judgement.ground, event.ground)
            yield replace(judgement, changes=changes, picture=picture(event), ground=ground)


def _takes(event: Event, judgement: Judgement) -> bool:
    """Whether a fix takes all that may stand there: `copy.deepcopy` does, a method is that of one kind."""
    return not event.mixed or "copy" in judgement.imports


@cache
def _yields_to(slug: str) -> frozenset[str]:
    """The rules that are more specific than this one at the same place: `YIELDS_TO` in its module."""
    rule = cards.find(slug)
    if rule is not None and rule.plugin is not None:
        return frozenset()
    module = importlib.import_module(f"{__name__}.{slug.replace('-', '_')}")
    return frozenset(getattr(module, "YIELDS_TO", ()))


@cache
def _checks_of(kind: type[Event]) -> tuple[Check, ...]:
    """The rules that judge this class of events, or one of its bases, in the order of their names."""
    found = {check: None for known, judging in checks().items() if issubclass(kind, known) for check in judging}
    return tuple(sorted(found, key=lambda check: check.__name__))


@cache
def checks() -> dict[type[Event], tuple[Check, ...]]:
    """The rules by the kind of event that each one's argument is annotated with."""
    found: dict[type[Event], tuple[Check, ...]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        check, kinds = _imported_check(__name__, module.name)
        for kind in kinds:
            found[kind] = (*found.get(kind, ()), check)
    return found


def _plugged_checks(complaints: list[str]) -> Plugged:
    """The checks of plugins by the class of event they judge; unusable ones are reported with the reason."""
    found, wrong = _imported_plugged()
    complaints += (*cards.complaints(), *wrong)
    return found


@cache
def _imported_plugged() -> tuple[Plugged, tuple[str, ...]]:
    found: dict[type[Event], tuple[tuple[Rule, Check], ...]] = {}
    wrong: list[str] = []
    for rule in cards.rules():
        if rule.plugin is not None:
            try:
                check, kinds = _imported_check(rule.plugin.module, rule.slug.replace("-", "_"))
            except Exception as error:  # whatever a plugin may do when it is imported
                wrong.append(f"{rule.plugin}: {rule.code} is not used: {type(error).__name__}: {error}")
                continue
            for kind in kinds:
                found[kind] = (*found.get(kind, ()), (rule, check))
    return found, tuple(wrong)


def _imported_check(package: str, name: str) -> tuple[Check, tuple[type[Event], ...]]:
    """The check of that name, and the kinds of event that it judges."""
    check: Check = getattr(importlib.import_module(f"{package}.{name}"), name)
    hint = get_type_hints(check)["event"]
    kinds = get_args(hint) or (hint,)
    if not all(isinstance(kind, type) and issubclass(kind, Event) for kind in kinds):
        raise TypeError(f"{name}: the argument `event` must be annotated with a kind of event")
    return check, kinds


def _judged_by_plugins(event: Event, plugged: Plugged, complaints: list[str]) -> Iterator[Judgement]:
    """The judgements of plugins on an event."""
    found = {check: rule for kind, judging in plugged.items() if isinstance(event, kind) for rule, check in judging}
    for check, rule in found.items():
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
        yield replace(judgement, ground=min(judgement.ground, event.ground))
