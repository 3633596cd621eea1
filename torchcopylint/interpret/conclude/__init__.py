"""What was noticed in a function → events: one module for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from torchcopylint.event import Event, StaleSnapshot
from torchcopylint.interpret.conclude.averaged import averages
from torchcopylint.interpret.conclude.buffer import buffers_of_classes, live_buffers
from torchcopylint.interpret.conclude.classes import class_snapshots
from torchcopylint.interpret.conclude.closures import closures
from torchcopylint.interpret.conclude.converted import conversions
from torchcopylint.interpret.conclude.copied import copies, grown
from torchcopylint.interpret.conclude.defaults import shared_defaults
from torchcopylint.interpret.conclude.first import accumulations
from torchcopylint.interpret.conclude.flight import early_reads
from torchcopylint.interpret.conclude.handed import handed_out
from torchcopylint.interpret.conclude.kept import histories, targets
from torchcopylint.interpret.conclude.lacking import lacking
from torchcopylint.interpret.conclude.linked import broken_links, raises, replicated
from torchcopylint.interpret.conclude.lost import lost_writes
from torchcopylint.interpret.conclude.recurrent import recurrent
from torchcopylint.interpret.conclude.relaid import lost_in_relaid
from torchcopylint.interpret.conclude.selves import self_writes
from torchcopylint.interpret.conclude.shared import shared_writes
from torchcopylint.interpret.conclude.spoiled import not_leaves, saved_writes
from torchcopylint.interpret.conclude.stale import stale_snapshots
from torchcopylint.interpret.conclude.states import shared_states
from torchcopylint.interpret.conclude.tied import ties
from torchcopylint.interpret.conclude.written import written_copies
from torchcopylint.interpret.frame import Frame

_CONCLUSIONS: tuple[Callable[[Frame], Iterable[Event]], ...] = (
    copies,
    grown,
    shared_writes,
    live_buffers,
    self_writes,
    shared_defaults,
    stale_snapshots,
    written_copies,
    ties,
    shared_states,
    early_reads,
    accumulations,
    lost_writes,
    lost_in_relaid,
    histories,
    averages,
    recurrent,
    targets,
    broken_links,
    closures,
    conversions,
    raises,
    lacking,
    replicated,
    saved_writes,
    not_leaves,
)


def conclude_all(frames: list[Frame]) -> Iterator[Event]:
    """The events of a file's functions, then those that only show across the methods of a class; each once."""
    told: set[tuple[type[Event], int]] = set()
    for event in chain(
        (e for frame in frames for e in conclude(frame)),
        class_snapshots(frames),
        buffers_of_classes(frames),
        handed_out(frames),
    ):
        key = (type(event), id(event.node))
        if key not in told or type(event) is not StaleSnapshot:
            told.add(key)
            yield event


def conclude(frame: Frame) -> list[Event]:
    """The events of one function."""
    return [event for conclusion in _CONCLUSIONS for event in conclusion(frame)]
