"""What a call in a program calls."""

from __future__ import annotations

from enum import auto
from typing import NamedTuple

from torchcopylint.domain.fact import Fact
from torchcopylint.ir import Function, MakeClass


class Calls(Fact):
    """What is called."""

    FUNCTION = auto()
    """A function or class of the file."""
    TORCH = auto()
    BUILTIN = auto()
    METHOD = auto()
    """A method that programs may call."""
    OBJECT = auto()
    """What some expression gives."""
    UNKNOWN = auto()


class Called(NamedTuple):
    """How something is called, by which name in programs, and where it is defined in the file."""

    how: Calls
    text: str = ""
    target: Function | MakeClass | None = None
