"""The program at a revision of this repository."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

WORKING_TREE = frozenset({".", "WORKTREE"})
_CODE = ("torchcopylint", "rules")
"""What of a revision the findings depend on."""
_NOBODY = {
    f"GIT_{who}_{what}": said
    for who in ("AUTHOR", "COMMITTER")
    for what, said in (("NAME", "diff"), ("EMAIL", "diff@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision as it was asked for, its commit, and what stands for its code: equal where the code is equal."""

    name: str
    commit: str
    code: str

    def __str__(self) -> str:
        return f"{self.name} ({self.commit[:10]})" if self.name not in self.commit else self.commit[:10]


def resolve(name: str, root: Path) -> Revision:
    """The revision of that name in the repository at root; raises ValueError where there is none.

    The working tree is committed as it is, on no branch: what changes in it during a run does not count.
    """
    commit = _snapshot(root) if name in WORKING_TREE else _git(root, "rev-parse", "--verify", f"{name}^{{commit}}")
    trees = [_git(root, "rev-parse", "--verify", f"{commit}:{part}") for part in _CODE]
    return Revision(
        "the working tree" if name in WORKING_TREE else name, commit, sha256(repr(trees).encode()).hexdigest()
    )


@contextmanager
def checked_out(revision: Revision, root: Path) -> Iterator[Path]:
    """A temporary folder with the revision's files."""
    with tempfile.TemporaryDirectory(prefix="torchcopylint-") as scratch:
        folder = Path(scratch) / "revision"
        _git(root, "worktree", "add", "--quiet", "--detach", str(folder), revision.commit)
        try:
            yield folder
        finally:
            _git(root, "worktree", "remove", "--force", str(folder))


def _snapshot(root: Path) -> str:
    """A commit of the working tree's code, tracked or not, made without touching the index."""
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git(root, "read-tree", "HEAD", **index)
        _git(root, "add", "--all", *_CODE, **index)
        tree = _git(root, "write-tree", **index)
    return _git(root, "commit-tree", tree, "-p", "HEAD", "-m", "The working tree", **_NOBODY)


def _git(root: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        raise ValueError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
