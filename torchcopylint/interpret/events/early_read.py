"""Results of transfers that are looked at before the transfer is done."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import EarlyRead
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import ReadHow
from torchcopylint.interpret.effects.result import method_name
from torchcopylint.interpret.events.path import cell_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site


def early_reads(frame: Frame) -> Iterator[EarlyRead]:
    """A EarlyRead for each transfer whose result is computed with, or made an array of, with nothing between."""
    for number in sorted(frame.log.memory.flights):
        write = frame.log.memory.writes[number]
        for (hand, noticed), reads in frame.log.memory.reads.items():
            early = [r for r in reads.values() if _looks(r.how, r.node)]
            if noticed == number and early:
                yield EarlyRead(
                    node=write.node,
                    name=frame.program.handles.of(hand).name or text_of(write.node),
                    proof=min(2, cell_of(frame, write.obj, write.hand).proof),
                    place=place(frame),
                    steps=(
                        Said.TRANSFER.at(write.node),
                        Said.LOOKED_AT_EARLY.at(early[0].node),
                    ),
                    kind=Kind.TENSOR,
                    call=text_of(write.node),
                    change=text_of(early[0].node),
                )
                break


def _looks(how: ReadHow, node: Site) -> bool:
    """Whether a use needs the numbers now; a transfer back waits its turn."""
    if how is ReadHow.VIEWED:
        return method_name(node) == "numpy"
    return how is ReadHow.COMPUTED and method_name(node) not in ("to", "cuda")
