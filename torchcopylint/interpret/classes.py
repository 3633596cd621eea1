"""Classes of the file: what their bases make them, and what their methods store in their attributes."""

from __future__ import annotations

from torchcopylint import ir
from torchcopylint.domain.ground import UNKNOWN_KIND, Ground, Known
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import ClassOf, Element, KnownClass, Named
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import syntax
from torchcopylint.ir.question import decorators, last_name
from torchcopylint.models import evidence, function_effect
from torchcopylint.models.effect import Shape
from torchcopylint.models.language import Gives


def classify(frame: Frame, cls: ir.Class) -> KnownClass:
    """A class statement: its kind from its bases, its body run for the attributes it sets."""
    known = frame.program.kinds.get(cls.qualname)
    if known is not None and known.cls is cls:
        return known
    bases: list[KnownClass] = []
    what = evidence.Base(Kind.OBJECT, 3)
    foreign = False
    for operand in cls.bases:
        for named in frame.get(operand):
            element = resolved(frame.program, named)
            if type(element) is ClassOf:
                bases.append(element.known)
                foreign |= element.known.foreign
                found = evidence.base_of_kind(element.known)
            else:
                found = evidence.kind_from_base(element.name) if type(element) is Named else evidence.Base()
                foreign |= type(element) is not Named or not element.name.startswith(("torch.", "builtins.object"))
            if what.kind is Kind.OBJECT and (found.kind is not Kind.OBJECT or found.family):
                what = found
    ground = Ground.GUESSED if foreign else what.ground
    home = frame.function.qualname
    made = KnownClass(cls, what.kind, what.proof, tuple(bases), what.family, home, foreign, ground)
    frame.program.kinds[cls.qualname] = made
    _run_body(frame, cls)
    return made


def resolved(program: Program, element: Element) -> Element:
    """What a name that was imported leads to in the project, where it leads to a class or function."""
    from torchcopylint.interpret.elsewhere import elsewhere

    return (elsewhere(program, element.name) or element) if type(element) is Named else element


def _run_body(frame: Frame, cls: ir.Class) -> None:
    before, around = frame.here.env.copy(), frame.in_class
    frame.in_class = True
    frame.program.run(frame, cls.body)
    frame.in_class = around
    if frame.state is None:
        return
    after = frame.here.env
    names = {name for name, value in after.items() if before.get(name) is not value and name[0] != "%"}
    frame.program.class_slots[cls.qualname] = {f".{name}": after[name] for name in names if name not in cls.methods}
    frame.here.env = before


def fields_of(kind: KnownClass) -> tuple[str, ...]:
    """What the constructor of a data class or named tuple takes, in order; nothing for other classes."""
    if not any(word in ("dataclass", "NamedTuple") for word in (*decorators(kind.cls.node), *_bases(kind))):
        return ()
    inherited = [name for base in kind.bases for name in fields_of(base)]
    body = kind.cls.node.body if isinstance(kind.cls.node, syntax.ClassDef) else ()
    targets = (line.target for line in body if isinstance(line, syntax.AnnotatedAssign))
    own = [target.name for target in targets if isinstance(target, syntax.Name)]
    return tuple(dict.fromkeys((*inherited, *own)))


def _bases(kind: KnownClass) -> list[str]:
    return [last_name(base) for base in kind.cls.node.bases] if isinstance(kind.cls.node, syntax.ClassDef) else []


def stored_kinds(program: Program, kind: KnownClass) -> dict[str, Known]:
    """Kinds of attributes by what is stored in them: `self.net = nn.Linear(..)` in any method."""
    found: dict[str, Known] = {}
    for base in kind.bases:
        found.update(stored_kinds(program, base))
    for method in kind.cls.methods.values():
        if method.parameters:
            _scan(program, method, method.parameters[0].name, found)
    return found


def _scan(program: Program, method: ir.Function, me: str, found: dict[str, Known]) -> None:
    made: dict[str, ir.Instruction] = {}
    for instruction in ir.walk(method.body):
        dst = getattr(instruction, "dst", None)
        if isinstance(dst, str):
            made[dst] = instruction
        if isinstance(instruction, ir.StoreAttr) and instruction.obj == me:
            kind = _kind_of(program, method, made, instruction)
            found[instruction.attr] = _either(found.get(instruction.attr), kind)


