"""Descending through the graph, stepping, loading: what training does to modules and optimizers."""

from __future__ import annotations

from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import MAYBE, NO, YES
from torchcopylint.domain.identity import Id, Region, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import Fate, WriteKind
from torchcopylint.domain.value import NOTHING, Ref, Unknown, Value, refs_of
from torchcopylint.interpret.effects.concern import Answer, concerned
from torchcopylint.interpret.effects.data_assignment import note_tie
from torchcopylint.interpret.effects.departure import modules_leave
from torchcopylint.interpret.effects.gradient import accumulate
from torchcopylint.interpret.effects.optimizer import check_link, no_longer_new, owned_by, unlink
from torchcopylint.interpret.effects.recurrent import note_recurrent
from torchcopylint.interpret.state import autograd
from torchcopylint.interpret.state.access import everything
from torchcopylint.interpret.state.autograd import sources_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Compared, Loaded, Required, StateShared, Write
from torchcopylint.interpret.state.saved import spend
from torchcopylint.interpret.state.touch import fate, touch, write
from torchcopylint.ir.question import arguments_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Gives


def descend(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`backward`: what it is called on is attached to the graph, and so does all that led there."""
    given = [concerned(effect, shape, n) for n in range(len(effect.on))]
    sources, _ = sources_of(frame, given)
    for value in given:
        for ref in refs_of(value):
            cell = frame.here.heap[ref.obj]
            if cell.kind in (Kind.TENSOR, Kind.UNKNOWN) and not frame.grad_off:
                frame.update(ref.obj, attached=YES, kind=Kind.TENSOR, proof=max(cell.proof, 2))
                sources |= {ref.obj}
    retained = shape.flag("retain_graph") or shape.flag("create_graph")
    spend(frame, sources, node, retained)
    if not retained:
        note_recurrent(frame, sources, node)
    frame.log.graph.backwarded |= {base_of(i) for i in sources}
    roots = frozenset(base_of(r.obj) for value in given for r in refs_of(value))
    frame.log.graph.roots |= roots
    for arm in frame.descents:
        arm.setdefault(node, set()).update(sources)
    rounds = tuple(r.node for r in frame.rounds)
    frame.log.graph.descend(node, frozenset(base_of(i) for i in sources), rounds)
    frame.log.graph.backward_rounds[node] = rounds
    frame.last_backward = sources
    accumulate(frame, sources, node, anew=shape.flag("create_graph"))
    if shape.flag("create_graph"):
        frame.log.graph.second_order = True
    return None


def differentiate(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`torch.autograd.grad`, with or without a graph of its own."""
    inputs = shape.value(1, "inputs")
    sources, _ = sources_of(frame, [inputs])
    through, _ = sources_of(frame, [shape.value(0, "outputs")])
    frame.log.graph.descend(node, frozenset(base_of(i) for i in through), tuple(r.node for r in frame.rounds))
    frame.log.graph.differentiated |= {base_of(i) for i in sources}
    if shape.flag("create_graph"):
        frame.log.graph.second_order = True
    return None


def retain(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`retain_grad()`, or a hook: the gradient of what is not a leaf is wanted, and got."""
    frame.log.graph.differentiated |= {base_of(r.obj) for r in refs_of(concerned(effect, shape))}
    return None


def step(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """An optimizer steps: the weights it holds change, or those last descended to."""
    regions: set[Region] = set()
    for ref in refs_of(concerned(effect, shape)):
        cell = frame.cell(ref)
        if cell is None:
            continue
        for held in refs_of(cell.slots.get(".held", NOTHING)):
            regions |= frame.here.heap[held.obj].regions
            frame.log.training.trainees.add(base_of(held.hand))
        check_link(frame, ref, owned_by(frame, concerned(effect, shape)), node)
        trains(frame, ref, frozenset({(ref.obj,)}), node)
    if not regions:
        for source in frame.last_backward:
            found = frame.here.heap.get(source)
            if found is not None and found.kind is Kind.MODULE:
                regions |= found.regions
    for ref in refs_of(concerned(effect, shape))[:1]:
        trains(frame, ref, frozenset(regions), node)
    frame.log.training.stepped |= {tuple(base_of(p) if isinstance(p, int) else p for p in r) for r in regions}
    frame.log.training.step_rounds[node] = tuple(r.node for r in frame.rounds)
    return None


def trains(frame: Frame, ref: Ref, regions: frozenset[Region], node: Site) -> None:
    """The weights in these regions are changed by training."""
    if not regions:
        return
    heap = frame.here.heap
    regions |= {more for r in regions if len(r) == 1 and heap[r[0]].kind is Kind.MODULE for more in heap[r[0]].regions}  # type: ignore[index]
    number = frame.program.ids.of(frame.function, node, f"train {min(map(str, regions))}")
    frame.log.memory.writes[number] = Write(
        node,
        ref.hand,
        ref.obj,
        "",
        WriteKind.TRAIN,
        regions,
        True,
        tuple(r.node for r in frame.rounds),
        guarded=frame.guards > 0,
    )
    for obj, cell in frame.here.heap.items():
        if cell.made is Origin.COPIED and any(r[0] == obj for r in regions):
            fate(frame, (Ref(obj, obj),), Fate.TRAINED)
    touch(frame, regions, number)


def load(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`load_state_dict`: the weights are overwritten, unless by themselves."""
    target, source = concerned(effect, shape), concerned(effect, shape, 1)
    fate(frame, source, Fate.LOADED, deep=False)
    args = arguments_of(node)
    if args:
        before = any(type(e) is not Ref or base_of(e.obj) in frame.program.children for e in source)
        known = frame.log.training.loaded.get(text_of(args[0].value))
        if known is None or (before and not known.before):
            frame.log.training.loaded[text_of(args[0].value)] = Loaded(node, before)
    if not _own_state(frame, target, source):
        write(frame, target, node, kind=WriteKind.LOAD)
    return None


def share_state(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`optimizer.load_state_dict(other.state_dict())`: the moments of both are the same tensors from here on."""
    given = refs_of(shape.value(1, "state_dict"))
    if not given or any(frame.here.heap[ref.obj].made is not Origin.FRESH for ref in given):
        no_longer_new(frame, shape.value(0))
    for target in refs_of(shape.value(0)):
        for ref in given:
            state = frame.here.heap[ref.obj]
            for source in state.sources if state.kind is Kind.STATE_DICT and state.made is Origin.LIVE else ():
                owner, mine = frame.here.heap[source], frame.here.heap[target.obj]
                apart = owner.kind is Kind.OPTIMIZER and base_of(source) != base_of(target.obj)
                if apart and Family.PLAIN_SGD not in (owner.family, mine.family):
                    _watch_both(frame, target, Ref(source, source), node)
    return None


def _watch_both(frame: Frame, target: Ref, source: Ref, node: Site) -> None:
    names = [frame.program.handles.of(ref.hand).name for ref in (target, source)]
    pair = enumerate((target, source))
    both = [frame.alias(ref, node, f"state {n}", names[n], Sharing.SHARED_STATE) for n, ref in pair]
    for n, ref in enumerate(both):
        frame.here.env[f"%state {ref.hand} {n}"] = (ref,)
        frame.program.watched.add(ref.hand)
    frame.log.training.shared_states[node] = StateShared(node, both[0].hand, both[1].hand)


def _own_state(frame: Frame, target: Value, source: Value) -> bool:
    """`m.load_state_dict(s)` where s refers to m's own weights changes nothing."""
    mine = {r for ref in refs_of(target) for r in frame.here.heap[ref.obj].regions}
    given = [r for ref in refs_of(source) for r in frame.here.heap[ref.obj].regions]
    return bool(given) and all(r in mine for r in given)


def relink(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`load_state_dict(assign=True)`: the parameters are other objects now, on the memory of what is loaded."""
    for ref in refs_of(concerned(effect, shape)):
        unlink(frame, ref, frame.here.heap[ref.obj].regions, node)
    modules_leave(frame, concerned(effect, shape), node, parameters=True)
    state, modules = shape.value(1, "state_dict"), refs_of(concerned(effect, shape))
    given = {ref.obj: _regions_in(frame, ref) for ref in refs_of(state)}
    for ref in modules:
        cell = frame.here.heap[ref.obj]
        if cell.kind is Kind.MODULE and given:
            frame.update(ref.obj, regions=cell.regions.union(*given.values()))
    if len(modules) == len(state) == 1:
        _note_assigned(frame, modules[0], refs_of(state), given, node)
    return None


def _note_assigned(
    frame: Frame, module: Ref, state: tuple[Ref, ...], given: dict[Id, frozenset[Region]], node: Site
) -> None:
    """A state dict was assigned to a module: from here on they share, unless it was the module's own."""
    own = frame.here.heap[module.obj].regions
    for ref in state:
        cell, regions = frame.here.heap[ref.obj], given[ref.obj]
        if regions and not own <= regions and cell.sure is Sure.MUST:
            note_tie(frame, node, frame.program.handles.of(module.hand).name, (module,), ref, regions)


def _regions_in(frame: Frame, ref: Ref) -> frozenset[Region]:
    """Where a state dict lies, or what a dict of tensors holds."""
    cell = frame.here.heap[ref.obj]
    held = (frame.here.heap[inner.obj].regions for inner in refs_of(everything(cell)) if cell.kind is Kind.DICT)
    return cell.regions.union(*held)


def freeze(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`requires_grad_(False)`."""
    autograd.freeze(frame, concerned(effect, shape))
    return None


def require(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`requires_grad_()`, or with something that is not known."""
    value = concerned(effect, shape)
    given = shape.const(1, "requires_grad")
    unknown = given is NotImplemented and (len(shape.args) > 1 or "requires_grad" in shape.keywords)
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        if cell.kind is Kind.TENSOR and (cell.attached, cell.leaf) == (YES, NO) and not frame.grad_off:
            frame.log.graph.required[node] = Required(node, base_of(ref.obj), ref.hand, cell)
    tensors = tuple(r for r in refs_of(value) if frame.here.heap[r.obj].kind is not Kind.MODULE)
    autograd.require(frame, tensors if len(tensors) == len(value) else (*tensors, Unknown()), MAYBE if unknown else YES)
    autograd.thaw(frame, tuple(r for r in refs_of(value) if frame.here.heap[r.obj].kind is Kind.MODULE))
    return None


def detach(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """`detach_()`."""
    autograd.cut(frame, concerned(effect, shape))
    return None


def compare_arguments(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """A loss function is called."""
    compare(frame, shape.value(effect.on[0], "input"), shape.value(effect.on[1], "target"), node)
    return None


def compare(frame: Frame, prediction: Value, target: Value, node: Site) -> None:
    """A prediction is held against a target."""
    if frame.grad_off:
        return
    sources, _ = sources_of(frame, [prediction])
    for ref in refs_of(target)[:1]:
        cell = frame.cell(ref)
        if cell is not None and cell.kind in (Kind.TENSOR, Kind.UNKNOWN):
            frame.log.graph.compared[node] = Compared(
                node,
                frozenset(base_of(i) for i in sources),
                base_of(ref.obj),
                ref.hand,
                frozenset(base_of(i) for i in cell.sources),
                cell.attached,
                cell.proof,
            )


def run_module(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Answer:
    """A module is called; a loss module compares."""
    fate(frame, shape.value(0), Fate.CALLED)
    frame.log.graph.ran.update({r.obj: not frame.grad_off for r in refs_of(shape.value(0))})
    _update_statistics(frame, shape.value(0), node)
    module = frame.cell(shape.args[0][0]) if shape.args and shape.args[0] else None
    if module is not None and module.family is Family.LOSS and len(shape.args) >= 3:
        compares = Effect(Gives.FRESH, Kind.TENSOR, of=(1, 2), on=(1, 2))
        compare_arguments(frame, compares, shape, node)
    return None


_STATISTICS = frozenset({".running_mean", ".running_var", ".num_batches_tracked"})


def _update_statistics(frame: Frame, modules: Value, node: Site) -> None:
    """A batch norm in training writes its running statistics; where `eval` is called nobody knows."""
    if "eval" in frame.function.attributes:
        return
    roots = {r[0] for ref in refs_of(modules) for r in frame.here.heap[ref.obj].regions}
    cells = frame.here.heap.values()
    found = [r for c in cells for r in c.regions if r[0] in roots and not _STATISTICS.isdisjoint(map(str, r))]
    for ref in refs_of(modules)[:1] if found else ():
        number = frame.program.ids.of(frame.function, node, "statistics")
        rounds = tuple(r.node for r in frame.rounds)
        frame.log.memory.writes[number] = Write(
            node, ref.hand, ref.obj, "", WriteKind.STATISTICS, frozenset(found), True, rounds
        )
        touch(frame, frozenset(found), number)
