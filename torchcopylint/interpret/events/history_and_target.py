"""Values that still hang on the graph where nobody means them to."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import HistoryKept, TargetAttached
from torchcopylint.domain.heap import NO, YES
from torchcopylint.domain.identity import Id, Region, base_of, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.rewrite import detached, detached_clone
from torchcopylint.domain.value import refs_of
from torchcopylint.interpret.events.path import cell_of, end_of, me, other_methods, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Compared, Kept
from torchcopylint.ir import Spot
from torchcopylint.ir.question import arguments_of, bound_value, method_of, operand_of, receiver_of, text_of, value_of
from torchcopylint.ir.syntax import AugmentedAssign, BinaryOperation, Call, Expression
from torchcopylint.models.evidence import TARGET_WORDS


def histories(frame: Frame) -> Iterator[HistoryKept]:
    """A HistoryKept for each attached value that a growing thing keeps across iterations that call backward."""
    told = {average.expression for average in frame.log.graph.averages.values()}
    told |= {sum_of for kept in frame.log.graph.kept.values() if kept.made and (sum_of := value_of(kept.node))}
    for kept in frame.log.graph.kept.values():
        if kept.node in told:
            continue
        sure = _certainty(frame, kept)
        if (
            sure
            and _grows(frame, kept)
            and not ((kept.into | kept.made) & frame.log.graph.backwarded)
            and not _for_backward(frame, kept)
            and not backwarded_by_others(frame, kept.total or kept.name, kept.into)
        ):
            yield HistoryKept(
                node=kept.node,
                name=_keeper(kept),
                source=_added(kept),
                proof=sure,
                place=place(frame),
                steps=(Said.KEPT_WITH_GRAPH.at(kept.node),),
                write=text_of(kept.node),
                site=_expression(kept),
                remedy=_detached(kept),
            )


def _for_backward(frame: Frame, kept: Kept) -> bool:
    """Whether what is kept is taken out again elsewhere than in its iteration, and backward called through it."""
    return (
        bool(kept.rounds)
        and not kept.made
        and any(
            kept.objects & descent.through and kept.rounds[-1] not in descent.rounds
            for descent in frame.log.graph.descents.values()
        )
    )


def backwarded_by_others(frame: Frame, place: str, held: frozenset[Id]) -> bool:
    """Whether another method of the class goes backward through what this one keeps in an attribute: its name as
    written, what holds the value there."""
    attr = place.rpartition(".")[2]
    for other in other_methods(frame) if "." in place else ():
        mine = f"{me(other)}.{attr}"
        through = frozenset(obj for descent in other.log.graph.descents.values() for obj in descent.through)
        named = any(frame.program.handles.of(obj).name == mine for obj in through)
        if named or (held - frame.program.selves.keys()) & through or "backward" in other.function.uses.get(mine, ()):
            return True
    return False


def _expression(kept: Kept) -> Expression | None:
    """The expression whose value is added, appended or stored."""
    if isinstance(kept.given, Expression):
        return kept.given
    args = arguments_of(kept.node)
    return args[-1].value if args else value_of(kept.node)


def _keeper(kept: Kept) -> str:
    """What grows, as written: the sum that is added to, or the container; "" where that has no name."""
    if isinstance(kept.node, AugmentedAssign):
        return text_of(kept.node.target)
    return kept.total or kept.name


def _added(kept: Kept) -> str:
    """What is added or appended, as written; "" where that cannot be said."""
    if isinstance(kept.node, BinaryOperation):
        return text_of(kept.node.right if text_of(kept.node.left) == kept.total else kept.node.left)
    return text_of(_expression(kept))


def _detached(kept: Kept) -> str:
    """What is kept, cut from the graph, where it is one tensor; of a sum `a + b` the sum is cut, not the total."""
    added = _expression(kept)
    if (
        not kept.single
        or added is None
        or (kept.total is not None and not kept.given and not isinstance(kept.node, AugmentedAssign | BinaryOperation))
    ):
        return ""
    return detached(operand_of(added))


def _certainty(frame: Frame, kept: Kept) -> int:
    """3 where backward was called through the value, or the value comes from where it was; else nothing ties them: 1
    where it is attached to a graph all the same, 0 where that is not known either."""
    objects = frozenset(obj for obj in kept.objects if not frame.log.graph.spared(obj))
    if objects & frame.log.graph.roots or kept.sources & frame.log.graph.roots:
        return 3
    through = bool(objects & frame.log.graph.backwarded)
    if through and (kept.attached == YES or any(_computes(frame, source) for source in kept.sources)):
        return 3
    return int(through or kept.attached == YES)  # labels go into a loss as well, but nothing computes them


def _computes(frame: Frame, source: Id) -> bool:
    cell = cell_of(frame, source)
    return cell.kind is Kind.MODULE or cell.made is Origin.CALLED or cell.attached == YES


def _grows(frame: Frame, kept: Kept) -> bool:
    backward = list(frame.log.graph.backward_rounds.values())
    if not kept.rounds:
        return any(not rounds for rounds in backward) and _belongs_elsewhere(frame, kept)
    loops = [loop for loop in kept.rounds if any(loop in rounds for rounds in backward)]
    if kept.rounds[-1] in loops and kept.total is not None:
        return True
    births = [frame.program.births[obj].rounds for obj in kept.into]
    return bool(births) and any(all(loop not in rounds for rounds in births) for loop in loops)


def _belongs_elsewhere(frame: Frame, kept: Kept) -> bool:
    if kept.total is not None:
        return "." in kept.total
    return bool(kept.into) and all(frame.program.births[obj].function is not frame.function for obj in kept.into)


def targets(frame: Frame) -> Iterator[TargetAttached]:
    """A TargetAttached for each attached target of a loss that also trains what the target was computed from."""
    if frame.log.graph.second_order:
        return
    for compared in frame.log.graph.compared.values():
        event = _target(frame, compared)
        if event is not None:
            yield event


def _target(frame: Frame, compared: Compared) -> TargetAttached | None:
    if compared.attached == NO:
        return None
    modules = _modules(frame, compared.sources)
    predicting = _modules(frame, compared.prediction)
    if not predicting:
        return None
    shared = modules & predicting
    if compared.attached != YES:
        modules = shared if _alike(frame, compared) else set()
    trained = _trained(frame)
    if trained is not None:
        modules = {m for m in modules if any(overlap(r, t) for r in cell_of(frame, m).regions for t in trained)}
    elif not frame.log.training.stepped:
        modules &= shared
    else:
        modules = {m for m in modules if m in shared or _stepped(frame, m)}
    if not modules:
        return None
    found = _evidence(frame, compared, modules)
    if found is None:
        return None
    node, name, cloned = found
    source = next((frame.program.handles.of(m).name for m in sorted(modules) if frame.program.handles.of(m).name), "")
    return TargetAttached(
        node=node,
        name=name,
        source=source or "the network",
        proof=3 if shared and compared.attached == YES else 2,
        place=place(frame),
        steps=(Said.MADE_ATTACHED.at(node), Said.USED_AS_TARGET.at(compared.node)),
        write=text_of(value_of(node) or node),
        site=_made(node),
        remedy=_cut(_made(node), cloned),
    )


def _alike(frame: Frame, compared: Compared) -> bool:
    """Whether a target that perhaps is attached is computed from a second output of the very network whose first is
    predicted with, and backward goes through that: `_, value = net(x)`, then `_, value = net(y)`."""
    both = {obj for obj in compared.sources & compared.prediction if cell_of(frame, obj).kind is not Kind.MODULE}
    return not both and bool(compared.prediction & frame.log.graph.backwarded)


def _made(node: Spot | None) -> Expression | None:
    """The expression that makes the target: the clone, or what is assigned to one name."""
    return node if isinstance(node, Call) else bound_value(node)


def _cut(made: Expression | None, cloned: bool) -> str:
    """That expression without its graph; nothing where it is not known to be one tensor."""
    if made is None:
        return ""
    if cloned:
        clones = method_of(made) == "clone" and not arguments_of(made)
        return detached_clone(operand_of(receiver_of(made))) if clones else ""
    return detached(operand_of(made))


def _modules(frame: Frame, sources: frozenset[Id]) -> set[Id]:
    found: set[Id] = set()
    for source in sources:
        cell = cell_of(frame, source)
        if cell.kind is Kind.MODULE and Layout.FROZEN not in cell.layout:
            found.add(base_of(source))
    return found


def _stepped(frame: Frame, module: Id) -> bool:
    return any(overlap(a, b) for a in cell_of(frame, module).regions for b in frame.log.training.stepped)


def _trained(frame: Frame) -> set[Region] | None:
    """The regions that known optimizers hold; None where no optimizer is known."""
    heap = end_of(frame).heap
    optimizers = [cell for cell in heap.values() if cell.slots.get(".held")]
    held = (ref.obj for cell in optimizers for ref in refs_of(cell.slots[".held"]))
    return {region for obj in held for region in heap[obj].regions} if optimizers else None


def _evidence(frame: Frame, compared: Compared, modules: set[Id]) -> tuple[Spot | None, str, bool] | None:
    """(node, name, cloned) of what makes the compared value a target: a clone, or a name that says so."""
    candidates = [compared.target, *sorted(compared.sources, reverse=True)]
    best: tuple[int, Spot | None, str, bool] | None = None
    for obj in candidates:
        cell = cell_of(frame, obj)
        computed = not modules.isdisjoint(map(base_of, cell.sources))
        if cell.attached < compared.attached or not computed or base_of(obj) in compared.prediction:
            continue
        handle = frame.program.handles.of(compared.hand if obj == compared.target else obj)
        cloned = cell.made is Origin.CLONE
        if cloned or any(word in handle.name.lower() for word in TARGET_WORDS):
            node, name = _where(frame, obj, handle.named_at or handle.node, handle.name, cloned)
            rank = 2 * bool(handle.name) + cloned
            if best is None or rank > best[0]:
                best = (rank, node, name, cloned)
    return best[1:] if best is not None else None


def _where(frame: Frame, obj: Id, node: Spot | None, name: str, cloned: bool) -> tuple[Spot | None, str]:
    """The clone, wherever it is written; else the assignment."""
    origin = frame.program.origins.get(base_of(obj))
    if cloned and origin is not None:
        return frame.program.births[origin].node, name or "the result"
    return node, name or text_of(node)
