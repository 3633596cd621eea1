"""Copies that were made, and what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from torchcopylint.domain.event import Clone, Copy, DeepCopy, Grown, Heat, PlainCopy, RoundTrip, TakenBy, TensorMade
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Step
from torchcopylint.domain.heap import YES
from torchcopylint.domain.identity import Id, base_of, is_older
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import CopyHow, Fate
from torchcopylint.interpret.events import phrases
from torchcopylint.interpret.events.path import cell_of, in_module, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.shared_parameter import shares_with_parameter
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import CopyMade, Joined, Taken
from torchcopylint.interpret.state.round import Round
from torchcopylint.ir.kind import LoopKind
from torchcopylint.ir.question import arguments_of, lines_of, operand_of, receiver_of, source_of, text_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Expression
from torchcopylint.models.evidence import RUNS_PER_STEP, resets


def copies(frame: Frame) -> Iterator[Copy]:
    """A Copy for each place that copies."""
    for made, copy in frame.log.copying.copies.items():
        make = _EVENTS.get(copy.how)
        if make is not None and (not copy.via or copy.how is CopyHow.DEEPCOPY):
            yield make(frame, made, copy)


def _deep_copy(frame: Frame, made: Id, copy: CopyMade) -> DeepCopy:
    return DeepCopy(
        **_common(frame, made, copy),
        leaf=copy.cell.leaf == YES,
        weight=_weight(frame, copy),
        repeated=_repeated(frame, made, copy),
        reset=copy.kind is Kind.MODULE and any(resets(f.attributes) for f, _ in frame.program.defined),
    )


def _clone(frame: Frame, made: Id, copy: CopyMade) -> Clone:
    return Clone(**_common(frame, made, copy))


def _plain_copy(frame: Frame, made: Id, copy: CopyMade) -> PlainCopy:
    return PlainCopy(**_common(frame, made, copy))


def _tensor_made(frame: Frame, made: Id, copy: CopyMade) -> TensorMade:
    common = _common(frame, made, copy)
    return TensorMade(**common, given=_given(frame, made), options=_options(copy.node), through=copy.through)


def _round_trip(frame: Frame, made: Id, copy: CopyMade) -> RoundTrip:
    packed = frozenset(frame.log.copying.fates.get(frame.log.copying.packed[made], ()))
    unties = copy.how is CopyHow.SAVE and shares_with_parameter(frame, copy.cell)
    return RoundTrip(**_common(frame, made, copy), packed=packed, unties=unties)


_EVENTS: dict[CopyHow, Callable[[Frame, Id, CopyMade], Copy]] = {
    CopyHow.DEEPCOPY: _deep_copy,
    CopyHow.CLONE: _clone,
    CopyHow.COPY: _plain_copy,
    CopyHow.TENSOR: _tensor_made,
    CopyHow.PICKLE: _round_trip,
    CopyHow.SAVE: _round_trip,
}


def _common(frame: Frame, made: Id, copy: CopyMade) -> dict[str, Any]:
    """The fields that all copies have."""
    heat, loop = _heat(frame, copy)
    inner = _inner(copy)
    data = inner if _by_data(frame, made, inner) else None
    return {
        "node": copy.node,
        "name": copy.source,
        "proof": copy.proof,
        "ground": copy.ground,
        "place": place(frame),
        "steps": _steps(copy, heat),
        "kind": copy.kind,
        "loop": loop,
        "heat": heat,
        "guarded": copy.guarded,
        "fate": frozenset(frame.log.copying.fates.get(made, ())) | _relinked(frame, made) | _cloning(frame, made),
        "site": copy.node,
        "call": text_of(copy.node),
        "argument": text_of(inner),
        "text": source_of(copy.node),
        "of": _written(inner),
        "bare": _bare(copy),
        "needless": copy.needless,
        "origin": _written(_origin(frame, inner)),
        "attached": copy.cell.attached,
        "taken": _taken_by(frame.log.copying.taken.get(made)),
        "data": data,
        "remedy": f"{operand_of(value_of(data))}.detach()" if data is not None else "",
    }


def grown(frame: Frame) -> Iterator[Grown]:
    """A Grown for each place that puts together what it put together before."""
    for joined in frame.log.copying.joined.values():
        yield Grown(
            node=joined.node,
            name=joined.name,
            proof=joined.proof,
            place=place(frame),
            steps=(
                Said.IN_LOOP.at(joined.round.node),
                Said.ALL_COPIED.at(joined.node, joined.name),
            ),
            loop=_words(joined.round),
            call=text_of(joined.node),
            kind=joined.kind,
            read=_uses(joined) > 2,
        )


def _uses(joined: Joined) -> int:
    """How often the loop speaks of what grows there; twice is: it is joined, and bound again."""
    lines = (line for instruction in joined.round.body for line in instruction.lines())
    return sum(len(re.findall(rf"(?<![\w.%]){joined.name}(?!\w)", line)) for line in lines)


def _taken_by(taken: Taken | None) -> TakenBy | None:
    if taken is None:
        return None
    return TakenBy(taken.node, text_of(taken.node), taken.how, taken.kind, taken.proof, taken.ground, taken.apart)


def _written(inner: Site | None) -> str:
    """An expression's source, fit to stand where the call that copies it stood: on several lines only in brackets."""
    text = operand_of(inner) if inner is not None else ""
    return f"({text})" if "\n" in text and not text.endswith((")", "]")) else text


