"""ir → events: an abstract interpreter of Python; what library calls do is the models' to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchcopylint.event import Event
from torchcopylint.interpret.conclude import conclude_all
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.program import Program
from torchcopylint.interpret.transfer import run
from torchcopylint.lower import lower

if TYPE_CHECKING:
    import libcst as cst

    from torchcopylint.source import Source

__all__ = ["interpret", "run"]


def interpret(tree: cst.Module, source: Source) -> tuple[Event, ...]:
    """Everything worth judging that one file's code does, in the order of the file."""
    module = lower(tree)
    program = Program()
    frames = [frame for frame in [enter(program, module.top)] if frame is not None]
    done = 0
    while done < len(program.defined):
        function, _ = program.defined[done]
        done += 1
        frame = enter(program, function)
        if frame is not None:
            frames.append(frame)
    return tuple(conclude_all(frames))
