"""Writes that break backward: to what the graph keeps, to leaves, to views that torch guards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchcopylint.domain.event import KeptValueWritten, LeafUse, NotLeaf, RefusedWrite, SavedWrite, SilentWrite
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, base_of, overlap
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.rewrite import detached
from torchcopylint.interpret.events.path import cell_of, name_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.autograd import sources_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Broken, Refused, Write
from torchcopylint.interpret.state.saved import unspent
from torchcopylint.ir import TOP, Spot
from torchcopylint.ir.question import arguments_of, in_parentheses, lines_of, operand_of, receiver_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import (
    AugmentedAssign,
    BinaryOperation,
    BooleanOperation,
    Comparison,
    Conditional,
    Expression,
    Name,
    UnaryOperation,
)


def saved_writes(frame: Frame) -> Iterator[SavedWrite]:
    """A SavedWrite for each write to what backward still needs, and for each that torch refuses at once."""
    sources, _ = sources_of(frame, [frame.returned]) if frame.state is not None else (frozenset[int](), 0)
    told: set[Site] = set()
    for broken in [*frame.log.graph.broken.values(), *unspent(frame, sources)]:
        write = frame.log.memory.writes.get(broken.pending.write)
        if write is not None and write.node not in told:
            told.add(write.node)
            yield _event(frame, broken, write)
    for refused in frame.log.graph.refused.values():
        if refused.write.node not in told:
            yield _refusal(frame, refused)


def _event(frame: Frame, broken: Broken, write: Write) -> SavedWrite:
    saved = frame.log.graph.saved[broken.pending.number]
    steps = [Said.SAVED.at(saved.node, saved.name)]
    steps.append(Said.WRITTEN.at(write.node))
    if broken.node is not None:
        steps.append(Said.BACKWARD.at(broken.node))
    site, remedy = _out_of_place(frame, write)
    event = KeptValueWritten if broken.pending.counted else SilentWrite
    return event(
        node=write.node,
        name=name_of(frame, write.hand),
        source=text_of(saved.node),
        proof=3 if broken.node is not None else 1 if _only_infers(frame, write) else 2,
        place=place(frame),
        steps=tuple(steps),
        site=site,
        write=write.words,
        remedy=remedy,
    )


def _only_infers(frame: Frame, write: Write) -> bool:
    """Whether the function, or one around it, says by its name, in its docstring or in a comment that nothing trains
    in it; or whether it asks if anything trains before the write."""
    function = frame.function
    if any(test.rpartition(".")[2] == "training" for test in write.tests):
        return True
    if any(word in function.qualname.lower() for word in ("inference", "predict", "evaluat", "generate")):
        return True
    comments = re.findall(r"#(.*)", lines_of(function.node)) if function.name != TOP else []
    return any(_INFERENCE.search(words) for words in (function.docstring, *comments))


_INFERENCE = re.compile(r"\b(only|just) (for|in|during|at) (inference|test|evaluation)|\binference[- ]only", re.I)


def _refusal(frame: Frame, refused: Refused) -> RefusedWrite:
    write = refused.write
    sure = refused.own or bool(frame.log.graph.backward_rounds)
    return RefusedWrite(
        node=write.node,
        name=name_of(frame, write.hand),
        source=name_of(frame, write.hand),
        proof=min(write.proof, 3) if sure else 1,
        place=place(frame),
        steps=(Said.WRITTEN_WITH_GRADIENTS.at(write.node),),
        why=refused.why,
        write=write.words,
    )


def _out_of_place(frame: Frame, write: Write) -> tuple[Site | None, str]:
    """(what to replace, by what) where a plain name can be bound to a new tensor instead."""
    node = write.node
    if not isinstance(node, AugmentedAssign) or not isinstance(node.target, Name):
        return None, ""
    right = text_of(node.value)
    if isinstance(node.value, _LOOSE) and not in_parentheses(node.value):
        right = f"({right})"
    return node, f"{text_of(node.target)} = {text_of(node.target)} {node.operator} {right}"


_LOOSE = (BinaryOperation, Conditional, BooleanOperation, Comparison, UnaryOperation)


def _wanted(frame: Frame, cell: Cell) -> bool:
    """Whether the gradient that goes on through this to its sources is used: a step is made by it, or it is read."""
    sources = {base_of(source) for source in cell.sources}
    if sources & {base_of(obj) for obj in frame.log.graph.gradients_read}:
        return True
    regions = [region for obj in sources for region in cell_of(frame, obj).regions]
    return any(overlap(region, stepped) for region in regions for stepped in frame.log.training.stepped)


def not_leaves(frame: Frame) -> Iterator[NotLeaf]:
    """A NotLeaf for each `requires_grad_()` on what was computed, where its gradient is then looked for."""
    for required in frame.log.graph.required.values():
        obj, cloned = required.obj, required.cell.made is Origin.CLONE
        if obj in frame.log.graph.differentiated:
            continue
        used = _asked_for(frame, obj)
        site = _receiver(frame.program.births[obj].node) if cloned else None
        source = text_of(site)
        steps = [Said.NOT_A_LEAF.at(required.node)]
        if used is LeafUse.GRADIENT:
            steps.append(Said.NO_GRADIENT.at(frame.log.graph.gradients_read[obj]))
        yield NotLeaf(
            node=required.node,
            name=name_of(frame, required.hand),
            source=source,
            proof=3 if used is not None else 1,
            ground=required.cell.ground,
            place=place(frame),
            steps=tuple(steps),
            site=site,
            call=text_of(required.node),
            used=used,
            cloned=cloned,
            remedy=detached(operand_of(site)) if source and not _wanted(frame, required.cell) else "",
        )


def _asked_for(frame: Frame, obj: Id) -> LeafUse | None:
    """What asks for a leaf where this object is none."""
    if obj in frame.log.training.optimized:
        return LeafUse.OPTIMIZER
    return LeafUse.GRADIENT if obj in frame.log.graph.gradients_read else None


def _receiver(node: Spot | None) -> Expression | None:
    """`x` of `x.clone()` and of `torch.clone(x)`."""
    args = arguments_of(node)
    return args[0].value if args else receiver_of(node)
