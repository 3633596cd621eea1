"""What is made once and then shared: defaults of parameters, attributes of classes."""

from __future__ import annotations

from torchcopylint.domain.heap import Cell
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.value import NONE, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir import Function


def note_defaults(frame: Frame, function: Function) -> None:
    """A function is defined here: every call shares those of its defaults that are, or hold, tensors."""
    given = {p.name: _shared(frame, frame.get(p.default)) for p in function.parameters if p.default is not None}
    frame.program.absent[function] = frozenset(
        p.name for p in function.parameters if p.default is not None and frame.get(p.default) == NONE
    )
    frame.program.defaults[function] = {name: cell for name, cell in given.items() if cell is not None}


def _shared(frame: Frame, value: Value) -> Cell | None:
    cell = frame.cell(value[0]) if len(value) == 1 else None
    if cell is None or cell.made is Origin.CALLED:
        return None
    if cell.kind in DATA:
        return cell if cell.proof >= 2 else None
    held = [frame.here.heap[ref.obj] for v in (*cell.slots.values(), cell.rest) for ref in refs_of(v)]
    return cell if cell.kind in (Kind.LIST, Kind.DICT, Kind.TUPLE) and any(c.kind in DATA for c in held) else None


def default_kind(frame: Frame, name: str) -> tuple[Kind, Kind | None, int] | None:
    """(kind, kind of the elements, proof) of a parameter by a default that is a tensor, an array, or holds some."""
    found = frame.program.defaults.get(frame.function, {}).get(name)
    return (found.kind, None if found.kind in DATA else Kind.TENSOR, found.proof) if found is not None else None
