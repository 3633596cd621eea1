"""Names that lead to other files of the project: a class or function there as a value, read only where it matters."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.ground import UNKNOWN_KIND, Known
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import Callee, ClassOf, KnownClass
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.outlined import bases_of, beside, class_of
from torchcopylint.interpret.state.program import Program
from torchcopylint.models import LIBRARIES, annotation, function_effect, keeps_state, may_write, reaches_out
from torchcopylint.models.effect import Shape
from torchcopylint.models.language import Gives
from torchcopylint.project.project import Place

MOST_FILES = 12
"""Other files whose code is interpreted for one file; further ones are known by their outlines only."""
_MOST_LOOKED_AT = 40

Foreign = ClassOf | Callee


def elsewhere(program: Program, name: str) -> Foreign | None:
    """The class or function of another file that a full dotted name leads to; None where there is none, or where
    nothing that it does can matter to its caller."""
    if program.surroundings is None or name.startswith(LIBRARIES):
        return None
    if name not in program.foreign:
        program.foreign[name] = None
        place = program.surroundings.find(name)
        if place is not None and not _matters(program, place):
            program.harmless.add(name)
            program.foreign[name] = _by_outline(program, place)
        elif place is not None:
            program.foreign[name] = _interpreted(program, place) or _by_outline(program, place)
    return program.foreign[name]


def is_harmless(program: Program, name: str) -> bool:
    """Whether a name leads to the project's own code, and nothing there can matter to who calls it."""
    return elsewhere(program, name) is None and name in program.harmless


def returned_kind(program: Program, name: str) -> tuple[Known, KnownClass | None]:
    """What a function of another file says that it returns, and the class where that is one of the project."""
    place = program.surroundings.find(name) if program.surroundings is not None else None
    if place is None or not place.definition.returns:
        return UNKNOWN_KIND, None
    said = annotation.read(place.definition.returns, place.outline.full)
    if said.kind is not Kind.UNKNOWN:
        return (UNKNOWN_KIND if said.kind is Kind.NONE else said.known), None
    full = place.outline.full(said.name or place.definition.returns)
    made = program.surroundings.find(full, place.path) if program.surroundings is not None else None
    made = made or beside(place, full)
    if made is not None and made.definition.kind == "class":
        found = class_of(program, made)
        return Known(found.kind, found.proof), found
    effect = function_effect(full, Shape(()))
    known = effect is not None and effect.result is Gives.FRESH
    return (Known(effect.kind, effect.proof) if effect is not None and known else UNKNOWN_KIND), None


def _matters(program: Program, place: Place) -> bool:
    function = place.definition.kind == "function"
    if function and may_write(place.definition.words):
        return True
    if not program.across:
        return False
    words = _words(program, place, set())
    return reaches_out(words, function) or (not function and keeps_state(words) and _holds_data(program, place))


def _holds_data(program: Program, place: Place) -> bool:
    """Whether a class is one of plain objects, such as environments, buffers and meters: those of layers are many, and
    what their calls give is known."""
    return class_of(program, place).kind is Kind.OBJECT


def _by_outline(program: Program, place: Place) -> Foreign | None:
    return ClassOf(class_of(program, place)) if place.definition.kind == "class" else None


def _words(program: Program, place: Place, seen: set[tuple[str, str]]) -> frozenset[str]:
    """The words of a definition's code, of its bases' and of what it calls in the project."""
    words = place.definition.words
    seen.add((place.path, place.definition.name))
    for used in (*bases_of(program, place), *_called(program, place)):
        if isinstance(used, Place) and (used.path, used.definition.name) not in seen and len(seen) < _MOST_LOOKED_AT:
            words |= _words(program, used, seen)
    return words


def _called(program: Program, place: Place) -> Iterator[Place]:
    """The project's definitions that a definition names, in the order of their names."""
    assert program.surroundings is not None
    outline = place.outline
    for word in sorted(place.definition.words):
        if word in outline.imports and not outline.imports[word].startswith(LIBRARIES):
            found = program.surroundings.find(outline.imports[word], place.path)
        else:
            found = beside(place, word)
        if found is not None:
            yield found
    for dotted in sorted(place.definition.called):
        if dotted.partition(".")[0] in outline.imports and not outline.full(dotted).startswith(LIBRARIES):
            found = program.surroundings.find(outline.full(dotted), place.path)
            if found is not None:
                yield found


def _interpreted(program: Program, place: Place) -> Foreign | None:
    """The definition as interpreting its file leaves it."""
    assert program.surroundings is not None
    if place.path not in program.files:
        if len(program.files) >= MOST_FILES:
            return None
        module = program.surroundings.module(place)
        program.files[place.path] = module.top if module is not None else None
    top = program.files[place.path]
    if top is None:
        return None
    frame = enter(program, top)
    state = frame.state if frame is not None else program.outer.get(top.qualname)
    for element in state.env.get(place.definition.name, ()) if state is not None else ():
        if isinstance(element, ClassOf | Callee):
            return element
    return None