def _either(old: Known | None, new: Known) -> Known:
    """The kind of what holds the one or the other; None beside something says nothing of it, what is not known makes
    it less sure."""
    if old is None or old.kind is Kind.NONE:
        return new
    if Kind.UNKNOWN in (old.kind, new.kind):
        kind, proof, _ = new if old.kind is Kind.UNKNOWN and new.kind is not Kind.NONE else old
        return Known(kind, min(proof, 2))
    if new.kind is Kind.NONE:
        return old
    return old._replace(ground=min(old.ground, new.ground)) if new.kind == old.kind else UNKNOWN_KIND


def attribute_kind(program: Program, kind: KnownClass | None, attr: str) -> Known:
    """What an attribute is, from what any method of the class stores in it, else from what is done with it."""
    if kind is None:
        return UNKNOWN_KIND
    known = program.attribute_kinds.get(kind.cls.qualname)
    if known is None:
        known = program.attribute_kinds[kind.cls.qualname] = stored_kinds(program, kind)
    found = known.get(attr, UNKNOWN_KIND)
    return found if found.kind is not Kind.UNKNOWN else Known(*evidence.kind_from_uses(attribute_uses(kind, attr)))


def attribute_uses(kind: KnownClass, attr: str) -> frozenset[str]:
    """The attributes that the methods of a class and of its bases read off `self.attr`."""
    found: set[str] = set()
    for method in kind.cls.methods.values():
        if method.parameters:
            found |= method.uses.get(f"{method.parameters[0].name}.{attr}", frozenset())
    for base in kind.bases:
        found |= attribute_uses(base, attr)
    return frozenset(found)


def stored_attributes(program: Program, method: ir.Function) -> frozenset[str]:
    """The attributes of its first parameter that a method sets."""
    known = program.stored.get(method)
    if known is None:
        me = method.parameters[0].name if method.parameters else ""
        stores = (i for i in ir.walk(method.body) if type(i) is ir.StoreAttr)
        known = program.stored[method] = frozenset(i.attr for i in stores if i.obj == me and not i.aug)
    return known


def _kind_of(program: Program, method: ir.Function, made: dict[str, ir.Instruction], store: ir.StoreAttr) -> Known:
    if store.annotation:
        said = program.annotation(store.annotation, method.qualname)
        if said.kind not in (Kind.UNKNOWN, Kind.NONE):
            return said.known
    if store.src[0] != "%":
        for parameter in method.parameters:
            if parameter.name == store.src and parameter.annotation:
                said = program.annotation(parameter.annotation, method.qualname)
                return UNKNOWN_KIND if said.kind is Kind.NONE else said.known
    source = made.get(store.src)
    if isinstance(source, ir.Const):
        return Known(Kind.NONE if source.value is None else Kind.SCALAR, 3, Ground.MADE)
    if not isinstance(source, ir.Call):
        return UNKNOWN_KIND
    return _kind_of_call(program, method.qualname, _dotted(made, source.func))


def _kind_of_call(program: Program, home: str, name: str) -> Known:
    head, _, rest = name.partition(".")
    state = program.file_of(home)
    for element in state.env.get(head, ()) if state is not None else ():
        found = resolved(program, Named(f"{element.name}.{rest}") if rest and type(element) is Named else element)
        if type(found) is ClassOf and (not rest or found is not element):
            return Known(found.known.kind, found.known.proof, found.known.ground)
        if type(element) is Named:
            effect = function_effect(f"{element.name}.{rest}" if rest else element.name, Shape(()))
            if effect is not None and effect.result in (Gives.FRESH, Gives.HELD, Gives.VIEW, Gives.PERHAPS):
                return Known(effect.kind, effect.proof, Ground.MADE if effect.certain else Ground.GUESSED)
    return UNKNOWN_KIND


def _dotted(made: dict[str, ir.Instruction], operand: str) -> str:
    parts: list[str] = []
    while operand.startswith("%"):
        source = made.get(operand)
        if not isinstance(source, ir.LoadAttr):
            return ""
        parts.append(source.attr)
        operand = source.obj
    return ".".join([operand, *reversed(parts)])
