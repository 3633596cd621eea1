"""What was read of a project for one file: what its result depends on besides the file itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

MISSING = ""
"""The digest of an unreadable file."""
CHANGED = "changed"
"""The digest of a file that differed between two reads: no file has it, so such a result is never reused."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Digests of files and directories as read; for directories where names start, the import roots; for a file and
    names that it defines, a digest of which files call them."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    roots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    callers: dict[str, str] = field(default_factory=dict)


def digest(raw: bytes) -> str:
    """The digest of these bytes."""
    return blake2b(raw, digest_size=16).hexdigest()


def digest_of_paths(paths: Iterable[str]) -> str:
    """The digest of these paths, in their order."""
    return digest("\0".join(paths).encode("utf-8", "surrogatepass"))


def digest_of_names(names: Iterable[str]) -> str:
    """The digest of the names in a directory that an import can refer to."""
    importable = sorted(name for name in names if name.endswith(".py") or "." not in name)
    return digest("\0".join(importable).encode("utf-8", "surrogatepass"))
