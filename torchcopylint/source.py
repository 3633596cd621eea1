"""A file as text, with what is needed to say where it came from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: the path as the user named it, its decoded text."""

    path: str
    text: str
