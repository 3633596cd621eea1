"""Execute one call and look: what the result shares, what was written, what became of counter, identity and graph."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import string_at
from dataclasses import dataclass
from types import NoneType
from typing import Any

import torch

from torchcopylint.models.derive.call import Call, Slot, is_array, storages, tensors_in
from torchcopylint.models.derive.catalogue import Callee
from torchcopylint.models.derive.saved import executed, kept
from torchcopylint.models.table import Returns

REFUSED = (Exception,)
"""A call torch refuses tells nothing; whatever it raises, the next one is tried."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one execution showed, without gradients."""

    returns: Returns
    shares: frozenset[Slot]
    """Arguments whose storage some result shares."""
    entirely: bool
    """Every tensor in the result shares with some argument."""
    same: frozenset[Slot]
    """Arguments that are themselves, as objects, (in) the result."""
    counter: bool | None
    """Bumping a sharing result bumps the argument's version too; None where no tensor shares with a tensor."""
    written: frozenset[Slot]
    """Arguments whose elements changed, or whose version did."""
    bumped: frozenset[Slot]
    reshaped: frozenset[Slot]
    """Arguments whose sizes, strides, storage or flags changed."""
    changed: frozenset[Slot]
    """Arguments whose elements changed."""
    length: int
    """How many arguments were given."""
    hints: frozenset[str]
    """What was true of the call, to tell on what sharing depends: of the first tensor "contiguous", "sparse", "real",
    of the first result beside it "same-dtype", "stays" (sparse or dense), and "array" where there was one."""


@dataclass(frozen=True, slots=True)
class GraphObservation:
    """What one execution on attached inputs showed."""

    attached: bool
    could: bool
    """The result holds floating-point values, so that it could have carried the graph."""
    saves: frozenset[tuple[Slot, Slot]]
    """Pairs (kept, needed for the gradient of)."""
    multi: bool
    asked: frozenset[Slot]
    """Slots whose attachment attached the result."""
    tensors: frozenset[Slot] = frozenset()
    """Slots that held tensors."""
    ordinary: bool = False
    """Real, contiguous tensors of more than one element, no keywords: a call as most are written."""


def observe(callee: Callee, call: Call) -> Observation | None:
    """One execution without gradients, or None when torch refuses the call."""
    with _quiet():
        here = call.rebuilt()
        before = {slot: [_state(t) for t in tensors_in(value)] for slot, value in here.slots()}
        hints_before = _hints_of_inputs(here)
        try:
            result = _plain(callee.invoke(here.args, here.kwargs))
        except REFUSED:
            return None
        after = {slot: [_state(t) for t in tensors_in(value)] for slot, value in here.slots()}
        return None if _empty(result) else _compared(here, result, before, after, hints_before)


def observe_graph(callee: Callee, call: Call) -> GraphObservation | None:
    """Executions on attached inputs, one slot after another, or None when no input could be attached."""
    seen = [_followed(callee, call, slot) for slot in call.differentiable()]
    told = [one for one in seen if one]
    if not told:
        return None
    return GraphObservation(
        attached=any(one.attached for one in told),
        could=any(one.could for one in told),
        saves=frozenset(pair for one in told for pair in one.saves),
        multi=any(one.multi for one in told),
        asked=frozenset(slot for one in told for slot in one.asked),
        tensors=frozenset(slot for slot, _ in call.tensors()),
        ordinary=not call.kwargs and all(_ordinary(tensor) for _, tensor in call.tensors()),
    )


def _ordinary(tensor: torch.Tensor) -> bool:
    return _dense(tensor) and tensor.is_contiguous() and tensor.numel() > 1 and not tensor.is_complex()


def _followed(callee: Callee, call: Call, slot: Slot) -> GraphObservation | None:
    """One execution with the tensors of one slot attached, and what of it must not be written before backward."""
    with _quiet():
        try:
            here, result, ends = executed(callee, call, slot)
            attached = any(tensor.requires_grad for tensor in ends)
            names = kept(callee, call, slot) if attached else ()
        except REFUSED:
            return None
        several = attached and _several_views(here, tensors_in(result))
        pairs = frozenset((name, slot) for name in names)
        return GraphObservation(attached, _could_carry(result), pairs, several, frozenset({slot} if attached else ()))


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.default_generator.manual_seed(0)  # torch.manual_seed asks every backend, and takes its time
        yield


def _plain(result: Any) -> Any:
    """An iterator's elements as a list; everything else as it is."""
    return list(result) if hasattr(result, "__next__") else result


