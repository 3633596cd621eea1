"""What all events have: where they lie, how well they are known, the path that led there, what a fix would replace."""

from __future__ import annotations

import re
from dataclasses import dataclass

from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.finding import Step
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.kind import Kind
from torchcopylint.ir import Spot
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True)
class Place:
    """The function an event lies in: its name, the kind and family of its class, whether it says it works in place."""

    function: str = ""
    owner: Kind | None = None
    family: AnyFamily = None
    documented: bool = False
    public: bool = True


_NOT_SHOWN = frozenset("node ground place steps site text of remedy options data refused mixed origin".split())


@dataclass(frozen=True, slots=True)
class Event:
    """The node to report, the names involved in the user's words, how well the kinds are proven (1 to 3), on what
    ground, the path.

    site: the expression that a fix would replace, where there is one; text: its source; of: that of what it is
    made from, its receiver or first argument, each fit to stand before a dot; remedy: the text that does it right in
    its place, where one is exact. mixed: what stands there may be of several kinds, or None.
    """

    node: Spot | None
    name: str = ""
    source: str = ""
    proof: int = 3
    ground: Ground = Ground.GUESSED
    place: Place = Place()
    steps: tuple[Step, ...] = ()
    site: Site | None = None
    text: str = ""
    of: str = ""
    remedy: str = ""
    mixed: bool = False

    @property
    def fix(self) -> str:
        """The remedy on one line, for messages."""
        return re.sub(r"\n\s+", " ", self.remedy).replace("\n", "; ")

    def __str__(self) -> str:
        facts = [f"{key}={value!r}" for key, value in self.facts().items() if value not in _USUAL]
        return f"{type(self).__name__}({', '.join(facts)})"

    def facts(self) -> dict[str, object]:
        """What the event says beside its place in the source."""
        return {f: getattr(self, f) for f in self.__dataclass_fields__ if f not in _NOT_SHOWN}


_USUAL: tuple[object, ...] = ("", (), frozenset(), False, None)
