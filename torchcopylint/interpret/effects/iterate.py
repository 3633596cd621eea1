"""What a loop binds in one iteration, and what unpacking binds."""

from __future__ import annotations

from torchcopylint.domain.family import Family, OfKind
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import MAYBE, NO, YES, Cell, perhaps_one
from torchcopylint.domain.identity import Region
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import NO_FLAGS, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.value import (
    NOTHING,
    SCALAR,
    UNKNOWN,
    Const,
    Element,
    Ref,
    Scalar,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret.state.access import everything, held_at, inherit
from torchcopylint.interpret.state.autograd import looked_at, trainable
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.indexing import indexed
from torchcopylint.ir.site import Site
from torchcopylint.models.layer import HOLDERS_OF_MODULES


def elements(frame: Frame, value: Value, node: Site, tag: str) -> Value:
    """What a loop over the value binds in one iteration."""
    found: Value = NOTHING
    for i, element in frame.each(value):
        found = join_values(found, _elements_of(frame, element, node, f"{tag}{i}"))
    return found or UNKNOWN


def _elements_of(frame: Frame, element: Element, node: Site, tag: str) -> Value:
    cell = frame.cell(element)
    if cell is None or type(element) is not Ref:
        return SCALAR if isinstance(element, Const | Scalar) else UNKNOWN
    if cell.kind is Kind.DICT or cell.kind is Kind.STATE_DICT:
        return SCALAR
    if cell.kind in DATA:
        layout = perhaps_one(cell.layout - {Layout.PERMUTED}) | ({Layout.MULTI} if cell.proof == 3 else NO_FLAGS)
        row = cell._replace(layout=layout, made=Origin.UNKNOWN, **looked_at(frame, element, cell)._asdict())
        if cell.kind is Kind.NDARRAY:  # of one dimension it gives numbers
            row = row._replace(sure=Sure.CONDITIONAL, ground=Ground.GUESSED)
        made = frame.make(node, tag, row._replace(regions=frozenset((*r, "*") for r in cell.regions)), Sharing.ROW)
        frame.program.handles.of(made.hand).parent = element.hand
        return (made,)
    if cell.kind is Kind.PARAMS:
        return _live_parameter(frame, element, cell, node, tag)
    held = everything(cell)
    if cell.kind is Kind.LOADER and (batch := _batch(frame, held, node, tag)) is not None:
        return batch
    if held and (cell.kind is not Kind.UNKNOWN or refs_of(held)):
        return held
    return (_fresh_element(frame, element, cell, node, tag),)


def _batch(frame: Frame, held: Value, node: Site, tag: str) -> Value | None:
    """What a loader puts together, anew, of tensors: of a data set of several a tuple."""
    cells = [frame.here.heap[ref.obj] for ref in refs_of(held)]
    sets = [cell for cell in cells if cell.kind is Kind.DATASET]
    inner = [frame.here.heap[ref.obj] for cell in sets for ref in refs_of(everything(cell))] if sets else cells
    if not inner or any(cell.kind is not Kind.TENSOR for cell in inner):
        return None
    proof, ground = min(cell.proof for cell in inner), min(cell.ground for cell in inner)
    new = Cell(Kind.TENSOR, proof, attached=NO, family=Family.BATCH, made=Origin.CALLED, ground=ground)
    item = frame.make(node, f"{tag} batched", new)
    return (frame.make(node, f"{tag} batch", Cell(Kind.TUPLE, 3, rest=(item,))),) if sets else (item,)


def _live_parameter(frame: Frame, ref: Ref, cell: Cell, node: Site, tag: str) -> Value:
    regions = frozenset((*r, "*") for r in cell.regions)
    frozen = tuple(Ref(s, s) for s in cell.sources if Layout.FROZEN in frame.here.heap[s].layout)
    attached = NO if cell.attached == NO else trainable(frame, frozen) if frozen else YES
    parameter = Cell(Kind.TENSOR, 3, regions, attached=attached, leaf=YES, family=Family.PARAMETER)
    parameter = parameter._replace(sources=cell.sources, ground=cell.ground)
    made = frame.make(node, tag, parameter, Sharing.LIVE_WEIGHT)
    inherit(frame, ref, cell, made)
    if cell.family is Family.NAMED:
        return (frame.make(node, f"{tag}pair", Cell(Kind.TUPLE, 3, slots={"[0]": SCALAR, "[1]": (made,)})),)
    return (made,)


def _fresh_element(frame: Frame, ref: Ref, cell: Cell, node: Site, tag: str) -> Ref:
    holds = cell.kind is Kind.MODULES or (cell.kind is Kind.MODULE and cell.family in HOLDERS_OF_MODULES)
    kind, proof = (Kind.MODULE, cell.proof) if holds else (Kind.UNKNOWN, 0)
    if type(cell.family) is OfKind:
        kind, proof = cell.family.kind, cell.proof
    loaded = cell.kind in (Kind.LOADER, Kind.DATASET)
    regions: frozenset[Region] = (
        frozenset()
        if loaded or cell.made is Origin.CALLED
        else frozenset((*r, "*") for r in cell.regions if len(r) < 6)
    )
    family = Family.BATCH if loaded else None
    made = frame.make(
        node, tag, Cell(kind, proof, regions, attached=NO if loaded else cell.attached, family=family), Sharing.ELEMENT
    )
    frame.program.handles.of(made.hand).parent = ref.hand
    return made


def unpack(frame: Frame, value: Value, count: int, star: int, node: Site) -> list[Value]:
    """The values that `a, *b, c = value` binds."""
    parts: list[Value] = []
    for i in range(count):
        if i == star:
            rest = elements(frame, value, node, f"star{i}")
            parts.append((frame.make(node, f"starred{i}", Cell(Kind.LIST, 3, rest=rest)),))
            continue
        found: Value = NOTHING
        for _, element in frame.each(value):
            found = join_values(found, _part_of(frame, element, i, node))
        parts.append(found or UNKNOWN)
    return parts


def _part_of(frame: Frame, element: Element, i: int, node: Site) -> Value:
    cell = frame.cell(element)
    if cell is None or type(element) is not Ref:
        return SCALAR if isinstance(element, Const | Scalar) else UNKNOWN
    if cell.kind in DATA:
        part = indexed(frame, element, cell, (Const(i),), node, 100 + i)
        if cell.family is Family.OUTPUT and cell.attached == YES:
            frame.update(part.obj, attached=MAYBE)
        return (part,)
    if cell.kind is Kind.PARAMS:
        return _elements_of(frame, element, node, f"part{i}")
    if cell.kind is Kind.DICT:
        return SCALAR
    return held_at(frame, element, cell, (Const(i),), node)
