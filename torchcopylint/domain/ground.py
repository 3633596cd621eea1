"""On what it rests that a thing is of its kind: what a fix may rely on, beside how sure a finding is of it."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from torchcopylint.domain.kind import Kind


class Ground(IntEnum):
    """From the weakest to the firmest; of several grounds together the weakest counts.

    GUESSED: a name, what is done with it, a generic, a union, or the result of a call that may give something else.
    DECLARED: a plain annotation that nothing contradicts, or a test such as `isinstance(x, torch.Tensor)`.
    MADE: a constructor, or a call that gives this kind whatever it is given.
    """

    GUESSED = 0
    DECLARED = 1
    MADE = 2


class Known(NamedTuple):
    """What something is, as far as that is known: its kind, how sure that is (0 to 3), and on what it rests."""

    kind: Kind = Kind.UNKNOWN
    proof: int = 0
    ground: Ground = Ground.GUESSED


UNKNOWN_KIND = Known()
