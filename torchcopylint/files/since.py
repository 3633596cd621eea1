"""Which lines changed since a revision, according to git, asked once per repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from torchcopylint.domain.finding import Finding, Span
from torchcopylint.files.repository import top_of

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_CHARS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


_OPTIONS = (
    *("--text", "--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
    *("--unified=0", "--inter-hunk-context=0", "--find-renames", "--diff-filter=d"),
    *("--src-prefix=a/", "--dst-prefix=b/"),
)
"""Plain lines of every file, whatever the repository's settings and attributes say; other repositories in it are none
of this one's, and git would start a git of its own in them."""

_SETTINGS = ("core.quotepath=on", "core.fsmonitor=", f"core.hooksPath={os.devnull}")
_SURROUNDINGS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
"""What a repository's own settings would have git start is not started: no hooks, no monitor of files, and nothing by
which git would fetch what a partial clone lacks."""


class GitError(Exception):
    """An error from git, in its own words."""


class Since:
    """The lines changed in the working tree since a revision (or since the merge base with it)."""

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
        """The changed lines of a file; None: all of them, because it is new."""
        real = os.path.realpath(path)
        top = top_of(os.path.dirname(real))
        if top is None:
            raise GitError(f"{path}: is not in a git repository, so its changes are unknown")
        if top not in self._repositories:
            self._repositories[top] = self._changed(top)
        return self._repositories[top].get(os.path.relpath(real, top).replace(os.sep, "/"), [])

    def _changed(self, top: str) -> dict[str, list[range] | None]:
        if self._revision.startswith("-"):
            raise GitError(f"{self._revision!r} is not a revision")
        commit = _git(top, "rev-parse", "--verify", "--quiet", f"{self._revision}^{{commit}}").strip()
        if not commit:
            raise GitError(f"{self._revision!r} is not a revision of {top}")
        parted = _git(top, "merge-base", commit, "HEAD").strip() or commit
        text = _git(top, "diff", *_OPTIONS, parted, "--", check=True, settings=tuple(_no_filters(top)))
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
    """A name with unusual characters as git writes it: in quotes, bytes in octal."""
    if not name.startswith('"'):
        return name
    parts = _ESCAPE.sub(lambda m: chr(int(m[1], 8)) if m[1].isdigit() else _CHARS.get(m[1], m[1]), name[1:-1])
    return os.fsdecode(parts.encode("latin-1", "replace"))


def _no_filters(top: str) -> Iterator[str]:
    """Settings by which every filter that is known to git is none; raises GitError."""
    keys = _git(top, "config", "--null", "--name-only", "--get-regexp", r"^filter\.").split("\0")
    for name in dict.fromkeys(key.removeprefix("filter.").rpartition(".")[0] for key in keys if key):
        if "=" in name or "\n" in name:  # where it ends could not be said
            raise GitError(f"the settings of {top} name a filter {name!r}, which git may not be kept from starting")
        yield from (f"filter.{name}.{key}" for key in ("clean=", "smudge=", "process=", "required=false"))


def _git(top: str, *arguments: str, check: bool = False, settings: tuple[str, ...] = ()) -> str:
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is not None and not os.path.isabs(git):  # by a relative entry of PATH
        raise GitError(f"git is {os.path.abspath(git)!r}, which may belong to the linted code, so it is not run")
    told = (word for setting in (*_SETTINGS, *settings) for word in ("-c", setting))
    command = [git or "git", "--no-pager", "-C", top, *told, *arguments]
    environment = {**os.environ, **_SURROUNDINGS}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
    except OSError as error:
        raise GitError(f"cannot run git: {error.strerror}") from None
    if check and done.returncode:
        raise GitError(f"git: {' '.join(os.fsdecode(done.stderr).split())}")
    return os.fsdecode(done.stdout) if not done.returncode else ""
