"""Everything seen of one name: its declaration, and the executions of its calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, islice
from random import Random
from typing import Any

import torch

from torchcopylint.models.derive.arguments import made_up
from torchcopylint.models.derive.call import Call, tensors_in
from torchcopylint.models.derive.calls import bare, written
from torchcopylint.models.derive.catalogue import Callee
from torchcopylint.models.derive.declare import Declaration, declared
from torchcopylint.models.derive.observe import REFUSED, GraphObservation, Observation, observe, observe_graph
from torchcopylint.models.derive.vary import varied, with_parameter

ENOUGH = 96
"""Successful executions after which no more calls are tried."""
GRAPHS = 24
"""Executions on attached inputs."""
WILD = re.compile(
    r"torch\.((mkldnn|miopen|cudnn|fbgemm|quantized)_\w+|embedding_bag|native_batch_norm|native_group_norm"
    r"|gru|lstm|rnn_tanh|rnn_relu|from_file)"
)
"""Operators that bring the process down with made-up arguments, or write files by their names."""


OTHER_ORDER = ("torch.nn.functional.embedding", "torch.nn.functional.embedding_bag")
"""Names whose OpInfo samples give the arguments in an order of their own, which these still accept with a warning."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A callee, what is declared of it, and what was seen."""

    callee: Callee
    declaration: Declaration
    plain: tuple[Observation, ...]
    graph: tuple[GraphObservation, ...]
    inplace_flag: bool
    out: bool


def gathered(callee: Callee, samples: dict[str, list[Call]]) -> Evidence:
    """Run the callee on the calls known for it: all that were written by hand, of the others until it is enough."""
    declaration = declared(callee)
    by_hand, others = calls_of(callee, declaration, samples)
    plain: list[Observation] = []
    accepted: list[Call] = []
    for place, call in enumerate(chain(by_hand, others)):
        if len(plain) >= ENOUGH and place >= len(by_hand):
            break
        seen = observe(callee, call)
        if seen:
            plain.append(seen)
            accepted.append(call)
    Random(0).shuffle(accepted)
    graph = islice(filter(None, (observe_graph(callee, call) for call in accepted)), GRAPHS)
    flagged = any(_writes_on_request(callee, declaration, call) for call in accepted[:GRAPHS])
    out = any(_takes_out(callee, call) for call in accepted[:GRAPHS])
    return Evidence(callee, declaration, tuple(plain), tuple(graph), flagged, out)


def calls_of(callee: Callee, declaration: Declaration, samples: dict[str, list[Call]]) -> tuple[list[Call], list[Call]]:
    """The calls written by hand, and all others in an order that mixes their origins."""
    taken = [_as_called(callee, call) for call in _sampled(callee, samples)]
    by_hand = list(written(callee))
    wild = WILD.fullmatch(callee.name)
    changed = [] if wild else [more for call in taken[:4] + by_hand[:4] for more in varied(call, declaration)]
    invented = () if wild else made_up(declaration)
    others = [*taken, *changed, *invented] or ([] if by_hand else list(bare(callee)))
    Random(0).shuffle(others)
    return [without_inplace(c, declaration) for c in by_hand], [without_inplace(c, declaration) for c in others]


def _sampled(callee: Callee, samples: dict[str, list[Call]]) -> list[Call]:
    if callee.name in OTHER_ORDER:
        return []
    short = callee.base.rsplit(".", 1)[-1]
    for name in (callee.base, f"nn.functional.{short}", short, f"linalg.{short}", f"special.{short}"):
        if name in samples:
            return samples[name]
    return []


def _as_called(callee: Callee, call: Call) -> Call:
    """A function's sample as the arguments of the operator method that stands for it."""
    if callee.operand is None:
        return call
    return Call((call.args[1::-1] if callee.operand == "left" else call.args)[:2])


def without_inplace(call: Call, declaration: Declaration) -> Call:
    """The call with `inplace=` off: what the row describes."""
    return with_parameter(call, declaration, "inplace", False) if declaration.accepts("inplace") else call


def _writes_on_request(callee: Callee, declaration: Declaration, call: Call) -> bool:
    if not declaration.accepts("inplace"):
        return False
    seen = observe(callee, with_parameter(call, declaration, "inplace", True))
    return seen is not None and 0 in seen.written and 0 in seen.same


def _takes_out(callee: Callee, call: Call) -> bool:
    """Whether the call writes to tensors given as `out=` and returns them."""
    if callee.form != "function" or "out" in call.kwargs:
        return False
    here = call.rebuilt()
    try:
        result = callee.invoke(here.args, here.kwargs)
        wanted = tensors_in(result)
        if not wanted or len(wanted) != (1 if isinstance(result, torch.Tensor) else len(result)):
            return False
        out: Any = tuple(torch.empty_like(one) for one in wanted)
        out = out if isinstance(result, tuple) else out[0]
        again = call.rebuilt()
        returned = callee.invoke(again.args, {**again.kwargs, "out": out})
    except REFUSED:
        return False
    return [id(one) for one in tensors_in(returned)] == [id(one) for one in tensors_in(out)]
