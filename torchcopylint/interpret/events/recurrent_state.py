"""States carried into the next iteration with the graph of the last one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from torchcopylint.domain.event import StateCarried
from torchcopylint.domain.family import OfClass
from torchcopylint.interpret.events.path import place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Recurred
from torchcopylint.ir.question import arguments_of, lines_of, text_of, value_of

_ONE_TENSOR = frozenset(OfClass(name) for name in ("RNN", "GRU", "RNNCell", "GRUCell"))


def recurrent(frame: Frame) -> Iterator[StateCarried]:
    """A StateCarried for each state that backward reaches a second time."""
    if frame.log.graph.second_order:
        return
    for state in frame.log.graph.recurred.values():
        code, within = lines_of(frame.function.node), lines_of(state.loop)
        if re.search(rf"\b{re.escape(state.name)}\b.*(detach|\.data\b|repackage)|detach.*\b{state.name}\b", within):
            continue
        site = _argument(code, state)
        yield StateCarried(
            node=state.node,
            name=state.name,
            source=text_of(state.backward),
            proof=state.proof,
            place=place(frame),
            steps=(
                Said.CARRIED_ON.at(state.node, state.name),
                Said.BACKWARD_AGAIN.at(state.backward),
            ),
            write=text_of(state.node),
            site=site,
            remedy=f"{state.name}.detach()" if site is not None else "",
        )


def _argument(code: str, state: Recurred) -> Any:
    """The state as it is given to the layer, where it is surely one tensor: not a tuple, and never None."""
    if not state.families <= _ONE_TENSOR or re.search(rf"\b{re.escape(state.name)}\b[^=\n]*=\s*None\b", code):
        return None
    given = [a.value for a in arguments_of(value_of(state.node)) if text_of(a.value) == state.name]
    return given[0] if len(given) == 1 else None
