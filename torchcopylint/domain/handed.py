"""What a call hands to a function, as far as the code around the call alone proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torchcopylint.domain.ground import UNKNOWN_KIND, Known
from torchcopylint.domain.kind import Kind

INSTANCE = "()"
"""In place of a method's name: what is called is an object of the class itself."""


class Given(NamedTuple):
    """One argument: what it is, what it holds, and the class it is an object of, by the full name that leads there or,
    in the same file, ":name"."""

    known: Known = UNKNOWN_KIND
    of: Kind | None = None
    cls: str = ""


NOTHING_KNOWN = Given()


class CallSite(NamedTuple):
    """A call of a function or class of the project.

    callee: the full name that leads to it, ":name" in the same file; member: the method of that class.
    args: by position, as far as these are known to stand there.
    """

    callee: str
    member: str
    args: tuple[Given, ...]
    keywords: Mapping[str, Given]
