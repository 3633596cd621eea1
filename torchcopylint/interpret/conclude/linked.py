"""Links that a copy broke, copies that raise, one object in several places."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.event import BrokenLink, Replicated, WillRaise
from torchcopylint.finding import Step
from torchcopylint.heap import YES
from torchcopylint.interpret.conclude.path import name_of, place
from torchcopylint.interpret.frame import Frame
from torchcopylint.lower import text_of


def broken_links(frame: Frame) -> Iterator[BrokenLink]:
    """A BrokenLink where an optimizer goes on stepping what was copied or replaced."""
    for how, node, thing, optimizer, step in frame.log.relinked.values():
        assert isinstance(thing, int) and isinstance(optimizer, int)
        if not _steps_later(frame, optimizer):
            continue
        steps = [Step(node, "copied or replaced here")]
        if step is not None:
            steps.append(Step(step, "the old parameters are stepped here"))
        yield BrokenLink(
            node=node,
            name=frame.program.handles.of(thing).name or name_of(frame, thing),
            source=frame.program.handles.of(optimizer).name or name_of(frame, optimizer),
            place=place(frame),
            steps=tuple(steps),
            how=str(how),
            write=text_of(node),
        )


def _steps_later(frame: Frame, optimizer: int) -> bool:
    name = frame.program.handles.of(optimizer).name
    for write in frame.log.writes.values():
        if write.kind == "train" and (write.hand & ~1 == optimizer & ~1 or write.obj & ~1 == optimizer & ~1):
            return True
        if write.kind == "train" and name and frame.program.handles.of(write.hand).name == name:
            return True
    return False


def raises(frame: Frame) -> Iterator[WillRaise]:
    """A WillRaise for each deepcopy of what the graph holds."""
    for node, ran, cell, hand in frame.log.deepcopied.values():
        if cell.kind == "tensor" and cell.attached == YES and not cell.leaf and cell.family != "parameter":
            why, proof = "non-leaf", cell.proof
        elif cell.kind == "module" and ran and _caches(frame, cell.cls):
            why, proof = "cached", 2
        else:
            continue
        yield WillRaise(
            node=node,
            name=frame.program.handles.of(hand).name or name_of(frame, hand),
            proof=proof,
            place=place(frame),
            steps=(Step(node, "copied here"),),
            why=why,
            call=text_of(node),
        )


def _caches(frame: Frame, kind: object) -> bool:
    cls = getattr(kind, "cls", None)
    forward = cls.methods.get("forward") if cls is not None else None
    inner = frame.program.frames.get(id(forward)) if forward is not None else None
    return inner is not None and any(attached == YES for _, attached, _ in inner.log.cached.values())


def replicated(frame: Frame) -> Iterator[Replicated]:
    """A Replicated for each object that was put into several places at once."""
    for obj, (node, kind, family, proof, hand, how) in frame.log.replicated.items():
        assert isinstance(proof, int) and isinstance(hand, int)
        yield Replicated(
            node=node,
            name=frame.program.handles.of(hand).name or _element_text(node),
            proof=proof,
            place=place(frame),
            steps=(Step(node, "one object, several places"),),
            kind=str(kind),
            family=str(family),
            how=str(how),
            call=text_of(node),
            written=obj in frame.log.changed,
            uses=frozenset(frame.log.fates.get(obj, ())),
        )


def _element_text(node: object) -> str:
    left = getattr(node, "left", None)
    elements = getattr(left, "elements", ())
    return text_of(elements[0].value) if elements else text_of(node)
