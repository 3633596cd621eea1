"""What was noticed in a function → events: one module for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torchcopylint.event import Event
from torchcopylint.interpret.conclude.copied import copies
from torchcopylint.interpret.conclude.kept import histories, targets
from torchcopylint.interpret.conclude.linked import broken_links, raises, replicated
from torchcopylint.interpret.conclude.lost import lost_writes
from torchcopylint.interpret.conclude.shared import shared_writes
from torchcopylint.interpret.conclude.stale import stale_snapshots
from torchcopylint.interpret.frame import Frame

_CONCLUSIONS: tuple[Callable[[Frame], Iterable[Event]], ...] = (
    copies,
    shared_writes,
    stale_snapshots,
    lost_writes,
    histories,
    targets,
    broken_links,
    raises,
    replicated,
)


def conclude(frame: Frame) -> list[Event]:
    """The events of one function."""
    return [event for conclusion in _CONCLUSIONS for event in conclusion(frame)]
