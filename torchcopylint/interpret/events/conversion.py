"""Modules that are cast or moved themselves where a converted copy is meant."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import ModuleConverted
from torchcopylint.domain.identity import Id, overlap
from torchcopylint.domain.use import Conversion, ReadHow, WriteKind
from torchcopylint.interpret.events.path import cell_of, name_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read
from torchcopylint.ir.question import receiver_of, source_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Call


def conversions(frame: Frame) -> Iterator[ModuleConverted]:
    """A ModuleConverted for each conversion whose result goes elsewhere while the module itself is used on."""
    for number, converted in frame.log.training.converted.items():
        node, hand, obj, how = converted.node, converted.hand, converted.obj, converted.how
        goes = _goes(frame, node)
        if goes == "nowhere" or goes.startswith(".") or (goes and goes == name_of(frame, hand)):
            continue
        used = _used_on(frame, number, bool(goes))
        if used is None or not (goes or _trained(frame, obj)):
            continue
        casts = how is Conversion.CAST
        receiver = receiver_of(node)
        yield ModuleConverted(
            node=node,
            name=goes or text_of(node),
            source=name_of(frame, hand),
            proof=min(_proof(frame, obj), 3 if casts else 2),
            place=place(frame),
            steps=(
                (Said.CAST if casts else Said.MOVED).at(node, text_of(receiver)),
                (Said.USED_CAST if casts else Said.USED_MOVED).at(used.node, name_of(frame, hand)),
            ),
            conversion=how,
            write=text_of(node),
            site=receiver,
            remedy=f"copy.deepcopy({source_of(receiver)})",
        )


def _proof(frame: Frame, obj: Id) -> int:
    return max(cell_of(frame, obj).proof, 1)


def _goes(frame: Frame, node: Site) -> str:
    """The name that the converted module is bound to, ".attr" for an attribute, "nowhere" for a statement."""
    for dropped in frame.log.copying.dropped.values():
        if node in _links(dropped):
            return "nowhere"
    for outer, name in frame.log.training.bound_from.items():
        if outer == node:
            return name
    return ""


def _links(node: Site | None) -> list[Call]:
    """A call and those that it is a method of: all of `model.half().eval().to(d)`."""
    found: list[Call] = []
    while isinstance(node, Call):
        found.append(node)
        node = receiver_of(node)
    return found


def _used_on(frame: Frame, number: Id, named: bool) -> Read | None:
    """The first use of the module under a name that knew it before; one that converts it again does not count."""
    wanted = (ReadHow.CALLED,) if named else (ReadHow.CALLED, ReadHow.PASSED, ReadHow.READ)
    again = {converted.node for converted in frame.log.training.converted.values()}
    for (_, seen), reads in frame.log.memory.reads.items():
        if seen == number:
            for read in reads.values():
                if read.how in wanted and not any(link in again for link in (read.node, *_links(read.node))):
                    return read
    return None


def _trained(frame: Frame, obj: Id) -> bool:
    """Whether the module is trained in this function."""
    writes = [w for w in frame.log.memory.writes.values() if w.kind is WriteKind.TRAIN]
    return any(overlap(a, b) for w in writes for a in w.regions for b in cell_of(frame, obj).regions)
