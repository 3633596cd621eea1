"""Tensors written from views of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torchcopylint.domain.event import Overlap, OverlappingWrite, SelfWrite, SwapThroughViews
from torchcopylint.interpret.events.copy_remedy import copied
from torchcopylint.interpret.events.path import name_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir.question import text_of


def self_writes(frame: Frame) -> Iterator[SelfWrite]:
    """A SelfWrite for each statement that writes a tensor from a view of itself, where that goes wrong."""
    for noticed in frame.log.memory.self_written.values():
        taken = frame.program.handles.of(noticed.taken)
        site, text = copied(frame, taken)
        common: dict[str, Any] = {
            "node": noticed.node,
            "name": name_of(frame, noticed.written),
            "source": text_of(taken.node),
            "proof": noticed.view.proof,
            "ground": noticed.view.ground,
            "place": place(frame),
            "steps": (Said.VIEW_TAKEN.at(taken.node), Said.WRITTEN.at(noticed.node)),
            "site": site,
            "write": text_of(noticed.node),
            "raises": noticed.raises,
            "remedy": text,
        }
        if noticed.why is Overlap.FACTOR:
            common |= {"source": common["name"], "site": None, "remedy": f"{common['name']}.clone()"}
        swapped = noticed.why is Overlap.SWAPPED
        yield SwapThroughViews(**common) if swapped else OverlappingWrite(**common, why=noticed.why)
