"""A user's description of their own function: one validated entry of [tool.torchcopylint.models]."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from torchcopylint.config.quote import quote

KINDS = ("fresh", "view", "perhaps", "inplace", "same", "unknown")
"""fresh: its own storage. view: shares storage with an argument; perhaps: shares or copies it. inplace: writes an
argument and returns it. same: returns an argument. unknown: nothing is assumed."""

RETURNS = (
    "tensor",
    "tensors",
    "module",
    "state_dict",
    "optimizer",
    "loader",
    "ndarray",
    "list",
    "dict",
    "scalar",
    "none",
    "unknown",
)
_KEYS = ("kind", "of", "writes", "returns")


class DeclarationError(Exception):
    """An invalid entry: the key (after the entry's own name), and what is wrong."""

    def __init__(self, key: str, complaint: str) -> None:
        super().__init__(complaint)
        self.key = key


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a call to a fully qualified name does; arguments are numbered from 0."""

    name: str
    kind: str
    of: tuple[int, ...] | None = None
    writes: tuple[int, ...] | None = None
    returns: str = ""


def declaration(name: str, entry: object) -> Declaration:
    """A name and its entry → the declaration; an invalid entry raises DeclarationError."""
    if not all(part.isidentifier() for part in name.split(".")) or "." not in name:
        raise DeclarationError("", f"must be a fully qualified name such as 'mylib.snapshot', in quotes, not {name!r}")
    if not isinstance(entry, dict):
        raise DeclarationError("", f'must be a table such as {{ kind = "fresh" }}, not {quote(entry)}')
    for key in entry:
        if key not in _KEYS:
            raise DeclarationError(f".{key}", f"unknown key; did you mean {_nearest(key, _KEYS)!r}?")
    if "kind" not in entry:
        raise DeclarationError("", f"has no kind; it must be one of {', '.join(KINDS)}")
    made = Declaration(
        name=name,
        kind=_word(entry, "kind", KINDS),
        of=_positions(entry, "of"),
        writes=_positions(entry, "writes"),
        returns=_word(entry, "returns", RETURNS) if "returns" in entry else "",
    )
    if made.kind == "unknown" and made.of is not None:
        raise DeclarationError(".of", 'has no effect with kind = "unknown"')
    if made.kind in ("view", "perhaps", "same") and made.returns in ("scalar", "none"):
        raise DeclarationError(
            ".returns", f"{made.returns!r} cannot share memory, but kind = {made.kind!r} says that it does"
        )
    return made


def _word(entry: dict[str, object], key: str, known: tuple[str, ...]) -> str:
    value = entry[key]
    if not isinstance(value, str):
        raise DeclarationError(f".{key}", f"must be a string, not {quote(value)}")
    if value not in known:
        raise DeclarationError(f".{key}", f"unknown {key} {quote(value)}; did you mean {_nearest(value, known)!r}?")
    return value


def _positions(entry: dict[str, object], key: str) -> tuple[int, ...] | None:
    """Argument positions, one or a list; None if the key is missing."""
    if key not in entry:
        return None
    value = entry[key]
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(i, int) and not isinstance(i, bool) and i >= 0 for i in given):
        raise DeclarationError(
            f".{key}", f"must be an argument position (from 0) or a list of positions, not {quote(value)}"
        )
    return tuple(given)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    return get_close_matches(word, known, n=1, cutoff=0)[0]
