"""How an object was created."""

from __future__ import annotations

from enum import auto

from torchcopylint.domain.fact import Fact


class Origin(Fact):
    """How an object was created, as far as that determines whose storage it uses."""

    UNKNOWN = auto()
    FRESH = auto()
    """A call made it."""
    CLONE = auto()
    COPY = auto()
    TENSOR = auto()
    """From CLONE on: the same, and somebody may want to judge the copy (see `CopyHow`)."""
    TOLIST = auto()
    COPIED = auto()
    """A deep copy."""
    SHALLOW = auto()
    VIEW = auto()
    CONDITIONAL = auto()
    """A view or a copy, as a condition has it."""
    LIVE = auto()
    """References to what a module or optimizer keeps."""
    BUILT = auto()
    """A display: `[...]`, `{...}`."""
    PACKED = auto()
    """Bytes, or a buffer for them."""
    CALLED = auto()
    """A call gave it of which nothing is known."""
