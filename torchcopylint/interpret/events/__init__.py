"""What was noticed in a function → events: one module for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from torchcopylint.domain.event import Event, StaleSnapshot
from torchcopylint.interpret.events.across_methods import class_snapshots
from torchcopylint.interpret.events.average import averages
from torchcopylint.interpret.events.broken_link import broken_links, raises, replicated
from torchcopylint.interpret.events.closure import closures
from torchcopylint.interpret.events.conversion import conversions
from torchcopylint.interpret.events.copy import copies, grown
from torchcopylint.interpret.events.early_read import early_reads
from torchcopylint.interpret.events.history_and_target import histories, targets
from torchcopylint.interpret.events.live_buffer import buffers_of_classes, live_buffers
from torchcopylint.interpret.events.lost_write import lost_writes
from torchcopylint.interpret.events.missing_method import lacking
from torchcopylint.interpret.events.recurrent_state import recurrent
from torchcopylint.interpret.events.saved_write import not_leaves, saved_writes
from torchcopylint.interpret.events.self_write import self_writes
from torchcopylint.interpret.events.shared_default import shared_defaults
from torchcopylint.interpret.events.shared_state import shared_states
from torchcopylint.interpret.events.shared_write import shared_writes
from torchcopylint.interpret.events.stale_snapshot import stale_snapshots
from torchcopylint.interpret.events.state_handed_out import handed_out
from torchcopylint.interpret.events.sum_into_first import accumulations
from torchcopylint.interpret.events.tie import ties
from torchcopylint.interpret.events.write_to_dropped_copy import lost_in_computed, lost_in_dropped
from torchcopylint.interpret.events.write_to_relaid_copy import lost_in_relaid
from torchcopylint.interpret.events.written_copy import written_copies
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir import Spot

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
    lost_in_dropped,
    lost_in_computed,
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
    mixed = frozenset(node for frame in frames for node in frame.log.places.mixed)
    told: set[tuple[type[Event], Spot | None]] = set()
    for event in chain(
        (e for frame in frames for e in conclude(frame)),
        class_snapshots(frames),
        buffers_of_classes(frames),
        handed_out(frames),
    ):
        if event.site in mixed:
            event = replace(event, mixed=True)
        key = (StaleSnapshot if isinstance(event, StaleSnapshot) else type(event), event.node)
        if key not in told or not isinstance(event, StaleSnapshot):
            told.add(key)
            yield event


def conclude(frame: Frame) -> list[Event]:
    """The events of one function."""
    return [event for conclusion in _CONCLUSIONS for event in conclusion(frame)]
