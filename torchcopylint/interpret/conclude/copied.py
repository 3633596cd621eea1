"""Copies that were made, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.event import Copy
from torchcopylint.finding import Step
from torchcopylint.interpret.conclude.path import place
from torchcopylint.interpret.frame import Frame, Round
from torchcopylint.interpret.log import CopyMade
from torchcopylint.lower import text_of
from torchcopylint.models.evidence import RUNS_PER_STEP
from torchcopylint.value import Id


def copies(frame: Frame) -> Iterator[Copy]:
    """A Copy for each place that copies."""
    for made, copy in frame.log.copies.items():
        if copy.via and copy.how != "deepcopy":
            continue
        heat, loop = _heat(frame, copy)
        yield Copy(
            node=copy.node,
            name=copy.source,
            proof=copy.proof,
            place=place(frame),
            steps=_steps(copy, loop),
            how=copy.how,
            kind=copy.kind,
            loop=loop,
            heat=heat,
            guarded=copy.guarded,
            fate=frozenset(frame.log.fates.get(made, ())),
            call=text_of(copy.node),
            argument=_argument(copy.node),
            given=_given(frame, made),
        )


def _given(frame: Frame, made: Id) -> bool:
    """Whether what was copied is a parameter as it was given: its kind rests on an annotation or on use."""
    source = frame.log.copied_from.get(made)
    return source is not None and source & ~1 in frame.symbols.values()


def _argument(node: object) -> str:
    args = getattr(node, "args", ())
    return text_of(args[0].value) if args else ""


def _steps(copy: CopyMade, loop: str) -> tuple[Step, ...]:
    steps = [Step(node, "called here") for node in reversed(copy.via)]
    innermost = next((r for r in reversed(copy.rounds) if isinstance(r, Round)), None)
    if innermost is not None and loop:
        steps.insert(0, Step(innermost.node, "this loop runs for every batch or step"))
    return (*steps, Step(copy.node, "copied here, in every round")) if loop else ()


def _heat(frame: Frame, copy: CopyMade) -> tuple[str, str]:
    """("step", the loop in words) for a loop that trains, or loads batches, itself; ("forward", ..) in forward."""
    rounds = [r for r in copy.rounds if isinstance(r, Round)]
    if not rounds:
        hot = frame.owner is not None and frame.owner.kind == "module" and frame.function.name in RUNS_PER_STEP
        return ("forward", f"`{frame.function.name}`") if hot else ("", "")
    rounds = [r for r in rounds if r.kind != "comprehension"]
    if not rounds or rounds[-1].few or id(rounds[-1].node) in frame.log.once:
        return "", ""
    inner = rounds[-1]
    words = f"the loop over `{inner.over}`" if inner.over else "the `while` loop"
    if inner.loader or _trains(frame, inner.node):
        return "step", words
    return "", ""


def _trains(frame: Frame, node: object) -> bool:
    log = frame.log
    every = [*log.backward_rounds.values(), *log.step_rounds.values()]
    return any(rounds and rounds[-1] is node for rounds in every)
