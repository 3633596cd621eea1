"""What still points at what was copied, replaced or converted; one object in several places."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import Conversion, Fate


@dataclass(frozen=True, slots=True)
class BrokenLink(Event):
    """Something still points at what was copied, replaced or converted by `write`; a subclass says what."""

    write: str = ""


@dataclass(frozen=True, slots=True)
class OldParametersStepped(BrokenLink):
    """name: the new module, source: the optimizer that steps the parameters of the old one."""


@dataclass(frozen=True, slots=True)
class ClosureCopied(BrokenLink):
    """name: the attribute that keeps a function around the layers of source, which is deep-copied."""


@dataclass(frozen=True, slots=True)
class ModuleConverted(BrokenLink):
    """name: the other use that was made of source, a module that was converted itself."""

    conversion: Conversion = Conversion.CAST


@dataclass(frozen=True, slots=True)
class Replicated(Event):
    """One object placed where several are wanted: its kind, the call, whether it was written through one place.

    repeated: by `[x] * n`; literal: it is made on the spot; uses: what became of it; holders: the names of what holds
    it in the end.
    """

    kind: Kind = Kind.UNKNOWN
    family: AnyFamily = None
    repeated: bool = False
    call: str = ""
    literal: bool = False
    written: bool = False
    uses: frozenset[Fate] = frozenset()
    holders: tuple[str, ...] = ()
