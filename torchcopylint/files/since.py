"""Which lines changed since a revision: asked of git, once per repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from torchcopylint.domain.finding import Finding, Span
from torchcopylint.files.repository import top_of

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_CHARS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class GitError(Exception):
    """What git could not tell, in its words."""


class Since:
    """The lines changed since a revision (where the branches parted, if they did), in the working tree."""

    def __init__(self, revision: str) -> None:
        self._revision = revision
        self._repositories: dict[str, dict[str, list[range] | None]] = {}

    def touches(self, path: str) -> bool:
        """Whether anything in the file changed; raises GitError."""
        return self._lines(path) != []

    def shows(self, finding: Finding) -> bool:
        """Whether the finding, or a step that leads to it, is on a changed line."""
        spans = [(finding.path, finding.span), *((note.path or finding.path, note.span) for note in finding.notes)]
        return any(self._changed_at(path, span) for path, span in spans)

    def _changed_at(self, path: str, span: Span) -> bool:
        try:
            lines = self._lines(path)
        except GitError:  # a step that leads into another repository, or out of all of them
            return False
        return lines is None or _meets(span, lines)

    def _lines(self, path: str) -> list[range] | None:
        """The changed lines of a file; None: all of them, for it is new."""
        real = os.path.realpath(path)
        top = top_of(os.path.dirname(real))
        if top is None:
            raise GitError(f"{path}: is in no git repository, so nothing is known of what changed in it")
        if top not in self._repositories:
            self._repositories[top] = self._changed(top)
        return self._repositories[top].get(os.path.relpath(real, top).replace(os.sep, "/"), [])

    def _changed(self, top: str) -> dict[str, list[range] | None]:
        if self._revision.startswith("-"):
            raise GitError(f"{self._revision!r} is no revision")
        commit = _git(top, "rev-parse", "--verify", "--quiet", f"{self._revision}^{{commit}}").strip()
        if not commit:
            raise GitError(f"{self._revision!r} is no revision of {top}")
        parted = _git(top, "merge-base", commit, "HEAD").strip() or commit
        options = ("--no-color", "--no-ext-diff", "--no-textconv", "--unified=0", "--find-renames", "--diff-filter=d")
        text = _git(top, "diff", *options, "--src-prefix=a/", "--dst-prefix=b/", parted, "--", check=True)
        changed = _ranges(text.split("\n"))
        new = _git(top, "ls-files", "--others", "--exclude-standard", "-z", "--full-name", check=True)
        return {**changed, **dict.fromkeys(filter(None, new.split("\0")))}


def _meets(span: Span, lines: Iterable[range]) -> bool:
    return any(span.line < changed.stop and changed.start <= span.end_line for changed in lines)


def _ranges(diff: Iterable[str]) -> dict[str, list[range] | None]:
    found: dict[str, list[range] | None] = {}
    current: list[range] = []
    left = 0
    for row in diff:
        if left and row[:1] in "+-\\":
            left -= row[:1] == "+"
            continue
        if row.startswith("+++ "):
            current = []
            found[_unquoted(row[4:].rstrip("\t")).removeprefix("b/")] = current
        elif match := _HUNK.match(row):
            start, count = int(match[1]), int(match[2] or 1)
            left = count
            current.append(range(start, start + count) if count else range(start, start + 2))
    return found


def _unquoted(name: str) -> str:
    """A name as git writes it where it holds odd characters: in quotes, bytes in octal."""
    if not name.startswith('"'):
        return name
    parts = _ESCAPE.sub(lambda m: chr(int(m[1], 8)) if m[1].isdigit() else _CHARS.get(m[1], m[1]), name[1:-1])
    return os.fsdecode(parts.encode("latin-1", "replace"))


def _git(top: str, *arguments: str, check: bool = False) -> str:
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is not None and not os.path.isabs(git):  # by a relative entry of PATH
        raise GitError(f"git is {os.path.abspath(git)!r}, which may be here to be linted, and is not started")
    # What a repository's own configuration would have git start is not started.
    settings = ("core.quotepath=on", "core.fsmonitor=false", f"core.hooksPath={os.devnull}")
    command = [git or "git", "-C", top, *(word for setting in settings for word in ("-c", setting)), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None
    if check and done.returncode:
        raise GitError(f"git: {' '.join(os.fsdecode(done.stderr).split())}")
    return os.fsdecode(done.stdout) if not done.returncode else ""
