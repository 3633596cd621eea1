"""Writes and results that reach nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torchcopylint.domain.event import EntryReplaced, LoopNameRebound, LostWrite, PickWritten, ResultDropped
from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import NO
from torchcopylint.domain.identity import base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.use import QUIET, WriteKind
from torchcopylint.interpret.effects.result import method_name
from torchcopylint.interpret.events.path import cell_of, holders_of, parent_name, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.liveness import read_later, seen_inside
from torchcopylint.interpret.state.log import Placed, Write
from torchcopylint.ir.question import (
    arguments_of,
    bound_value,
    method_of,
    operand_of,
    receiver_of,
    source_of,
    targets_of,
    text_of,
    value_of,
)
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Call, Expression

_LIBRARIES = frozenset({"torch", "th", "F", "nn", "np", "numpy"})
_TIMERS = frozenset(
    {"perf_counter", "time", "timeit", "synchronize", "elapsed_time", "Timer", "benchmark", "monotonic"}
)
_MOVING = frozenset("to cuda cpu half float double bfloat16 type clone detach contiguous requires_grad_".split())


def lost_writes(frame: Frame) -> Iterator[LostWrite]:
    """A LostWrite for each in-place write to an unnamed copy, and each result that is dropped."""
    yield from _to_index_copies(frame)
    yield from _rebound(frame)
    yield from _placed(frame)
    for dropped in frame.log.copying.discarded.values():
        node, cell = dropped.node, dropped.cell
        if node in frame.log.copying.pure and cell.kind is Kind.TENSOR and not _meant(frame, node):
            receiver = receiver_of(node)
            yield ResultDropped(
                node=node,
                name=text_of(receiver),
                proof=frame.log.copying.pure[node].cell.proof,
                place=place(frame),
                write=text_of(node),
                site=node,
                remedy=_kept(frame, node, receiver),
            )


def _kept(frame: Frame, node: Site, receiver: Site | None) -> str:
    """The call with its result kept under the name it was called on, where that name is then read; else nothing."""
    name = source_of(receiver)
    root = name.partition(".")[0]
    if not name.replace(".", "").isidentifier() or name in _LIBRARIES or _assigned_as_parameter(frame, node):
        return ""
    own = root in frame.function.bound
    if not own or (root == name and not read_later(frame.function, node, name)):
        return ""
    return f"{name} = {source_of(node)}"


def _assigned_as_parameter(frame: Frame, node: Site) -> bool:
    """Whether the name is that of a parameter or buffer: a module takes no plain tensor in its place."""
    return frame.log.copying.pure[node].cell.family in (Family.PARAMETER, Family.BUFFER)


def _meant(frame: Frame, node: Site) -> bool:
    """A call made for its error, its time or its side on a device: in a try block, under raises, in a timing."""
    if on_trial(frame, node):
        return True
    receiver = receiver_of(node)
    root = text_of(receiver).partition("(")[0].partition(".")[0]
    return method_of(receiver).endswith("_") or (root in _LIBRARIES and isinstance(receiver, Call))


def on_trial(frame: Frame, node: Site) -> bool:
    """A statement that is there for its error or its time: in a try block, under raises, in a timing."""
    return node in frame.log.copying.protected or not frame.function.attributes.isdisjoint(_TIMERS)


def _rebound(frame: Frame) -> Iterator[LoopNameRebound]:
    if not frame.function.attributes.isdisjoint(_TIMERS):
        return
    for rebound in frame.log.places.rebound.values():
        node: Any = rebound.node
        if read_later(frame.function, node, rebound.name):
            continue
        assigned = _plain_value(node)
        copied = f"{rebound.name}.copy_({source_of(assigned)})" if assigned is not None else ""
        yield LoopNameRebound(
            node=node,
            name=rebound.name,
            source=rebound.over,
            proof=rebound.proof,
            place=place(frame),
            steps=(Said.REBOUND.at(node, rebound.name),),
            write=text_of(node),
            live=rebound.live,
            moves=method_name(value_of(node)) in _MOVING,
            site=node,
            remedy=copied if rebound.grad_off or not rebound.live else "",
        )


def _plain_value(node: Site) -> Expression | None:
    """The value of `name = value`, where it keeps shape, type and device; None for other statements."""
    value = bound_value(node)
    return value if method_name(value) not in _MOVING else None


def _placed(frame: Frame) -> Iterator[EntryReplaced]:
    """An EntryReplaced for each entry put into a live state dict that nobody loads, reads or keeps afterwards."""
    for number, placed in frame.log.places.placings.items():
        if number in frame.log.places.looked_up or _used(frame, number) or _escapes(frame, placed):
            continue
        target = next(iter(targets_of(placed.node)), None)
        yield EntryReplaced(
            node=placed.node,
            name=text_of(target),
            source=parent_name(frame, frame.program.handles.of(placed.hand)),
            place=place(frame),
            steps=(Said.ENTRY_REPLACED.at(placed.node, text_of(value_of(target))),),
            write=text_of(placed.node),
        )


def _used(frame: Frame, number: int) -> bool:
    reads = (r for (_, seen), found in frame.log.memory.reads.items() if seen == number for r in found.values())
    return any(read.how not in QUIET for read in reads)


def _escapes(frame: Frame, placed: Placed) -> bool:
    """Whether something else holds the dict when the function ends, or a function defined in it reads it."""
    name = frame.program.handles.of(placed.hand).name
    if seen_inside(frame.function, name):
        return True
    return bool(holders_of(frame, placed.obj))


def _to_index_copies(frame: Frame) -> Iterator[PickWritten]:
    for number, write in frame.log.memory.writes.items():
        if Layout.INDEXED not in write.layout or write.via or write.kind is not WriteKind.WRITE:
            continue
        if frame.program.handles.of(write.hand).name or frame.log.memory.reads.get((write.hand, number)):
            continue
        made = frame.program.births[base_of(write.obj)].node
        yield PickWritten(
            node=write.node,
            name=text_of(made),
            source=text_of(value_of(made)),
            proof=write.proof,
            ground=write.ground,
            place=place(frame),
            refused=may_be_refused(frame, write),
            write=write.words,
            site=write.node,
            remedy=_assigned(frame, write),
        )


def may_be_refused(frame: Frame, write: Write) -> bool:
    """Whether torch may refuse the write where it was meant to go: to a leaf, or to what autograd keeps."""
    return not write.grad_off and cell_of(frame, write.obj).attached != NO


_OPERATORS = {"add_": "+=", "sub_": "-=", "mul_": "*=", "div_": "/=", "fill_": "="}


def _assigned(frame: Frame, write: Write) -> str:
    """The statement that assigns through the index what the method would write, where it is the same; else nothing."""
    call = write.node
    method = method_name(call)
    args = arguments_of(call)
    if call not in frame.log.copying.dropped or any(a.star or a.keyword for a in args):
        return ""
    target = operand_of(receiver_of(call))
    if method == "zero_" and not args:
        return f"{target} = 0"
    if method in _OPERATORS and len(args) == 1:
        return f"{target} {_OPERATORS[method]} {source_of(args[0].value)}"
    return ""
