"""Writes and results that reach nobody."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.event import LostWrite
from torchcopylint.interpret.conclude.path import name_of, place
from torchcopylint.interpret.frame import Frame
from torchcopylint.lower import text_of

_LIBRARIES = frozenset({"torch", "th", "F", "nn", "np", "numpy"})
_TIMERS = frozenset(
    {"perf_counter", "time", "timeit", "synchronize", "elapsed_time", "Timer", "benchmark", "monotonic"}
)


def lost_writes(frame: Frame) -> Iterator[LostWrite]:
    """A LostWrite for each in-place write to an unnamed copy, and each result that is dropped."""
    yield from _to_index_copies(frame)
    for node, obj, cell in frame.log.discarded.values():
        if id(node) in frame.log.pure and cell.kind == "tensor" and not _meant(frame, node):
            receiver = getattr(getattr(node, "func", None), "value", None)
            name = text_of(receiver) if receiver is not None else ""
            birth = frame.program.handles.of(obj)
            parent = name_of(frame, birth.parent) if birth.parent is not None else ""
            yield LostWrite(
                node=node,
                name=name or parent,
                proof=frame.log.pure[id(node)].proof,
                place=place(frame),
                why="discarded",
                write=text_of(node),
            )


def _meant(frame: Frame, node: object) -> bool:
    """A call made for its error, its time or its side on a device: in a try block, under raises, in a timing."""
    if id(node) in frame.log.protected or not frame.function.attributes.isdisjoint(_TIMERS):
        return True
    receiver = getattr(getattr(node, "func", None), "value", None)
    inner = getattr(getattr(getattr(receiver, "func", None), "attr", None), "value", "")
    if inner.endswith("_"):
        return True
    root = text_of(receiver).partition("(")[0].partition(".")[0]
    return root in _LIBRARIES and hasattr(receiver, "func")


def _to_index_copies(frame: Frame) -> Iterator[LostWrite]:
    for number, write in frame.log.writes.items():
        if "indexed" not in write.layout or write.via or write.kind != "write":
            continue
        if frame.program.handles.of(write.hand).name or frame.log.reads.get((write.hand, number)):
            continue
        birth = frame.program.births.get(write.obj & ~1)
        base = getattr(birth[0], "value", None) if birth is not None else None
        yield LostWrite(
            node=write.node,
            name=text_of(birth[0]) if birth is not None else "",
            source=text_of(base) if base is not None else "",
            proof=write.proof,
            place=place(frame),
            why="index",
            write=write.words,
        )
