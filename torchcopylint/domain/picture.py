"""An event → which names share storage at that moment, for a picture."""

from __future__ import annotations

from collections.abc import Iterable

from torchcopylint.domain.event import BrokenLink, Event, PickWritten, Replicated, SharedWrite, StaleSnapshot
from torchcopylint.domain.finding import Picture, Storage


def picture(event: Event) -> Picture | None:
    """The storages of an event and the names that point at them, where it is about shared or parted storage."""
    if isinstance(event, SharedWrite):
        return _one(_named(event.source, event.name, *event.others), event.name or event.source, event.write)
    if isinstance(event, StaleSnapshot):
        return _one(_named(event.source, event.name), event.source, event.change)
    if isinstance(event, PickWritten):
        kept = Storage(f"storage of {event.name or event.source}", _named(event.name or event.source))
        return Picture((kept, Storage("a copy nobody keeps", ("(temporary)",))), "(temporary)", event.write)
    if isinstance(event, BrokenLink):
        old = Storage("the old parameters", _named(event.source))
        return Picture((old, Storage("the new parameters", _named(event.name))), event.source, "step()")
    if isinstance(event, Replicated):
        return _one(("[0]", "[1]", "…"), "[0]" if event.written else "", event.call if event.written else "")
    return None


def _one(names: tuple[str, ...], writer: str, write: str) -> Picture | None:
    """One storage with several names; no picture of a single name."""
    return Picture((Storage("one storage", names),), writer, write) if len(names) > 1 else None


def _named(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_known(names)))


def _known(names: Iterable[str]) -> Iterable[str]:
    return (name for name in names if name)
