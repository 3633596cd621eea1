"""The paths a user names → the files to lint, sorted, each once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torchcopylint.files.gitignore import Patterns, lines
from torchcopylint.files.regular import Refused, read_regular
from torchcopylint.files.repository import exclude_file
from torchcopylint.files.root import leads_out

if TYPE_CHECKING:
    from torchcopylint.config import Nearest

Skipping = Callable[[str], "tuple[Excludes, ...]"]
"""What to skip in an absolute directory."""


@dataclass(frozen=True, slots=True)
class Excludes:
    """Patterns in the language of .gitignore, and the directory they are relative to."""

    root: str
    patterns: Patterns

    def skip(self, path: str, is_directory: bool) -> bool:
        """Whether a path met below a named directory is excluded."""
        return bool(self.patterns.verdict(self._relative(path), is_directory))

    def skip_named(self, path: str) -> bool:
        """Whether a path that the user named is excluded, itself or through a directory on the way to it."""
        return self.patterns.matches_within(self._relative(path))

    def _relative(self, path: str) -> str:
        parts = os.path.relpath(path, self.root).split(os.sep)
        return "/".join(part for part in parts if part != os.pardir)


def skipping(known: Nearest, here: str = ".") -> Skipping:
    """What is to be skipped by the settings; here: what their own patterns are relative to where no file has them."""
    return lambda directory: tuple(
        Excludes(here if root == "." else root, Patterns(globs)) for root, globs in known.excludes(directory)
    )


@dataclass(slots=True)
class Discovery:
    """What the named paths came to: the files to lint, what cannot be read (and why), the missing.

    directories: all that were walked, as absolute paths.
    """

    files: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)


def discover(paths: Iterable[str], skipping: Skipping, force_exclude: bool = False) -> Discovery:
    """The files under `paths`; `force_exclude` skips even what is named directly."""
    found = Discovery()
    files: dict[str, str] = {}

    def take(path: str) -> None:
        real = os.path.realpath(path)
        files[real] = min(path, files.get(real, path))

    for named in paths:
        path = os.path.normpath(named)
        if not os.path.lexists(named):
            found.missing.append(named)
        elif force_exclude and _skipped(path, skipping):
            continue
        elif os.path.isdir(path):
            for file in _walk(path, skipping, found):
                take(file)
        else:
            take(path)
    found.files = sorted(files.values())
    for path in found.files:  # what was named is read, whatever was thought of it on a walk
        found.unreadable.pop(path, None)
    return found


def _skipped(path: str, skipping: Skipping) -> bool:
    return any(exclude.skip_named(path) for exclude in skipping(os.path.dirname(os.path.abspath(path))))


@dataclass(frozen=True, slots=True)
class _Ignores:
    """The .gitignore files in force in a directory, the nearest first; paths are seen from each one's own directory."""

    layers: tuple[tuple[str, Patterns], ...] = ()

    def entering(self, directory: str, shown: str, unreadable: dict[str, str]) -> _Ignores:
        """The ignores in force inside a directory, by its absolute path and the one shown; a repository starts anew.

        Files of patterns that are refused are added to `unreadable`.
        """
        layers = self.layers
        patterns = [os.path.join(shown, ".gitignore")]
        if os.path.islink(patterns[0]):  # git does not follow it either
            patterns = []
        if os.path.lexists(os.path.join(directory, ".git")):
            layers, patterns = (), [exclude_file(shown), *patterns]
        for path in patterns:
            try:
                layers = ((directory, Patterns(lines(read_regular(path)))), *layers)
            except Refused as error:
                unreadable[os.path.normpath(path)] = str(error)
            except OSError:  # most directories have none
                continue
        return _Ignores(layers)

    def skip(self, path: str, is_directory: bool) -> bool:
        """Whether git would ignore `path`, an absolute path inside every layer's directory."""
        for base, patterns in self.layers:
            relative = path[len(base.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
            verdict = patterns.verdict(relative, is_directory)
            if verdict is not None:
                return verdict
        return False


def _above(directory: str, unreadable: dict[str, str]) -> _Ignores:
    """The ignores that the directories above `directory` contribute, if one of them is a repository's top."""
    chain = []
    while not os.path.lexists(os.path.join(directory, ".git")):
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return _Ignores()
        chain.append(directory)
    ignores = _Ignores()
    for above in reversed(chain):
        ignores = ignores.entering(above, above, unreadable)
    return ignores


def _walk(top: str, skipping: Skipping, found: Discovery) -> Iterator[str]:
    """The Python files under `top`; links to directories are not followed, so no walk is endless."""
    absolute = os.path.abspath(top)
    pending = [(top, absolute, _above(absolute, found.unreadable))]
    while pending:
        shown, directory, ignores = pending.pop()
        ignores = ignores.entering(directory, shown, found.unreadable)
        try:
            entries = list(os.scandir(shown))
        except OSError as error:
            found.unreadable[shown] = error.strerror or str(error)
            continue
        if directory != absolute and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        found.directories.append(directory)
        excludes = skipping(directory)
        for entry in entries:
            is_directory = entry.is_dir(follow_symlinks=False)
            if not is_directory and not _is_python(entry):
                continue
            path, place = os.path.normpath(entry.path), os.path.join(directory, entry.name)
            if ignores.skip(place, is_directory) or any(exclude.skip(path, is_directory) for exclude in excludes):
                continue
            if is_directory:
                pending.append((path, place, ignores))
            elif entry.is_symlink() and leads_out(path, top):
                found.unreadable[path] = "it is a link that leads out of the project"
            else:
                yield path


def _is_python(entry: os.DirEntry[str]) -> bool:
    """Whether there is something that is called like code; whether it can be read shows when that is tried."""
    try:
        named = entry.name.endswith((".py", ".ipynb"))
        return named and (entry.is_file() or (not entry.is_dir() and os.path.exists(entry.path)))
    except OSError:  # a link that leads in a circle
        return False
