"""ir → events: an abstract interpreter of Python; what library calls do is the models' to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torchcopylint.domain.event import Event
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import refs_of
from torchcopylint.interpret.callers.callers import Callers
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.events import conclude_all
from torchcopylint.interpret.once import foreign_ids
from torchcopylint.interpret.state.program import Program
from torchcopylint.interpret.transfer import run
from torchcopylint.ir import Module, is_foreign, syntax
from torchcopylint.lower import lower
from torchcopylint.models import keeps_or_trains, tells, trains
from torchcopylint.models.evidence import HANDS_OUT

if TYPE_CHECKING:
    from torchcopylint.files.source import Source
    from torchcopylint.interpret.state.frame import Frame
    from torchcopylint.project.project import Surroundings

__all__ = ["interpret", "run"]


Look = Callable[[Module, Program, tuple[Event, ...]], None]


def interpret(
    tree: syntax.Module,
    source: Source,
    surroundings: Surroundings | None = None,
    skipped: list[str] | None = None,
    look: Look | None = None,
) -> tuple[Event, ...]:
    """Everything worth judging that one file's code does, in the order of the file.

    surroundings: the project's other files, whose classes and functions it uses. The names of functions that cost too
    much, and were given up, are added to `skipped`. `look` is shown the code, what interpreting it left behind, and the
    events, before all but the events is forgotten.
    """
    displayed = source.notebook.displayed if source.notebook else frozenset[int]()
    module = surroundings.own_code(tree, source) if surroundings is not None else lower(tree, displayed=displayed)
    words = module.top.attributes
    program = Program(run, surroundings=surroundings, training=trains(words), across=keeps_or_trains(words))
    if surroundings is not None:
        program.ids.foreign = foreign_ids(surroundings, program.files)
    program.callers = Callers(program, module, source.text)
    enter(program, module.top)
    _enter_defined(program, program.training)
    if not program.training and any(_writes_arguments(frame) or _gives_away(frame) for frame in _own(program)):
        _enter_defined(program, True)
    events = tuple(conclude_all(_own(program)))
    if skipped is not None:
        skipped += program.skipped
    if look is not None:
        look(module, program, events)
    program.forget()
    return events


def _enter_defined(program: Program, everything: bool) -> None:
    """Interpret the functions defined so far and those that come up, or only those that can show something."""
    done = 0
    while done < len(program.defined):
        function, _ = program.defined[done]
        done += 1
        if everything or tells(function.attributes, function.dropped) or HANDS_OUT.search(function.name):
            enter(program, function)


def _own(program: Program) -> list[Frame]:
    """The functions of the file itself that were interpreted."""
    frames = (frame for frame in program.frames.values() if frame is not None)
    return [frame for frame in frames if not is_foreign(frame.function.qualname)]


def _gives_away(frame: Frame) -> bool:
    """Whether a method gives back what it writes in its object: then it matters what its callers do with that."""
    if frame.owner is None or frame.state is None:
        return False
    written = {r[0] for w in frame.log.memory.writes.values() if w.kind is WriteKind.WRITE for r in w.regions}
    for ref in refs_of(frame.returned) if written - set(frame.symbols.values()) else ():
        cell = frame.here.heap[ref.obj]
        parts = [cell, *(frame.here.heap[r.obj] for value in cell.slots.values() for r in refs_of(value))]
        if any(r[0] in written and r[0] in frame.given for part in parts for r in part.regions):
            return True
    return False


def _writes_arguments(frame: Frame) -> bool:
    """Whether a function writes into what it is given: then it matters what its callers give."""
    if frame.log.memory.perhaps:
        return True
    given = set(frame.symbols.values())
    writes = (
        w
        for w in frame.log.memory.writes.values()
        if w.kind is WriteKind.WRITE and w.thing is not Kind.MODULE and not w.via
    )
    return any(r[0] in given and frame.given[r[0]].kind is not Kind.MODULE for w in writes for r in w.regions)
