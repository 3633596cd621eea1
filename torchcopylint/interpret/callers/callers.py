"""What a function's callers hand to its parameters: those of its own file, and those of the project that import it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from torchcopylint.domain.ground import UNKNOWN_KIND, Ground, Known
from torchcopylint.domain.handed import INSTANCE, CallSite, Given
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import KnownClass
from torchcopylint.interpret.callers.calls import Wanted, other_calls, own_calls
from torchcopylint.interpret.callers.operand import alike
from torchcopylint.interpret.outlined import class_of
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Block, Function, MakeClass, MakeFunction, Module, Parameter, is_foreign, syntax, walk
from torchcopylint.ir.kind import TAKES_MORE, ParameterKind
from torchcopylint.ir.question import decorated
from torchcopylint.ir.site import Site
from torchcopylint.models import tells
from torchcopylint.project.project import Place

_RUNS = ("forward", "__call__")
_DUNDER = ("__init__", "__call__")
_HERE, _ELSEWHERE = "here", "elsewhere"
_Target = tuple[str, str]
_Site = tuple[str, CallSite]


class Told(NamedTuple):
    """What callers say of a parameter: its kind, what it holds, its class where that is one of the file's."""

    known: Known = UNKNOWN_KIND
    of: Kind | None = None
    cls: KnownClass | None = None


NOTHING_TOLD = Told()


@dataclass(slots=True)
class Callers:
    """The callers of a file's functions; each is asked for what its own code proves, and not for its callers."""

    program: Program
    module: Module
    text: str
    told: dict[Function, Mapping[str, Told]] = field(default_factory=dict)
    told_elsewhere: dict[Function, Mapping[str, Told]] = field(default_factory=dict)

    def of(self, function: Function, parameter: Parameter) -> Told:
        """What the callers of a function hand to one of its parameters: those of the project are asked where those in
        the file say nothing."""
        if is_foreign(function.qualname) or not _is_open(parameter):
            return NOTHING_TOLD
        owner = self.program.owner_of(function)
        if owner is None and "." in function.qualname:
            return NOTHING_TOLD
        if function not in self.told:
            self.told[function] = self._told(function, owner, self._sites(_HERE, function, owner))
        told = self.told[function].get(parameter.name, NOTHING_TOLD)
        if told.known.kind is Kind.UNKNOWN and _is_public(function) and _matters(function, owner):
            if function not in self.told_elsewhere:
                self.told_elsewhere[function] = self._told(function, owner, self._sites(_ELSEWHERE, function, owner))
            told = self.told_elsewhere[function].get(parameter.name, NOTHING_TOLD)
        return told

    def _told(self, function: Function, owner: KnownClass | None, sites: Iterable[_Site]) -> Mapping[str, Told]:
        handed: dict[str, list[tuple[str, Given]]] = {}
        for path, site in sites:
            for name, given in _bound(function, owner is not None, site):
                handed.setdefault(name, []).append((path, given))
        return {name: self._together(every) for name, every in handed.items()}

    def _sites(self, where: str, function: Function, owner: KnownClass | None) -> Iterator[_Site]:
        """The calls of a function; they are looked for once for both looks at a text."""
        around = self.program.surroundings
        known = around.sites if around is not None else {}
        if (where, self.text) not in known:
            known[where, self.text] = self._in_file() if where == _HERE else self._in_project()
        for target in _targets(function, owner):
            yield from known[where, self.text].get(target, ())

    def _in_file(self) -> dict[_Target, list[_Site]]:
        found: dict[_Target, list[_Site]] = {}
        for site in own_calls(self.module, _wanted(self.module)):
            found.setdefault((site.callee, site.member), []).append(("", site))
        return found

    def _in_project(self) -> dict[_Target, list[_Site]]:
        """The calls of other files that lead here."""
        found: dict[_Target, list[_Site]] = {}
        around, wanted = self.program.surroundings, _wanted(self.module, public=True)
        names = tuple(sorted(wanted.tops))
        for path in around.callers(names) if around is not None and names else ():
            assert around is not None
            for site in around.calls(path, other_calls):
                here = around.leads_here(site.callee, path) if site.callee.rpartition(".")[2] in wanted.tops else ""
                if here:
                    found.setdefault((f":{here}", site.member), []).append((path, site))
        return found

    def _together(self, every: list[tuple[str, Given]]) -> Told:
        """What all calls agree on, as far as they say anything: surely only where one of them makes it."""
        each = [self._resolved(path, given) for path, given in every]
        said = [told for told in each if told.known.kind not in (Kind.UNKNOWN, Kind.NONE)]
        agreed = alike(Given(told.known, told.of) for told in said)
        if agreed.known.kind is Kind.UNKNOWN:
            return NOTHING_TOLD
        classes = {told.cls for told in said}
        cls = classes.pop() if len(classes) == 1 and len(said) == len(each) else None
        sure = 2 if any(told.known.proof == 3 or told.known.ground is Ground.MADE for told in said) else 1
        return Told(Known(agreed.known.kind, sure), agreed.of, cls)

    def _resolved(self, path: str, given: Given) -> Told:
        if not given.cls:
            return Told(given.known, given.of)
        cls = self._class(path, given.cls)
        if cls is None or (cls.kind is Kind.OBJECT and cls.foreign):
            return NOTHING_TOLD
        return Told(Known(cls.kind, cls.proof), None, None if cls.foreign else cls)

    def _class(self, path: str, name: str) -> KnownClass | None:
        """The class that a name leads to: from this file ("") or another one."""
        around = self.program.surroundings
        place: Place | None = None
        if not path:
            if name[0] == ":":
                return self.program.kinds.get(name[1:])
            place = around.find(name) if around is not None and "." in name else None
        elif around is not None and name[0] == ":":
            seen = around.project.outline(path)
            definition = seen.definitions.get(name[1:]) if seen is not None else None
            place = Place(path, seen, definition) if seen is not None and definition is not None else None
        elif around is not None:
            here = around.leads_here(name, path)
            if here:
                return self.program.kinds.get(here)
            place = around.find(name, path)
        return class_of(self.program, place) if place is not None and place.definition.kind == "class" else None


