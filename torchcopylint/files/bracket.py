"""A bracket expression in a glob, as git reads it: `[a-z]`, `[!a]`, `[[:digit:]_]`."""

from __future__ import annotations

from typing import NamedTuple


def _between(*ranges: bytes) -> frozenset[int]:
    return frozenset(byte for low, high in ranges for byte in range(low, high + 1))


_ALPHA, _DIGIT = _between(b"az", b"AZ"), _between(b"09")
_PRINT, _SPACE = _between(b" ~"), frozenset(b" \t\n\r")
_CLASSES = {
    b"alnum": _ALPHA | _DIGIT,
    b"alpha": _ALPHA,
    b"blank": frozenset(b" \t"),
    b"cntrl": _between(b"\0\x1f", b"\x7f\x7f"),
    b"digit": _DIGIT,
    b"graph": _PRINT - _SPACE,
    b"lower": _between(b"az"),
    b"print": _PRINT,
    b"punct": _PRINT - _SPACE - _ALPHA - _DIGIT,
    b"space": _SPACE,
    b"upper": _between(b"AZ"),
    b"xdigit": _DIGIT | _between(b"af", b"AF"),
}


class Bracket(NamedTuple):
    """Which bytes a bracket expression matches: its members or, negated, all others; the position after its `]`."""

    members: frozenset[int]
    negated: bool
    end: int


def bracket(glob: bytes, at: int) -> Bracket | None:
    """The bracket expression whose `[` is before `at`.

    None if it is never closed or names an unknown class: then the whole glob matches nothing.
    """
    negated = glob[at : at + 1] in (b"!", b"^")
    at += negated
    members = set[int]()
    before: int | None = None  # the character that a `-` would make a range of
    first = True
    while first or glob[at : at + 1] != b"]":
        first = False
        if named := _class_at(glob, at):
            if named.name not in _CLASSES:
                return None
            members |= _CLASSES[named.name]
            before, at = None, named.end
            continue
        ranges = before is not None and glob[at : at + 1] == b"-" and glob[at + 1 : at + 2] not in (b"", b"]")
        char = _char_at(glob, at + ranges)
        if char is None:
            return None
        members.update(range(before, char.byte + 1) if ranges and before is not None else [char.byte])
        before, at = None if ranges else char.byte, char.end
    return Bracket(frozenset(members), negated, at + 1)


class _Char(NamedTuple):
    byte: int
    end: int


def _char_at(glob: bytes, at: int) -> _Char | None:
    """The character at a position, possibly after a backslash; None at the end of the glob."""
    at += glob[at : at + 1] == b"\\"
    return _Char(glob[at], at + 1) if at < len(glob) else None


class _Class(NamedTuple):
    name: bytes
    end: int


def _class_at(glob: bytes, at: int) -> _Class | None:
    """The class `[:name:]` at a position, or None; one that is never closed has no known name."""
    if glob[at : at + 2] != b"[:":
        return None
    end = glob.find(b"]", at + 2)
    if end < 0:
        return _Class(b"", len(glob))
    return _Class(glob[at + 2 : end - 1], end + 1) if end > at + 2 and glob[end - 1 : end] == b":" else None
