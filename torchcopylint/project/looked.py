"""What was looked at of a project for one file: what its result rests on beside the file itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

MISSING = ""
"""The digest of a file that gives no bytes."""
CHANGED = "changed"
"""The digest of a file that was read more than once and differed: no file has it, so nothing rests on that again."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Digests of files and directories as they were read; for directories where names start, the roots of imports."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    roots: dict[str, tuple[str, ...]] = field(default_factory=dict)


def digest(raw: bytes) -> str:
    """What stands for these bytes."""
    return blake2b(raw, digest_size=16).hexdigest()


def digest_of_names(names: Iterable[str]) -> str:
    """What stands for the names in a directory that an import can lead to."""
    importable = sorted(name for name in names if name.endswith(".py") or "." not in name)
    return digest("\0".join(importable).encode("utf-8", "surrogatepass"))
