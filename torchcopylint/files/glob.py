"""A glob in git's pattern syntax, compiled and matched in one pass over the text, however many stars it has.

A regular expression with many stars tries all ways to split the text among them, and their number explodes. Here all
ways are followed at once: bit n of a number says that the first n tokens can match the text read so far. Each byte of
the text takes a few operations on such numbers, so no pattern can take long.
"""

from __future__ import annotations

from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from torchcopylint.files.bracket import bracket

_SLASH, _STAR, _ANY, _OPEN, _ESCAPE = b"/*?[\\"
_SPECIAL = frozenset(b"*?[\\")


class _Token(NamedTuple):
    """What matches one byte: one of the members or, negated, any other; or, a star: any number of those.

    optional: a star that may match nothing, together with the slash after it.
    """

    members: frozenset[int]
    negated: bool = False
    star: bool = False
    optional: bool = False


_ONE = _Token(frozenset([_SLASH]), negated=True)
_NEVER = _Token(frozenset())
_WITHIN = _Token(frozenset([_SLASH]), negated=True, star=True)
_ACROSS = _Token(frozenset(), negated=True, star=True)
_FOLDERS = _Token(frozenset(), negated=True, star=True, optional=True)


class _Table(NamedTuple):
    """Sets of tokens, as bits: those but stars that match a byte, for each byte that one names and for all others;
    the stars, those of them that cross slashes, and those that are optional."""

    named: dict[int, int]
    others: int
    stars: int
    across: int
    optional: int


class Glob:
    """A glob, as bytes, for names and for paths with slashes."""

    def __init__(self, glob: bytes) -> None:
        # Like git, which compares what comes before the first special character by itself: `**` right behind it counts
        # as the beginning, so that `a**/b` matches `ab`.
        length = next((n for n, char in enumerate(glob) if char in _SPECIAL), len(glob))
        self._start = glob[:length]
        self._tokens = _tokens(glob[length:])
        self._tail = _tail(self._tokens)
        self._end = _literal(self._tail) if self._tokens else self._start
        loose = sum(token.star + token.optional for token in self._tokens)
        self._least = length + len(self._tokens) - loose

    @property
    def literal(self) -> bytes | None:
        """The one text that it matches, if it is that simple."""
        return None if self._tokens else self._start

    def matches(self, text: bytes) -> bool:
        """Whether the whole text matches."""
        if not text.startswith(self._start) or not text.endswith(self._end) or len(text) < self._least:
            return False
        if not self._tokens:
            return text == self._start
        ends = zip(self._tail, reversed(text), strict=False)
        if any((byte in token.members) == token.negated for token, byte in ends):
            return False
        return self._follow(text[len(self._start) :])

    def _follow(self, text: bytes) -> bool:
        named, others, stars, across, optional = self._table
        entered, stayed = 1, 0
        for byte in text:
            # An optional star is left out where it is entered, and not later. None follows another, nor a star a star.
            state = entered | (entered & optional) << 2 | stayed
            state |= (state & stars) << 1
            if not state:
                return False
            entered = (state & named.get(byte, others)) << 1
            stayed = state & (across if byte == _SLASH else stars)
        state = entered | (entered & optional) << 2 | stayed
        state |= (state & stars) << 1
        return bool(state >> len(self._tokens))

    @cached_property
    def _table(self) -> _Table:
        """Made for the first text that may match; such a text has more bytes than there are tokens but stars."""
        others = stars = across = optional = 0
        named = dict[int, int]()
        for n, token in enumerate(self._tokens):
            bit = 1 << n
            if token.star:
                stars |= bit
                across |= 0 if token.members else bit
                optional |= bit if token.optional else 0
                continue
            others |= bit if token.negated else 0
            for byte in token.members:
                named[byte] = named.get(byte, 0) | bit
        # So far the bits of the tokens that name a byte: those of the negated ones are the wrong way round.
        return _Table({byte: bits ^ others for byte, bits in named.items()}, others, stars, across, optional)


def _tokens(glob: bytes) -> list[_Token]:
    """The tokens of a glob; a single one that matches no byte where it can match nothing."""
    tokens: list[_Token] = []
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == _STAR:
            at = _star(glob, at, tokens)
        elif char == _OPEN:
            found = bracket(glob, at + 1)
            if found is None:
                return [_NEVER]
            members, negated, at = found
            tokens.append(_Token(members | {_SLASH} if negated else members - {_SLASH}, negated))
        elif char == _ESCAPE:
            if at + 1 == len(glob):
                return [_NEVER]
            tokens.append(_Token(frozenset([glob[at + 1]])))
            at += 2
        else:
            tokens.append(_ONE if char == _ANY else _Token(frozenset([char])))
            at += 1
    return tokens


def _star(glob: bytes, at: int, tokens: list[_Token]) -> int:
    """Adds the token of a run of stars; the place behind it. Two stars or more cross slashes if they stand alone."""
    end = at + 1
    while glob[end : end + 1] == b"*":
        end += 1
    alone = (at == 0 or glob[at - 1] == _SLASH) and (end == len(glob) or glob.startswith((b"/", b"\\/"), end))
    if end == at + 1 or not alone:
        tokens.append(_WITHIN)
    elif glob[end : end + 1] != b"/":
        tokens.append(_ACROSS)
    elif tokens[-2:-1] == [_FOLDERS]:  # `**/**/` is `**/`
        return end + 1
    else:
        tokens.append(_FOLDERS)
    return end


def _tail(tokens: list[_Token]) -> list[_Token]:
    """The tokens behind the last star, from the end: they match the last bytes of the text, and no others."""
    tail: list[_Token] = []
    for n in range(len(tokens) - 1, -1, -1):
        if tokens[n].star or (n and tokens[n - 1].optional):
            break
        tail.append(tokens[n])
    return tail


def _literal(tail: list[_Token]) -> bytes:
    chars = [token.members for token in takewhile(lambda token: not token.negated and len(token.members) == 1, tail)]
    return bytes(byte for members in reversed(chars) for byte in members)
