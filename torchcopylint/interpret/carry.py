"""What a function that was called noticed, noticed at the call: its writes, graph, training and copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import SLOTTED
from torchcopylint.domain.identity import Id, Region, base_of, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.use import OF_GRADIENTS, Fate, WriteKind
from torchcopylint.domain.value import NOTHING, Ref, refs_of
from torchcopylint.interpret.effects.gradient import touch_gradients
from torchcopylint.interpret.effects.history import keep
from torchcopylint.interpret.effects.optimizer import unlink
from torchcopylint.interpret.state.autograd import reached, regrade, sources_of
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.touch import fate, touch, write_perhaps
from torchcopylint.ir import is_foreign
from torchcopylint.ir.kind import ParameterKind
from torchcopylint.ir.question import arguments_of, decorated
from torchcopylint.ir.site import Site

if TYPE_CHECKING:
    from torchcopylint.interpret.inline import Carried


def carry_writes(carried: Carried) -> None:
    """What the callee writes into what it is given is written here."""
    given = {base_of(e.obj) if type(e) is Ref else 0 for e in carried.inner.returned}
    for number, write in _written(carried):
        regions = carried.outside(write.regions)
        if not regions or _is_only_an_entry(carried, write):
            continue
        if write.kind is WriteKind.TRAIN:
            regions |= _held(carried, write)
            carried.frame.log.training.stepped |= regions
            for root in roots_of(regions):
                fate(carried.frame, (Ref(root, root),), Fate.TRAINED)
        mine = carried.frame.program.ids.of(carried.frame.function, carried.node, f"carried {number}")
        hands = refs_of(carried.objects(write.obj)) if carried.existed(write.obj) else ()
        hand = hands[0].hand if hands else write.hand
        carried.frame.log.memory.writes[mine] = replace(
            write,
            node=carried.node,
            hand=hand,
            name=carried.frame.program.handles.of(hand).name if hands else write.name,
            obj=hands[0].obj if hands else write.obj,
            regions=regions,
            rounds=tuple(r.node for r in carried.frame.rounds),
            grad_off=write.grad_off or carried.frame.grad_off,
            via=(write.node, *write.via)[:4],
            given_back=given == {base_of(write.obj)},
        )
        if write.kind in OF_GRADIENTS:
            touch_gradients(carried.frame, regions, mine)
        else:
            touch(carried.frame, regions, mine)


def _written(carried: Carried) -> Iterator[tuple[Id, Write]]:
    """The callee's writes, and those that are some where what it was given is a tensor or an array."""
    for number, write in carried.inner.log.memory.writes.items():
        yield number, _as_sure_as_here(carried, write)
    for number, write in carried.inner.log.memory.perhaps.items():
        refs = refs_of(carried.objects(write.obj)) if carried.existed(write.obj) else ()
        cells = [carried.frame.here.heap[ref.obj] for ref in refs]
        if cells and all(cell.kind in DATA for cell in cells):
            proof, ground = min(cell.proof for cell in cells), min(cell.ground for cell in cells)
            yield number, replace(write, thing=cells[0].kind, proof=proof, ground=ground, layout=cells[0].layout)
        else:
            write_perhaps(carried.frame, refs, carried.node, write.arithmetic)


def _as_sure_as_here(carried: Carried, write: Write) -> Write:
    """A write to an argument, where what is handed over is known better than the callee alone knows it."""
    if write.obj not in carried.inner.symbols.values():
        return write
    cells = [carried.frame.here.heap[ref.obj] for ref in refs_of(carried.objects(write.obj))]
    if not cells or any(cell.kind is not write.thing or cell.proof <= write.proof for cell in cells):
        return write
    return replace(write, proof=min(cell.proof for cell in cells), ground=min(cell.ground for cell in cells))


def _is_only_an_entry(carried: Carried, write: Write) -> bool:
    """Whether an entry of a dict was set that is a state dict here: the weights themselves stay as they are."""
    if write.thing is not Kind.DICT:
        return False
    return any(carried.frame.here.heap[ref.obj].kind is Kind.STATE_DICT for ref in refs_of(carried.objects(write.obj)))


def _held(carried: Carried, write: Write) -> frozenset[Region]:
    """What an optimizer that the callee was given, and steps, holds here."""
    heap = carried.frame.here.heap
    optimizers = refs_of(carried.objects(write.obj)) if carried.existed(write.obj) else ()
    held = (h for ref in optimizers for h in refs_of(heap[ref.obj].slots.get(".held", NOTHING)))
    return frozenset(region for ref in held for region in heap[ref.obj].regions)


def carry_links(carried: Carried) -> None:
    """A part of what the callee was given is replaced: an optimizer that was made before holds the old one."""
    for owner in carried.inner.log.training.unlinked if carried.inner.function.name != "__init__" else ():
        for ref in refs_of(carried.objects(owner)) if carried.existed(owner) else ():
            cell = carried.frame.here.heap[ref.obj]
            if cell.kind is Kind.MODULE:
                unlink(carried.frame, ref, frozenset((*region, "*") for region in cell.regions), carried.node)


