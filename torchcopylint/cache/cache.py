"""Cached results of earlier runs: valid while the file, everything read for it, and the program are unchanged."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from torchcopylint import __version__, cards
from torchcopylint.cache.folder import Folder
from torchcopylint.cache.serialise import Plain, plain, revived
from torchcopylint.files.regular import MOST, read_regular
from torchcopylint.files.root import entries, root_of
from torchcopylint.project.looked import Looked, digest
from torchcopylint.project.project import Project

NAME = ".torchcopylint_cache"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Entry:
    """A cache entry for a file: its digest, what else was read for it, the result."""

    digest: str
    looked: Looked
    result: Plain


@dataclass
class Cache:
    """A folder of results, one file for each linted path and its settings; an unwritable folder stores none.

    project: the surrounding files in their current state.
    """

    folder: Folder
    project: Project = field(default_factory=Project)

    @cached_property
    def program(self) -> str:
        """The identity of this program and its plugins: the version, the size and time of each file and card."""
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        names = [os.path.join(top, name) for top, _, some in os.walk(here) for name in some if name.endswith(".py")]
        names += [str(rule.path) for rule in cards.rules()]
        names += {str(check) for rule in cards.rules() if rule.plugin for check in rule.path.parent.rglob("*.py")}
        stats = [(name, *_stamp(name)) for name in sorted(names)]
        return digest(repr((__version__, stats)).encode())

    def find(self, path: str, settings: object, kind: type[Result]) -> Result | None:
        """The result of that kind for the current file, or None."""
        try:
            entry: Entry = revived(json.loads(self.folder.read(*self._place(path, settings))), Entry)
            valid = entry.digest == digest(read_regular(path, MOST)) and self.project.is_as(entry.looked)
            return revived(entry.result, kind) if valid else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError):
            return None  # an unreadable entry counts as missing

    def keep(self, path: str, raw: bytes, settings: object, result: object, looked: Looked) -> None:
        """Stores a result, with what was read for it."""
        entry = Entry(digest(raw), looked, plain(result))
        with suppress(OSError):
            self.folder.write(*self._place(path, settings), json.dumps(plain(entry)).encode())

    def _place(self, path: str, settings: object) -> tuple[str, str]:
        """The shelf, and the name of the file on it."""
        name = digest(repr((self.program, os.getcwd(), path, settings)).encode())
        return name[:2], f"{name[2:]}.json"


def default_folder(path: str) -> Folder:
    """The cache directory of a run that begins with this path: in its project's root, otherwise in the current
    directory."""
    directory = os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path) or ".")
    return Folder(root_of(directory, entries) or os.getcwd(), (NAME,))


def _stamp(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns
