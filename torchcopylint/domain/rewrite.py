"""The texts that fixes write, without repeating what is already there."""

from __future__ import annotations

_CUT = (".detach()", ".data")


def detached(text: str) -> str:
    """The source of a tensor, cut from its graph."""
    return text if text.endswith(_CUT) else f"{text}.detach()"


def detached_clone(text: str) -> str:
    """The source of a tensor as that of a copy that hangs on no graph."""
    while text.endswith(".clone()"):
        text = text.removesuffix(".clone()")
    return f"{detached(text)}.clone()"