def carry_standing(carried: Carried) -> None:
    """What the callee did to the place in the graph of what it was given."""
    assert carried.inner.state is not None
    carried.frame.log.graph.regraded |= carried.inner.log.graph.regraded
    for obj in sorted(carried.inner.log.graph.regraded):
        cell = carried.inner.state.heap.get(obj)
        if cell is not None and (carried.existed(obj) or obj in carried.frame.here.heap):
            attached = reached(carried.frame, cell, carried.origins(cell))
            regrade(carried.frame, carried.objects(obj), cell, attached, carried.ids(cell.sources))


def carry_kept(carried: Carried) -> None:
    """What the callee puts where it outlives the call is put there by the call: an argument, or made of one."""
    for kept in carried.inner.log.graph.kept.values():
        owners = tuple(ref for obj in sorted(kept.into) for ref in refs_of(carried.known.get(obj, NOTHING)))
        if kept.rounds or not owners or carried.frame.grad_off:
            continue
        for name, symbol in carried.inner.symbols.items():
            value = carried.known.get(symbol, NOTHING)
            if symbol in kept.objects | kept.sources and all(r.obj != o.obj for r in refs_of(value) for o in owners):
                total = _named_here(carried, kept.total) if kept.total is not None else None
                keep(carried.frame, owners, value, carried.node, total, _argument(carried, name))


def _named_here(carried: Carried, name: str) -> str:
    """An attribute of what the callee was given, as it goes here: `self.sum` is `meter.sum`."""
    first, dot, rest = name.partition(".")
    refs = refs_of(carried.known.get(carried.inner.symbols.get(first, 0), NOTHING))
    base = next((n for ref in refs if (n := carried.frame.program.handles.of(ref.hand).name)), first)
    return f"{base}{dot}{rest}"


def _argument(carried: Carried, parameter: str) -> Site | None:
    """The expression that the call gives for a parameter."""
    names = [p.name for p in carried.inner.function.parameters if p.kind is ParameterKind.PLAIN]
    given = arguments_of(carried.node)
    skip = int(carried.inner.owner is not None and not decorated(carried.inner.function.node, "staticmethod"))
    place = names.index(parameter) - skip if parameter in names else -1
    for n, argument in enumerate(given):
        if argument.keyword == parameter or (n == place and not argument.keyword and not argument.star):
            return argument.value
    return None


def carry_training(carried: Carried) -> None:
    log, mine = carried.inner.log, carried.frame.log
    rounds = tuple(r.node for r in carried.frame.rounds)
    if any(not inner for inner in log.graph.backward_rounds.values()):
        mine.graph.backward_rounds[carried.node] = rounds
    if any(not inner for inner in log.training.step_rounds.values()):
        mine.training.step_rounds[carried.node] = rounds
    for obj in log.graph.backwarded:
        for ref in refs_of(carried.known.get(obj, NOTHING)):
            if obj in log.graph.roots:
                mine.graph.roots |= {base_of(ref.obj)}
            mine.graph.backwarded |= _through(carried, ref)
    for descent in log.graph.descents.values():
        if not descent.rounds:
            reached = (
                _through(carried, ref) for obj in descent.through for ref in refs_of(carried.known.get(obj, NOTHING))
            )
            mine.graph.descend(carried.node, frozenset().union(*reached), rounds)
    if log.graph.backwarded:
        carried.frame.last_backward = carried.ids(carried.inner.last_backward) or carried.frame.last_backward
    for obj, on in log.graph.ran.items():
        for ref in refs_of(carried.known.get(obj, NOTHING)):
            mine.graph.ran[ref.obj] = on and not carried.frame.grad_off
    for obj, fates in log.copying.fates.items():
        for what in fates:
            fate(carried.frame, carried.known.get(obj, NOTHING), what)


def _through(carried: Carried, ref: Ref) -> frozenset[Id]:
    """What backward goes through here where it went through this object in the callee."""
    cell = carried.frame.here.heap[ref.obj]
    held = sources_of(carried.frame, [(ref,)])[0] if cell.kind in SLOTTED else cell.sources
    return frozenset(base_of(i) for i in (ref.obj, *held))


def carry_copies(carried: Carried) -> None:
    for made, copy in carried.inner.log.copying.copies.items():
        if copy.rounds or copy.guarded or copy.tested or not carried.frame.rounds:
            continue
        source = carried.inner.log.copying.copied_from.get(made)
        kind, proof, name = copy.kind, copy.proof, copy.source
        for ref in refs_of(carried.objects(source)) if source is not None else ():
            cell = carried.frame.here.heap[ref.obj]
            if cell.kind is not Kind.UNKNOWN and (kind is Kind.UNKNOWN or cell.proof >= proof):
                kind, proof = cell.kind, cell.proof
            name = carried.frame.program.handles.of(ref.hand).name or name
        outer = {base_of(ref.obj) for ref in refs_of(carried.known.get(made, NOTHING))}
        key = next(iter(outer), made)
        foreign = is_foreign(carried.inner.function.qualname) and not copy.inside
        carried.frame.log.copying.copies[key] = replace(
            copy,
            node=carried.node if foreign else copy.node,
            inside=copy.node if foreign else copy.inside,
            kind=kind,
            proof=proof,
            ground=Ground.GUESSED,
            source=name if foreign else copy.source,
            rounds=tuple(carried.frame.rounds),
            guarded=carried.frame.guards > 0,
            via=(carried.node, *copy.via)[:4],
        )
        carried.frame.log.copying.fates.setdefault(key, set()).update(
            carried.inner.log.copying.fates.get(made, set()) - {Fate.RETURNED}
        )
