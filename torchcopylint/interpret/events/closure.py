"""Modules that keep a function around their own layers, and are then copied."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint import ir
from torchcopylint.domain.event import ClosureCopied
from torchcopylint.domain.family import Family
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import KnownClass, refs_of
from torchcopylint.interpret.events.path import all_frames, end_of, me, parts_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.liveness import operands
from torchcopylint.ir import Spot
from torchcopylint.ir.question import text_of


def closures(frame: Frame) -> Iterator[ClosureCopied]:
    """A ClosureCopied for each function that a method keeps on `self`, reads a layer in, and that a deep copy keeps."""
    kind, function = frame.owner, frame.function
    if kind is None or kind.kind is not Kind.MODULE or kind.method("__deepcopy__"):
        return
    copied, own = _copied_at(frame, kind), me(frame)
    for store, inner in _kept_functions(function.body, own) if copied is not None else ():
        held = _held(frame, inner, own)
        if held:
            yield ClosureCopied(
                node=store.node,
                name=f"{own}.{store.attr}",
                source=held,
                place=place(frame),
                steps=(
                    Said.FUNCTION_KEPT.at(store.node, f"{own}.{store.attr}", held),
                    Said.SAME_FUNCTION_COPIED.at(copied),
                ),
                write=text_of(copied),
            )


def _copied_at(frame: Frame, kind: KnownClass) -> Spot | None:
    """Where in the file a module of this class, or one with such a part, is deep-copied."""
    copied = (entry for other in all_frames(frame) for entry in other.log.copying.deepcopied.values())
    return next((entry.node for entry in copied if _has_part(frame, entry.cell.cls, kind, 3)), None)


def _has_part(frame: Frame, cls: KnownClass | None, kind: KnownClass, depth: int) -> bool:
    if cls is kind or cls is None or not depth:
        return cls is kind
    return kind in cls.bases or any(_has_part(frame, part, kind, depth - 1) for part in parts_of(frame, cls))


def _kept_functions(block: ir.Block, own: str) -> Iterator[tuple[ir.StoreAttr, ir.Function]]:
    """The functions made in a method and stored in an attribute of its first parameter."""
    made = {i.dst: i.function for i in block if isinstance(i, ir.MakeFunction)}
    for i in block:
        if isinstance(i, ir.StoreAttr) and i.obj == own and i.src in made:
            yield i, made[i.src]
        elif isinstance(i, ir.If):
            yield from _kept_functions(i.body, own)
            yield from _kept_functions(i.orelse, own)


def _held(frame: Frame, inner: ir.Function, own: str) -> str:
    """What a function reads of the module it is kept in: `self`, or a layer by its own name; nothing of either."""
    read = operands(inner.body) - inner.bound - {parameter.name for parameter in inner.parameters}
    if own in read:
        return own
    state = end_of(frame)
    for name in sorted(read):
        cells = [state.heap[ref.obj] for ref in refs_of(state.env.get(name, ()))]
        if cells and all(c.kind is Kind.MODULE and c.family is not Family.STATELESS for c in cells):
            return name
    return ""
