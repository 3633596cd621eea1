"""Models of the user's own calls: what they declare in their pyproject.toml, in force while a file is linted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torchcopylint.config.declaration import Declaration
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.models.effect import Effect
from torchcopylint.models.language import Gives, Grad

_ANY = tuple(range(8))
_SHARING = {"view": Gives.VIEW, "perhaps": Gives.PERHAPS, "same": Gives.SAME}
_NOTHING: dict[str, Effect] = {}
_OWN: ContextVar[dict[str, Effect]] = ContextVar("own models", default=_NOTHING)


@contextmanager
def declared(declarations: Iterable[Declaration], text: str) -> Iterator[None]:
    """Those declarations are in force, and no others, whose name the text of a file has in it."""
    before = _OWN.set({said.name: _effect(said) for said in declarations if said.name.rpartition(".")[2] in text})
    try:
        yield
    finally:
        _OWN.reset(before)


def own_effect(name: str) -> Effect | None:
    """What the user declared of a name as a file imports it: a relative import is known by what follows its dots."""
    own = _OWN.get()
    if not own or name in own or name[:1] != ".":
        return own.get(name)
    tail = f".{name.lstrip('.')}"
    return next((effect for known, effect in own.items() if known.endswith(tail)), None)


def any_own() -> bool:
    """Whether a declaration is in force: then any function may be one that it matters to."""
    return bool(_OWN.get())


def _effect(said: Declaration) -> Effect:
    """The declaration in the language of the models. Of a fresh result's graph nothing was said: no rule may rest on
    it. An in-place call writes what it returns where nothing else is said."""
    kind = Kind.TENSOR if said.returns == "tensors" else Kind(said.returns or "unknown")
    writes = said.writes or ()
    if said.kind == "inplace":
        writes = said.writes or said.of or (0,)
    sharing = Sharing.DECLARED if writes else None
    if said.returns in ("scalar", "none"):
        return Effect(Gives.NONE if said.returns == "none" else Gives.SCALAR, grad=Grad.NEVER, writes=writes)
    if said.kind == "unknown":
        return Effect(Gives.UNKNOWN, kind, writes=writes)
    if said.kind == "fresh":
        result = Gives.SEVERAL if said.returns == "tensors" else Gives.FRESH
        return Effect(result, kind, of=said.of or _ANY, grad=Grad.NEVER, writes=writes, sharing=sharing)
    if said.kind == "inplace":
        return Effect(Gives.SAME, kind, of=said.of or writes[:1], writes=writes)
    if kind is Kind.STATE_DICT:
        return Effect(Gives.LIVE, kind, of=said.of or (0,), sharing=Sharing.LIVE_STATE)
    result = Gives.PARTS if said.returns == "tensors" else _SHARING[said.kind]
    sharing = sharing or (Sharing.LAYOUT if said.kind == "perhaps" else None)
    return Effect(result, kind, of=said.of or (0,), writes=writes, sharing=sharing)
