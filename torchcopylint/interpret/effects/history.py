"""Values put where they may outlive an iteration of a loop."""

from __future__ import annotations

from dataclasses import replace

from torchcopylint.domain.heap import NO, YES
from torchcopylint.domain.identity import Id, base_of, roots_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.value import Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Kept
from torchcopylint.ir.question import targets_of, text_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import BinaryOperation


def keep(
    frame: Frame, container: Value, value: Value, node: Site, total: str | None = None, given: Site | None = None
) -> None:
    """A tensor is put into something that may outlive this iteration of the loop; total: added to what goes by that;
    given: the argument that a call is given it as, where that keeps it."""
    objects: set[Id] = set()
    sources: set[Id] = set()
    attached = NO
    single = True
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None:
            continue
        if cell.kind in (Kind.TENSOR, Kind.UNKNOWN):
            if cell.leaf == YES and total is None:
                continue
            objects.add(base_of(ref.obj))
            if cell.made in (Origin.VIEW, Origin.CONDITIONAL):
                objects |= {base_of(root) for root in roots_of(cell.regions)}
            sources |= {base_of(s) for s in cell.sources}
            attached = max(attached, cell.attached)
        elif cell.kind in (Kind.DICT, Kind.TUPLE, Kind.LIST):
            single = False
            for inner in (*cell.slots.values(), cell.rest):
                for deep in refs_of(inner):
                    found = frame.cell(deep)
                    if found is not None and found.kind in (Kind.TENSOR, Kind.UNKNOWN) and found.attached:
                        objects.add(base_of(deep.obj))
                        node = frame.log.graph.placed.get(base_of(deep.obj), node)
                        attached = max(attached, found.attached)
    if not objects or not attached or frame.grad_off:
        return
    names = [frame.program.handles.of(r.hand).name for r in refs_of(container)]
    shown = [frame.program.handles.of(r.hand).name for r in refs_of(value)]
    frame.log.graph.kept[node] = Kept(
        node=node,
        name=next((n for n in names if n), ""),
        objects=frozenset(objects),
        sources=frozenset(sources),
        into=frozenset(base_of(r.obj) for r in refs_of(container)),
        rounds=tuple(r.node for r in frame.rounds),
        source=next((s for s in shown if s), ""),
        attached=attached,
        over=frame.rounds[-1].over if frame.rounds else "",
        single=single,
        total=total,
        given=given,
    )


def keep_sum(frame: Frame, holder: Ref, value: Value, node: Site) -> None:
    """`self.total = self.total + x`, `totals[k] = totals[k] + x`: x is added to what stays there."""
    targets, sum_of = targets_of(node), value_of(node)
    if len(targets) != 1 or not isinstance(sum_of, BinaryOperation) or sum_of.operator != "+":
        return
    total = text_of(targets[0])
    for ref in refs_of(value):
        sides = frame.log.graph.sums.get(ref.obj)
        if sides is not None and total in (text_of(sum_of.left), text_of(sum_of.right)):
            first = total == text_of(sum_of.left)
            given = sum_of.right if first else sum_of.left
            keep(frame, (holder,), sides.right if first else sides.left, node, total, given)
            if (kept := frame.log.graph.kept.get(node)) is not None:
                made = frozenset(base_of(r.obj) for r in refs_of(value))
                frame.log.graph.kept[node] = replace(kept, made=made)