def _options(node: Site) -> tuple[tuple[str, str], ...]:
    """The arguments that say how to copy, by keyword and as written; "" for one without a keyword."""
    return tuple((argument.keyword, operand_of(argument.value)) for argument in arguments_of(node)[1:])


def _bare(copy: CopyMade) -> bool:
    """Whether the call says only that a copy is wanted: no memory format, no order, no dtype, no memo."""
    return len(arguments_of(copy.node)) == (0 if _receiver(copy) is not None else 1)


def _receiver(copy: CopyMade) -> Expression | None:
    """What a method that copies is called on; None for a function."""
    return receiver_of(copy.node) if copy.method else None


def _inner(copy: CopyMade) -> Expression | None:
    """The expression that is copied."""
    args = arguments_of(copy.node)
    return _receiver(copy) or (args[0].value if args else None)


def _origin(frame: Frame, inner: Any) -> Any:
    """What is copied; where that is itself a copy made on the spot, what that was made of, and so on."""
    copies = {copy.node: copy for copy in frame.log.copying.copies.values() if not copy.via}
    while (copy := copies.get(inner)) is not None and copy.how in _EXACT and _bare(copy):
        inner = _inner(copy)
    return inner


_EXACT = (CopyHow.CLONE, CopyHow.DEEPCOPY)


def _by_data(frame: Frame, made: Id, inner: Site | None) -> bool:
    """Whether what is copied is the `.data` of a tensor, taken right there."""
    source = frame.log.copying.copied_from.get(made)
    taken = source is not None and frame.program.handles.of(source).how is Sharing.DATA
    return taken and text_of(inner).endswith(".data")


def _weight(frame: Frame, copy: CopyMade) -> bool:
    """Whether what was copied is a parameter, or may be one: something kept by a module."""
    return copy.cell.family is Family.PARAMETER or in_module(frame, (r for r in copy.cell.regions if len(r) > 1))


def _given(frame: Frame, made: Id) -> bool:
    """Whether what was copied is a parameter as it was given: its kind rests on an annotation or on use, and not on
    a test of the function."""
    source = base_of(frame.log.copying.copied_from[made])
    return source in frame.symbols.values() and frame.given[source].kind == frame.log.copying.copies[made].kind


def _cloning(frame: Frame, made: Id) -> frozenset[Fate]:
    """Whether a function makes the copy whose name says that it is there to copy."""
    birth = frame.program.births.get(frame.program.origins.get(base_of(made), 0))
    return frozenset({Fate.CLONING} if birth is not None and re.search("clone|copy", birth.function.name) else ())


def _relinked(frame: Frame, made: Id) -> frozenset[Fate]:
    """Whether a copied optimizer is given other parameters; to read its groups is not to set them."""
    uses = frame.function.uses.get(frame.program.handles.of(made).name, frozenset())
    if not uses & {"param_groups", "add_param_group"}:
        return frozenset()
    given = "add_param_group" in uses or _GIVES_PARAMETERS.search(lines_of(frame.function.node))
    return frozenset({Fate.RELINKED} if given else ())


_GIVES_PARAMETERS = re.compile(r"""\.param_groups\b[^=\n]*(=(?!=)|\.(append|extend|insert|clear)\()|["']params["']""")


def _repeated(frame: Frame, made: Id, copy: CopyMade) -> str:
    """The loop, in words, that makes this copy of one and the same thing again and again."""
    source = frame.log.copying.copied_from.get(made)
    if not copy.rounds or source is None or is_older(source):
        return ""
    loop = copy.rounds[-1]
    anew = loop.node in frame.program.births[base_of(source)].rounds
    return "" if anew or cell_of(frame, source).family is Family.STATELESS else loop.over or phrases.SOME_LOOP


def _steps(copy: CopyMade, heat: Heat | None) -> tuple[Step, ...]:
    steps = [Said.CALLED.at(node) for node in reversed(copy.via)]
    if copy.rounds and heat is not None:
        steps.insert(0, Said.HOT_LOOP.at(copy.rounds[-1].node))
    return (*steps, Said.COPIED_EACH_ROUND.at(copy.inside or copy.node)) if heat is not None else ()


def _heat(frame: Frame, copy: CopyMade) -> tuple[Heat | None, str]:
    """How hot the place is, with the loop, or the function, in words."""
    if not copy.rounds:
        hot = place(frame).owner is Kind.MODULE and frame.function.name in RUNS_PER_STEP
        return (Heat.FORWARD, f"`{frame.function.name}`") if hot else (None, "")
    rounds = [r for r in copy.rounds if r.kind is not LoopKind.COMPREHENSION]
    if not rounds or rounds[-1].few or rounds[-1].node in frame.log.copying.once:
        return None, ""
    inner = rounds[-1]
    if inner.loader or _trains(frame, inner.node):
        return Heat.STEP, _words(inner)
    return None, ""


def _words(loop: Round) -> str:
    return phrases.LOOP_OVER.format(loop.over) if loop.over else phrases.LOOP


def _trains(frame: Frame, node: Site) -> bool:
    log = frame.log
    every = [*log.graph.backward_rounds.values(), *log.training.step_rounds.values()]
    return any(rounds and rounds[-1] is node for rounds in every)
