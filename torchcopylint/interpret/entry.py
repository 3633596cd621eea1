"""Entering a function: its parameters get objects, a method finds what `__init__` left in `self`."""

from __future__ import annotations

from collections.abc import Collection

from torchcopylint.domain.family import AnyFamily, Family, OfClass, OfKind
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import MAYBE, NO, Cell, Heap, State, join
from torchcopylint.domain.identity import Id, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Owner, Sharing
from torchcopylint.domain.value import (
    NONE,
    NOTHING,
    SCALAR,
    Callee,
    ClassOf,
    KnownClass,
    Named,
    Ref,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret.classes import attribute_kind, attribute_uses, resolved, stored_attributes
from torchcopylint.interpret.defaults import default_kind
from torchcopylint.interpret.once import entered_elsewhere
from torchcopylint.interpret.state.frame import Exhausted, Frame
from torchcopylint.interpret.state.program import Birth, Program
from torchcopylint.ir import Function, Parameter
from torchcopylint.ir.kind import TAKES_MORE, ParameterKind
from torchcopylint.ir.question import decorated
from torchcopylint.models import evidence
from torchcopylint.models.annotation import Annotation
from torchcopylint.models.layer import HOLDERS_OF_MODULES, gives_tensor

_GRAD_OFF = ("no_grad", "inference_mode")


def enter(program: Program, function: Function) -> Frame | None:
    """The function interpreted on its own, once; None while it is being interpreted or where it cost too much."""
    if function not in program.frames and not entered_elsewhere(program, function, enter, _interpret):
        _interpret(program, function)
    return program.frames[function]


def _interpret(program: Program, function: Function) -> None:
    program.frames[function] = None
    owner = program.owner_of(function)
    frame = Frame(program, function, owner)
    if owner is not None and not decorated(function.node, "staticmethod"):
        frame.state = _start(program, owner, function)
    _parameters(frame)
    frame.grad_off = _decorated_off(frame)
    frame.given = dict(frame.here.heap)
    try:
        program.run(frame, function.body)
    except (Exhausted, RecursionError):
        program.skipped.append(function.qualname)
        return
    _leave(frame)
    program.frames[function] = frame


def _leave(frame: Frame) -> None:
    if frame.state is not None:
        frame.returned = join_values(frame.returned, NONE) if frame.returned else NONE
    for state in frame.exits:
        frame.state = join(frame.state, state)


def _decorated_off(frame: Frame) -> bool:
    return any(decorated(frame.function.node, name) for name in _GRAD_OFF) or _lightning_off(frame)


def _lightning_off(frame: Frame) -> bool:
    steps = ("validation_step", "test_step", "predict_step")
    return frame.owner is not None and frame.owner.family is Family.LIGHTNING and frame.function.name in steps


def _parameters(frame: Frame) -> None:
    function, skip = frame.function, 0
    if frame.owner is not None and function.parameters and decorated(function.node, "classmethod"):
        frame.here.env[function.parameters[0].name] = (ClassOf(frame.owner),)
        skip = 1
    elif frame.owner is not None and not decorated(function.node, "staticmethod") and function.parameters:
        first = function.parameters[0].name
        me = self_of(frame.program, frame.owner)
        frame.here.env[first] = (Ref(me, me),)
        frame.symbols[first] = me
        frame.program.handles.name(me, first, None)
        skip = 1
    for index, parameter in enumerate(function.parameters[skip:], skip):
        frame.here.env[parameter.name] = _symbol(frame, parameter, index)


_NOTHING_HELD = frozenset({Kind.UNKNOWN, Kind.SCALAR, Kind.NONE})


def _symbol(frame: Frame, parameter: Parameter, index: int) -> Value:
    name, function = parameter.name, frame.function
    said = frame.program.annotation(parameter.annotation, frame.function.qualname)
    uses = frame.function.given.get(name, frame.function.uses.get(name, ()))
    (kind, proof, ground), inner = evidence.held_against(said.known, uses), said.of
    cls = _annotated_class(frame, said)
    if cls is not None:
        kind, proof, ground = cls.kind, 3, min(cls.ground, Ground.GUESSED if said.optional else Ground.DECLARED)
    if kind is Kind.SCALAR:
        return SCALAR
    if kind in (Kind.UNKNOWN, Kind.NONE):
        kind, proof = evidence.kind_from_uses(uses, frame.function.dropped)
        proof = min(proof, 1) if said.mixed else proof
    if kind is Kind.UNKNOWN or (proof < 3 and said.kind is Kind.UNKNOWN):
        kind, inner, proof = default_kind(frame, name) or (kind, inner, proof)
    if kind in (Kind.UNKNOWN, Kind.TENSOR) and proof < 2 and _is_fed_to_a_layer(frame, uses):
        kind, proof = Kind.TENSOR, 2
    if kind is Kind.UNKNOWN or proof == 1:
        owner = frame.owner.kind if frame.owner is not None else None
        placed, sure = evidence.parameter_kind(frame.function.name, index, owner, name, uses)
        kind, proof = (placed, sure) if kind is Kind.UNKNOWN else (kind, 2) if placed == kind else (kind, proof)
    if proof < 3 and frame.program.callers is not None:
        told = frame.program.callers.of(function, parameter)
        if kind is Kind.UNKNOWN and told.known.kind not in (Kind.UNKNOWN, Kind.SCALAR):
            (kind, proof, ground), inner, cls = told
        elif kind is told.known.kind is not Kind.UNKNOWN:
            proof, cls = max(proof, told.known.proof) + (proof == told.known.proof), told.cls
    if parameter.kind in TAKES_MORE:
        kind, proof, ground = (Kind.TUPLE if parameter.kind is ParameterKind.STAR else Kind.DICT), 3, Ground.MADE
    last = said.name.rpartition(".")[2]
    layout = frozenset({Layout.MASK} if last == "BoolTensor" else ())
    layout |= {Layout.PERHAPS_NONE} if said.optional or name in frame.program.absent.get(function, ()) else set()
    family: AnyFamily = OfKind(inner) if inner is not None and inner not in _NOTHING_HELD else None
    if last == "Parameter":
        family = Family.PARAMETER
    elif OfClass(last) in HOLDERS_OF_MODULES:
        family = OfClass(last)
    graph = NO if kind in (Kind.NDARRAY, Kind.LOADER) else MAYBE
    made = frame.make(
        frame.function,
        f"parameter {name}",
        Cell(kind, proof, family=family, attached=graph, cls=cls, layout=layout, ground=ground),
    )
    frame.program.roots[made.obj] = (Owner.ARGUMENT, name)
    frame.program.handles.name(made.hand, name, None)
    frame.symbols[name] = made.obj
    return (made,)


def _is_fed_to_a_layer(frame: Frame, uses: Collection[str]) -> bool:
    """Whether the method hands it to a module that its object holds: a layer of torch.nn, each of which takes a tensor
    first, or one of whose result a tensor's use is made."""
    me = frame.function.parameters[0].name if frame.owner is not None and frame.function.parameters else ""
    mine = frame.here.heap.get(frame.symbols.get(me, 0))
    if mine is None:
        return False
    for use in uses:
        name, _, result = use.removeprefix(f"@{me}").partition("()~")
        for ref in refs_of(mine.slots.get(name, NOTHING)) if use.startswith(f"@{me}.") else ():
            cell = frame.here.heap[ref.obj]
            layer = cell.kind is Kind.MODULE and cell.proof == 3 and gives_tensor(cell.family)
            if layer or (cell.kind is Kind.MODULE and cell.proof >= 2 and result and evidence.is_tensor_use(result)):
                return True
    return False


def _annotated_class(frame: Frame, said: Annotation) -> KnownClass | None:
    """The class of the project that a parameter is annotated with, perhaps with None beside it."""
    state = frame.program.file_of(frame.function.qualname)
    for element in state.env.get(said.name, ()) if state is not None and said.name else ():
        found = resolved(frame.program, element)
        if type(found) is ClassOf:
            return found.known
    return None


def self_of(program: Program, kind: KnownClass) -> Id:
    """The object that stands for `self` in every method of a class."""
    init = next(iter(kind.cls.methods.values()))
    me = program.ids.of(init, kind.cls, "self")
    if me not in program.selves:
        program.selves[me] = kind
        program.roots[me] = (Owner.ATTRIBUTE, "self")
        program.handles.open(me, me, kind.cls.node, Sharing.RECEIVER)
        program.births[me] = Birth(kind.cls.node, (), init)
    return me


def _start(program: Program, kind: KnownClass, function: Function) -> State:
    """What a method finds: the class's attributes and what `__init__` left, or a bare object inside `__init__`."""
    me = self_of(program, kind)
    slots = dict(class_slots(program, kind))
    mine = Cell(kind.kind, 3, frozenset({(me,)}), family=kind.family, cls=kind, slots=slots, ground=kind.ground)
    bare = State(heap=Heap({me: mine}))
    outer = program.file_of(kind.cls.qualname)
    if outer is not None:
        _adopt(bare, slots, outer)
    init = kind.method("__init__")
    name = kind.cls.qualname
    if init is None or init is function or name in program.starts:
        return _kept(program.starts.get(name), bare)
    program.starts[name] = None
    frame = enter(program, init)
    if frame is not None and frame.state is not None:
        program.starts[name] = _reachable(program, frame.state, me, init, kind, bare)
    return _kept(program.starts.get(name), bare)


def _kept(start: State | None, bare: State) -> State:
    return start.copy() if start is not None else bare


def _open(program: Program, kind: KnownClass, state: State, me: Id, source: dict[Id, Cell]) -> None:
    """What `__init__` sets to None and another method sets is not known to be None; uses tell kinds."""
    cell = state.heap[me]
    slots = {
        key: value
        for key, value in cell.slots.items()
        if value != NONE or attribute_kind(program, kind, key[1:]).kind is Kind.NONE
    }
    state.heap[me] = cell._replace(slots=slots)
    dropped = frozenset[str]().union(*(method.dropped for method in kind.cls.methods.values()))
    for key, value in slots.items():
        learned, proof = evidence.kind_from_uses(attribute_uses(kind, key[1:]), dropped)
        for ref in refs_of(value):
            found = source.get(ref.obj)
            if found is not None and learned is not Kind.UNKNOWN and found.proof < 2 and proof > found.proof:
                state.heap[ref.obj] = found._replace(kind=learned, proof=proof, ground=Ground.GUESSED)
            elif found is not None and _replaced(program, kind, key[1:], found):
                attached = MAYBE if found.kind is Kind.TENSOR and found.attached == NO else found.attached
                guessed = found._replace(ground=Ground.GUESSED, attached=attached)
                if guessed != found:  # what is known here already is not set anew: that would hide where it comes from
                    state.heap[ref.obj] = guessed


def _replaced(program: Program, kind: KnownClass, attr: str, found: Cell) -> bool:
    """Whether a method beside `__init__` sets an attribute to what is not for certain of the same kind."""
    if not any(attr in stored_attributes(program, m) for m in kind.cls.methods.values() if m.name != "__init__"):
        return False
    known = attribute_kind(program, kind, attr)
    return known.kind != found.kind or known.ground == Ground.GUESSED


def class_slots(program: Program, kind: KnownClass) -> dict[str, Value]:
    """The attributes that a class and its bases set in their bodies."""
    found: dict[str, Value] = {}
    for base in reversed(kind.bases):
        found.update(class_slots(program, base))
    found.update(program.class_slots.get(kind.cls.qualname, {}))
    return {k: v for k, v in found.items() if not any(isinstance(e, Callee | Named) for e in v)}


def _adopt(state: State, slots: dict[str, Value], outer: State) -> None:
    waiting = [r.obj for value in slots.values() for r in refs_of(value)]
    while waiting:
        obj = waiting.pop()
        if obj in outer.heap and obj not in state.heap:
            cell = state.heap[obj] = outer.heap[obj]
            waiting += [r.obj for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)]


