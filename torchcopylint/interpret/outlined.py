"""Classes of other files of the project, known by their outlines only: what their bases make them."""

from __future__ import annotations

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import KnownClass
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Class
from torchcopylint.models import evidence
from torchcopylint.project.project import Place

_DEEPEST = 8


def bases_of(program: Program, place: Place) -> list[Place | str]:
    """A class's bases: where they are defined in the project, else their full names."""
    assert program.surroundings is not None
    found: list[Place | str] = []
    for written in place.definition.bases:
        full = place.outline.full(written)
        found.append(program.surroundings.find(full, place.path) or beside(place, full) or full)
    return found


def beside(place: Place, name: str) -> Place | None:
    """A definition of the same file."""
    definition = place.outline.definitions.get(name)
    return place._replace(definition=definition) if definition not in (None, place.definition) and definition else None


def class_of(program: Program, place: Place, depth: int = _DEEPEST) -> KnownClass:
    """A class known by its outline only: what its bases make it, and nothing of its methods."""
    bases: list[KnownClass] = []
    what = evidence.Base(Kind.OBJECT, 3)
    for base in bases_of(program, place) if depth else ():
        if isinstance(base, Place):
            bases.append(class_of(program, base, depth - 1))
            found = evidence.base_of_kind(bases[-1])
        else:
            found = evidence.kind_from_base(base)
        if what.kind is Kind.OBJECT and (found.kind is not Kind.OBJECT or found.family):
            what = found
    assert program.surroundings is not None
    name = f"{program.surroundings.name_of(place.path)}:{place.definition.name}"
    cls = Class(place.definition.name, name, None, (), (), {})
    return KnownClass(cls, what.kind, what.proof, tuple(bases), what.family, foreign=True)
