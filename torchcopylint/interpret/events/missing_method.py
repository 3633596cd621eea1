"""Calls that torch does not have, or that Python takes otherwise than they are meant."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import MemoMistaken, MethodMissing, Misuse
from torchcopylint.interpret.events.path import place
from torchcopylint.interpret.events.phrases import THINGS, Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir.question import arguments_of, operand_of, receiver_of, source_of, text_of
from torchcopylint.ir.site import Site


def lacking(frame: Frame) -> Iterator[Misuse]:
    """A MethodMissing for each copy method that its receiver lacks, a MemoMistaken for each misused `deepcopy`."""
    for found in frame.log.copying.lacking.values():
        node, kind, memo = found.node, found.kind, found.memo
        args = arguments_of(node)
        about = args[1].value if memo else receiver_of(node)
        event = MemoMistaken if memo else MethodMissing
        yield event(
            node=node,
            name=text_of(about),
            proof=found.proof,
            ground=found.ground,
            place=place(frame),
            steps=(Said.TAKEN_FOR_MEMO.at(node) if memo else Said.NO_METHOD.at(node, way=THINGS[kind]),),
            call=text_of(node),
            kind=kind,
            remedy=_instead(found.remedy, about) if not args else "",
            **site_of(frame, node),
        )


def _instead(remedy: str, about: Site | None) -> str:
    """The remedy for this receiver; a dot behind it wants parentheses, an argument does not."""
    return remedy.format(operand_of(about) if remedy.startswith("{}") else source_of(about)) if remedy else ""