def _wanted(module: Module, public: bool = False) -> Wanted:
    """The functions, classes and methods of a file that take what is not annotated; public: those that others call."""
    tops, methods, runs = set[str](), set[str](), set[str]()
    for i in _definitions(module.top.body):
        if isinstance(i, MakeFunction):
            if _asks(i.function) and not (public and i.function.name.startswith("_")):
                tops.add(i.function.name)
            continue
        asking = {method.name for method in i.cls.methods.values() if _asks(method, 1)}
        methods |= asking
        tops |= {i.cls.name} if asking else set()
        runs |= {i.cls.name} if not asking.isdisjoint(_RUNS) else set()
    return Wanted(frozenset(tops), frozenset(tops | methods), frozenset(runs))


def _definitions(block: Block) -> Iterator[MakeFunction | MakeClass]:
    return (i for i in walk(block) if isinstance(i, MakeFunction | MakeClass))


def _is_public(function: Function) -> bool:
    return not function.name.startswith("_") or function.name in _DUNDER


def _matters(function: Function, owner: KnownClass | None) -> bool:
    """Whether a function can show anything, or keeps what it is given for methods that can."""
    every = owner.cls.methods.values() if owner is not None and function.name == "__init__" else (function,)
    return any(tells(one.attributes, one.dropped) for one in every)


def _asks(function: Function, skip: int = 0) -> bool:
    return any(map(_is_open, function.parameters[skip:]))


def _is_open(parameter: Parameter) -> bool:
    """Whether it is worth asking what a parameter is: it has no annotation, and no number or text by default."""
    return not parameter.annotation and parameter.kind not in TAKES_MORE and not _is_plain(parameter.node)


def _is_plain(default: Site | None) -> bool:
    if isinstance(default, syntax.Name):
        return default.name in ("True", "False")
    return isinstance(default, syntax.Integer | syntax.Float | syntax.String)


def _targets(function: Function, owner: KnownClass | None) -> list[_Target]:
    """What calls of a function call: itself, the method of its class, the class, or an object of it."""
    if owner is None:
        return [(f":{function.qualname}", "")]
    cls = f":{owner.cls.qualname}"
    if function.name == "__init__":
        return [(cls, function.name), (cls, "")]
    return [(cls, function.name), (cls, INSTANCE)] if function.name in _RUNS else [(cls, function.name)]


def _bound(function: Function, method: bool, site: CallSite) -> Iterator[tuple[str, Given]]:
    """Parameters, with what a call hands to them."""
    skip = 1 if method and not decorated(function.node, "staticmethod") else 0
    plain = [p.name for p in function.parameters if p.kind is ParameterKind.PLAIN][skip:]
    yield from zip(plain, site.args, strict=False)
    named = {p.name for p in function.parameters if p.kind in (ParameterKind.PLAIN, ParameterKind.KEYWORD)}
    yield from ((name, given) for name, given in site.keywords.items() if name in named)
