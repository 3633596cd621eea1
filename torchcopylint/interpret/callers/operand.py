"""What the operands of a function hold, as far as its own code proves it: a light look, before anything is
interpreted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from torchcopylint import ir
from torchcopylint.domain.ground import Ground, Known
from torchcopylint.domain.handed import NOTHING_KNOWN, Given
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.value import UNKNOWN
from torchcopylint.ir import Function, Instruction, MakeClass, MakeFunction, Operand
from torchcopylint.ir.kind import TAKES_MORE, BuildKind
from torchcopylint.models import ambient, evidence, function_effect, is_property, method_effect
from torchcopylint.models.annotation import read
from torchcopylint.models.effect import HIGH, LOW, MEDIUM, Effect, Shape
from torchcopylint.models.language import Gives

_DEEPEST = 6
_BUILDS = {
    BuildKind.LIST: Kind.LIST,
    BuildKind.TUPLE: Kind.TUPLE,
    BuildKind.SET: Kind.SET,
    BuildKind.GENERATOR: Kind.ITEMS,
}
_SCALAR = Given(Known(Kind.SCALAR, HIGH, Ground.MADE))
_NONE = Given(Known(Kind.NONE, HIGH, Ground.MADE))
_MAKES = frozenset(
    {
        Gives.FRESH,
        Gives.HELD,
        Gives.VIEW,
        Gives.PERHAPS,
        Gives.COPIED,
        Gives.SHALLOW,
        Gives.RECORD,
        Gives.SAME,
        Gives.LIVE,
    }
)
_HANDS_ON = frozenset({Gives.SAME, Gives.PERHAPS, Gives.WRAPPED, Gives.COPIED, Gives.SHALLOW, Gives.VIEW})


@dataclass(slots=True)
class Operands:
    """The operands of one function; outer: those of what it is defined in."""

    function: Function
    outer: Operands | None = None
    made: dict[Operand, list[Instruction]] = field(default_factory=dict)
    """By what instructions each is bound."""
    found: dict[Operand, Given] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for instruction in ir.walk(self.function.body):
            for name in _bound_by(instruction):
                self.made.setdefault(name, []).append(instruction)

    def given(self, operand: Operand, depth: int = 0) -> Given:
        """What an operand holds."""
        known = self.found.get(operand)
        if known is None:
            self.found[operand] = NOTHING_KNOWN  # what is made of itself says nothing
            known = self._given(operand, depth)
            self.found[operand] = known
        return known

    def _given(self, operand: Operand, depth: int) -> Given:
        made = self.made.get(operand, ())
        if depth > _DEEPEST or (not made and operand not in self.function.bound):
            return self.outer.given(operand, depth) if self.outer is not None and depth <= _DEEPEST else NOTHING_KNOWN
        said = alike(self._made_by(i, depth + 1) for i in made) if made else self._parameter(operand)
        if said.known.kind is not Kind.UNKNOWN or said.cls or operand[0] == "%":
            return said
        return Given(Known(*evidence.kind_from_uses(self.function.uses.get(operand, ()), self.function.dropped)))

    def _parameter(self, name: str) -> Given:
        for parameter in self.function.parameters:
            if parameter.name == name and parameter.kind not in TAKES_MORE:
                said = read(parameter.annotation, self.full) if parameter.annotation else None
                if said is not None and said.kind not in (Kind.UNKNOWN, Kind.NONE):
                    return Given(said.known, said.of)
                return Given(cls=self.lead(said.name)) if said is not None and said.name else NOTHING_KNOWN
        return NOTHING_KNOWN

    def _made_by(self, i: Instruction, depth: int) -> Given:
        if isinstance(i, ir.Move):
            return self.given(i.src, depth)
        if isinstance(i, ir.Const):
            return _NONE if i.value is None else _SCALAR
        if isinstance(i, ir.Build):
            held = alike(self.given(item.value, depth) for item in i.items if not item.star)
            kind = _BUILDS.get(i.kind)
            return Given(Known(kind, HIGH, Ground.MADE), _inner(held)) if kind is not None else _SCALAR
        if isinstance(i, ir.BuildDict):
            held = alike(self.given(value, depth) for key, value in i.items if key is not None)
            return Given(Known(Kind.DICT, HIGH, Ground.MADE), _inner(held))
        if isinstance(i, ir.Binary):
            return _computed(self.given(i.left, depth), self.given(i.right, depth))
        if isinstance(i, ir.Unary) and i.op != "not":
            return self.given(i.src, depth)
        if isinstance(i, ir.LoadItem):
            return _item(self.given(i.obj, depth))
        if isinstance(i, ir.LoadAttr):
            return self._attribute(i, depth)
        return self._called(i, depth) if isinstance(i, ir.Call) else NOTHING_KNOWN

    def _attribute(self, i: ir.LoadAttr, depth: int) -> Given:
        owner = self.given(i.obj, depth)
        if owner.known.kind in DATA and is_property(owner.known.kind, i.attr):
            return _of_effect(method_effect(owner.known.kind, i.attr, Shape(())), owner)
        return NOTHING_KNOWN

    def _called(self, i: ir.Call, depth: int) -> Given:
        name = self.name_of(i.func)
        if name:
            effect = function_effect(name, self._shape(i, (), depth))
            return _of_effect(effect, self._first(i, depth)) if effect is not None else Given(cls=name)
        load = self._load(i.func)
        owner = self.given(load.obj, depth) if load is not None else NOTHING_KNOWN
        if load is None or (owner.known.kind in (Kind.UNKNOWN, Kind.NONE) and not owner.cls):
            return NOTHING_KNOWN
        if owner.cls:  # `Net().eval()`, `Net().to(device)`
            effect = method_effect(Kind.MODULE, load.attr, self._shape(i, (owner,), depth))
            return owner if effect is not None and effect.result in _HANDS_ON else NOTHING_KNOWN
        return _of_effect(method_effect(owner.known.kind, load.attr, self._shape(i, (owner,), depth)), owner)

    def _shape(self, i: ir.Call, before: tuple[Given, ...], depth: int) -> Shape:
        plain = [argument.value for argument in i.args if not argument.star and not argument.keyword]
        given = (*before, *(self.given(value, depth) for value in plain))
        keywords = {argument.keyword: UNKNOWN for argument in i.args if argument.keyword}
        return Shape((UNKNOWN,) * len(given), keywords, tuple(one.known.kind for one in given))

    def _first(self, i: ir.Call, depth: int) -> Given:
        first = i.args[0] if i.args else None
        return self.given(first.value, depth) if first and not (first.star or first.keyword) else NOTHING_KNOWN

    def _load(self, operand: Operand) -> ir.LoadAttr | None:
        made = self.made.get(operand, ()) if operand[0] == "%" else ()
        return made[0] if len(made) == 1 and isinstance(made[0], ir.LoadAttr) else None

    def method(self, operand: Operand) -> tuple[Operand, str]:
        """What a method is read off, and its name; ("", "") of what is no attribute."""
        load = self._load(operand)
        return (load.obj, load.attr) if load is not None else ("", "")

    def name_of(self, operand: Operand) -> str:
        """The full name of what is imported or built in, ":name" of what the file defines; "" of any other value."""
        load = self._load(operand)
        if load is not None:
            owner = self.name_of(load.obj)
            return f"{owner}.{load.attr}" if owner else ""
        return self.lead(operand) if operand[0] != "%" else ""

    def lead(self, name: str) -> str:
        """The full name that a name as written leads to; "" where it is a value."""
        head, dot, rest = name.partition(".")
        made = self.made.get(head, ())
        if len(made) == 1:
            found = _named(made[0])
            return f"{found}{dot}{rest}" if found else ""
        if made or head in self.function.bound:
            return ""
        return self.outer.lead(name) if self.outer is not None else f"{ambient(head)}{dot}{rest}"

    def full(self, name: str) -> str:
        """The same for an annotation: what the file itself makes has no full name."""
        found = self.lead(name)
        return found if found[:1] != ":" else ""


def _bound_by(i: Instruction) -> Iterable[Operand]:
    if isinstance(i, ir.Unpack):
        return i.dsts
    if isinstance(i, ir.Loop):
        return (i.item,) if i.item else ()
    if isinstance(i, ir.With):
        return (i.bound,) if i.bound else ()
    dst = getattr(i, "dst", "")
    return (dst,) if dst and not isinstance(i, ir.Augment) else ()


def _named(i: Instruction) -> str:
    if isinstance(i, ir.Import):
        return i.name
    if isinstance(i, MakeFunction):
        return f":{i.function.qualname}"
    return f":{i.cls.qualname}" if isinstance(i, MakeClass) else ""


def alike(every: Iterable[Given]) -> Given:
    """What all of them are; nothing where they differ or one is not known. None beside something does not count."""
    found = [one for one in every if one.known.kind is not Kind.NONE]
    if not found or len({(one.known.kind, one.cls) for one in found}) > 1:
        return NOTHING_KNOWN
    of = {one.of for one in found}
    weakest = min(found, key=lambda one: (one.known.proof, one.known.ground))
    return weakest._replace(of=of.pop() if len(of) == 1 else None)


def _inner(held: Given) -> Kind | None:
    return held.known.kind if held.known.kind is not Kind.UNKNOWN and held.known.proof >= MEDIUM else None


def _computed(left: Given, right: Given) -> Given:
    kinds = {left.known.kind, right.known.kind}
    for kind in (Kind.TENSOR, Kind.NDARRAY, Kind.SCALAR):
        if kind in kinds and kinds <= {kind, Kind.SCALAR}:
            return left if left.known.kind is kind else right
    return NOTHING_KNOWN


def _item(owner: Given) -> Given:
    if owner.known.kind is Kind.TENSOR:
        return owner
    if owner.of is not None and owner.known.kind in (Kind.LIST, Kind.TUPLE, Kind.DICT):
        return Given(Known(owner.of, min(owner.known.proof, MEDIUM)))
    return NOTHING_KNOWN


def _of_effect(effect: Effect | None, owner: Given) -> Given:
    """What a call gives: its own kind, or what it was given where it hands that on."""
    if effect is None or effect.result is Gives.UNKNOWN:
        return NOTHING_KNOWN
    if effect.result is Gives.SCALAR:
        return Given(Known(Kind.SCALAR, MEDIUM))
    if effect.kind is Kind.UNKNOWN:
        return owner if effect.result in _HANDS_ON else NOTHING_KNOWN
    if effect.result not in _MAKES:
        return NOTHING_KNOWN
    if effect.certain:
        return Given(Known(effect.kind, effect.proof, Ground.MADE))
    sure = owner.known.proof if owner.known.kind is effect.kind else LOW if effect.proof == LOW else MEDIUM
    return Given(Known(effect.kind, min(effect.proof, sure)))
