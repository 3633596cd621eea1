"""What the parameters and results of a file's functions are, as far as that is known once all has been interpreted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import UNKNOWN_KIND, Ground, Known
from torchcopylint.domain.heap import Cell, join_cells
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import Callee, ClassOf, Const, Element, Ref, Scalar, Value
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Function
from torchcopylint.ir.kind import ParameterKind

RESULT = "return"


class Named(NamedTuple):
    """A parameter of a function, or its result under the name "return", and what it is; parameter: one of torch's."""

    function: Function
    name: str
    known: Known
    parameter: bool = False


def known(program: Program) -> Iterator[Named]:
    """Each parameter and result of each function that the file defines, interpreted whether or not it can matter."""
    done = 0
    while done < len(program.defined):
        function, _ = program.defined[done]
        done += 1
        frame = enter(program, function)
        if frame is not None:
            yield from _of(frame)


def _of(frame: Frame) -> Iterator[Named]:
    cells = dict(frame.given) if frame.state is None else {**frame.given, **frame.state.heap}
    for parameter in frame.function.parameters:
        symbol = frame.symbols.get(parameter.name)
        if symbol is None:
            yield Named(frame.function, parameter.name, Known(Kind.SCALAR, 2))
        elif parameter.kind is ParameterKind.PLAIN:
            # It may have been bound anew: what was given is the object that stood for it at the start.
            yield _named(frame.function, parameter.name, cells.get(symbol))
    if frame.function.generator:
        yield Named(frame.function, RESULT, UNKNOWN_KIND)
    elif frame.returned:
        yield _named(frame.function, RESULT, _whole(frame.returned, cells))


def _named(function: Function, name: str, cell: Cell | None) -> Named:
    if cell is None:
        return Named(function, name, UNKNOWN_KIND)
    return Named(function, name, Known(cell.kind, cell.proof, cell.ground), cell.family is Family.PARAMETER)


def _whole(value: Value, cells: dict[int, Cell]) -> Cell | None:
    """What is known of all that a value may be; None beside something says nothing of it."""
    elements = [e for e in value if e != Const(None)] or list(value)
    found = [_cell(element, cells) for element in elements]
    return reduce(join_cells, found) if found else None


def _cell(element: Element, cells: dict[int, Cell]) -> Cell:
    if type(element) is Ref:
        return cells.get(element.obj, Cell())
    if isinstance(element, Const):
        return Cell(Kind.NONE if element.value is None else Kind.SCALAR, 3, ground=Ground.MADE)
    if isinstance(element, Scalar):
        return Cell(Kind.SCALAR, 1)  # perhaps what a comparison of unknown things gives
    return Cell(Kind.OBJECT, 3) if isinstance(element, Callee | ClassOf) else Cell()