def _empty(result: Any) -> bool:
    """Whether there is nothing in the result that could be written: no element, no member."""
    if is_array(result):
        return not result.size
    tensors = tensors_in(result)
    return not any(one.numel() for one in tensors) if tensors else isinstance(result, list | tuple) and not result


def _state(tensor: torch.Tensor) -> tuple[Any, int, Any]:
    """The elements, the version, and everything else that a call may change of a tensor."""
    if not _dense(tensor):
        values = tensor.to_dense().nan_to_num().tolist()
        return values, tensor._version, (tuple(tensor.shape), tensor.requires_grad, tensor.layout)
    storage = tensor.untyped_storage()
    form = (tuple(tensor.shape), tensor.stride(), tensor.storage_offset(), storage.data_ptr(), storage.is_shared())
    return string_at(storage.data_ptr(), storage.nbytes()), tensor._version, (*form, tensor.requires_grad)


def _compared(call: Call, result: Any, before: Any, after: Any, hints: set[str]) -> Observation:
    changed, bumped, reshaped = (
        frozenset(slot for slot in before if any(x[i] != y[i] for x, y in zip(before[slot], after[slot], strict=True)))
        for i in range(3)
    )
    results = [result] if is_array(result) else tensors_in(result)
    given = [*call.tensors(), *call.arrays()]
    shares = {slot for slot, value in given for one in results if storages(value) & storages(one)}
    entirely = bool(results) and all(any(storages(v) & storages(one) for _, v in given) for one in results)
    same = {slot for slot, value in given for one in results if value is one}
    hints |= _hints_of_result(call, results) | ({"array"} if any(map(is_array, [*results, *call.args])) else set())
    return Observation(
        returns=_returns(result),
        shares=frozenset(shares),
        entirely=entirely,
        same=frozenset(same),
        counter=_shares_counter(call, results),
        written=changed | bumped,
        bumped=bumped,
        reshaped=reshaped,
        changed=changed,
        length=len(call.args) + len(call.kwargs),
        hints=frozenset(hints),
    )


def _shares_counter(call: Call, results: list[Any]) -> bool | None:
    """Bumps each result's version and asks the arguments it shares storage with."""
    answers = []
    for one in results:
        for _, given in call.tensors():
            if _dense(one) and _dense(given) and storages(given) & storages(one):
                version = given._version
                torch.autograd.graph.increment_version(one)
                answers.append(given._version > version)
    return all(answers) if answers else None


def _dense(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.layout is torch.strided


def _returns(result: Any) -> Returns:
    if is_array(result):
        return "ndarray"
    if isinstance(result, torch.Tensor):
        return "tensor"
    if tensors_in(result):
        return "tensors"
    table: list[tuple[type, Returns]] = [(NoneType, "none"), (bool, "bool"), (torch.Size, "size"), (list, "list")]
    for kind, name in table:
        if isinstance(result, kind):
            return name
    return "scalar" if isinstance(result, int | float | complex) else "other"


def _could_carry(result: Any) -> bool:
    if is_array(result):
        return bool(result.dtype.kind in "fc")
    tensors = tensors_in(result)
    if tensors:
        return any(t.dtype.is_floating_point or t.dtype.is_complex for t in tensors)
    while isinstance(result, list) and result:
        result = result[0]
    return isinstance(result, float | complex)


def _several_views(call: Call, results: list[torch.Tensor]) -> bool:
    """Whether torch refuses to write one of the results, as it does for views of which a call returned several."""
    given = {key for _, tensor in call.tensors() for key in storages(tensor)}
    for one in results:
        if one.requires_grad and storages(one) & given:
            try:
                one.mul_(1)
            except RuntimeError as error:
                return "returns multiple views" in str(error)
    return False


def _hints_of_inputs(call: Call) -> set[str]:
    tensors = [tensor for _, tensor in call.tensors()]
    if not tensors:
        return set()
    strided = tensors[0].layout is torch.strided
    hints = {"contiguous"} if strided and tensors[0].is_contiguous() else set()
    hints |= set() if strided else {"sparse"}
    return hints | (set() if tensors[0].dtype.is_complex else {"real"})


def _hints_of_result(call: Call, results: list[Any]) -> set[str]:
    tensors = [tensor for _, tensor in call.tensors()]
    if not tensors or not results or not isinstance(results[0], torch.Tensor):
        return set()
    hints = {"same-dtype"} if results[0].dtype == tensors[0].dtype else set()
    strided = [one.layout is torch.strided for one in (results[0], tensors[0])]
    return hints | ({"stays"} if strided[0] == strided[1] else set())