def _reachable(program: Program, state: State, me: Id, init: Function, kind: KnownClass, bare: State) -> State:
    """The part of the state that `self` reaches; how to get there is remembered for calls from elsewhere."""
    mine = program.ids.of(next(iter(kind.cls.methods.values())), kind.cls, "self")
    found = State(heap=bare.heap.copy())
    source = me if me in state.heap else _other_self(program, state)
    if source is None:
        return bare
    found.heap[mine] = state.heap[source]
    waiting = [source]
    _open(program, kind, found, mine, state.heap)
    while waiting:
        obj = waiting.pop()
        cell = state.heap[obj]
        for key, value in [*cell.slots.items(), ("", cell.rest)]:
            for ref in refs_of(value):
                if ref.obj in state.heap and ref.obj not in found.heap:
                    found.heap[ref.obj] = state.heap[ref.obj]
                    waiting.append(ref.obj)
                    if key:
                        program.children.setdefault(ref.obj, (mine if obj == source else obj, key))
        if cell.rest:
            for ref in refs_of(cell.rest):
                program.children.setdefault(base_of(ref.obj), (mine if obj == source else obj, "[*]"))
        for region in cell.regions:
            root = region[0]
            if isinstance(root, int) and root in state.heap and root not in found.heap:
                found.heap[root] = state.heap[root]
                waiting.append(root)
    return found


def _other_self(program: Program, state: State) -> Id | None:
    return next((obj for obj in state.heap if obj in program.selves), None)
