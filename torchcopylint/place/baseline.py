"""The known findings of a project: a file of fingerprints without line numbers, so that code may move."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from torchcopylint.domain.finding import Finding
from torchcopylint.files.regular import read_regular

VERSION = 1
_LARGEST = 50_000_000
"""The largest baseline that is read, in bytes: a few hundred thousand findings."""


class BaselineError(Exception):
    """An unusable baseline; says which file and why."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A known finding: its file, relative to the baseline's directory; its rule, function and fingerprint."""

    path: str
    code: str
    function: str
    fingerprint: str


@dataclass(frozen=True)
class Baseline:
    """The known findings in a baseline file, which need not exist yet."""

    file: str
    entries: frozenset[Entry] = frozenset()

    def entry(self, finding: Finding) -> Entry:
        """A finding as an entry of the file."""
        return Entry(self.place(finding.path), finding.code, finding.function, finding.fingerprint)

    def place(self, path: str) -> str:
        """A path as written in the file: relative to its directory, with forward slashes."""
        root = os.path.dirname(os.path.abspath(self.file))
        try:
            return os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
        except ValueError:  # another drive
            return os.path.abspath(path).replace(os.sep, "/")

    def knows(self, finding: Finding) -> bool:
        """Whether the finding is known, in its file or in one that no longer exists: then it has moved."""
        entry = self.entry(finding)
        return entry in self.entries or (entry.code, entry.fingerprint) in self._moved

    @cached_property
    def _moved(self) -> frozenset[tuple[str, str]]:
        root = os.path.dirname(os.path.abspath(self.file))
        gone = {path for path in {e.path for e in self.entries} if not os.path.exists(os.path.join(root, path))}
        return frozenset((entry.code, entry.fingerprint) for entry in self.entries if entry.path in gone)

    def updated(self, findings: Iterable[Finding], linted: Iterable[str], add: bool) -> Baseline:
        """The baseline after a run: findings that are gone from the linted files are dropped, new ones are added if
        `add`."""
        found = {self.entry(finding): self.knows(finding) for finding in findings}
        looked_at = {self.place(path) for path in linted}
        root = os.path.dirname(os.path.abspath(self.file))
        left = {
            entry
            for entry in self.entries
            if entry.path not in looked_at and os.path.exists(os.path.join(root, entry.path))
        }
        return Baseline(self.file, frozenset(left | {entry for entry, known in found.items() if known or add}))

    def text(self) -> str:
        """The file: one line per finding, in order, so that changes of it merge."""
        rows = [
            json.dumps({"path": e.path, "code": e.code, "function": e.function, "fingerprint": e.fingerprint})
            for e in sorted(self.entries)
        ]
        inside = ",\n".join(f"    {row}" for row in rows)
        return f'{{\n  "version": {VERSION},\n  "findings": [\n{inside}\n  ]\n}}\n' if rows else _EMPTY


_EMPTY = f'{{\n  "version": {VERSION},\n  "findings": []\n}}\n'


def load(file: str) -> Baseline:
    """The baseline in a file; raises BaselineError."""
    try:
        document = json.loads(read_regular(file, _LARGEST).decode())
    except OSError as error:
        raise BaselineError(f"{file}: the baseline cannot be read: {error.strerror}") from None
    except RecursionError:
        raise BaselineError(f"{file}: not a baseline: it is nested too deeply") from None
    except ValueError as error:
        raise BaselineError(f"{file}: not a baseline: {error}") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BaselineError(f"{file}: not a baseline of version {VERSION}")
    try:
        return Baseline(file, frozenset(Entry(**{key: str(row[key]) for key in _KEYS}) for row in document["findings"]))
    except (KeyError, TypeError):
        raise BaselineError(f"{file}: not a baseline: each finding must have {', '.join(_KEYS)}") from None


_KEYS = ("path", "code", "function", "fingerprint")
