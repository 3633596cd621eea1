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
"""The exclusions in an absolute directory."""


@dataclass(frozen=True, slots=True)
class Excludes:
    """Patterns in .gitignore syntax, and the directory they are relative to."""

    root: str
    patterns: Patterns

    def skip(self, path: str, is_directory: bool) -> bool:
        """Whether a path found below a given directory is excluded."""
        return bool(self.patterns.verdict(self._relative(path), is_directory))

    def skip_named(self, path: str) -> bool:
        """Whether a path given by the user is excluded, itself or through a parent directory."""
        return self.patterns.matches_within(self._relative(path))

    def _relative(self, path: str) -> str:
        parts = os.path.relpath(path, self.root).split(os.sep)
        return "/".join(part for part in parts if part != os.pardir)


def skipping(known: Nearest, here: str = ".") -> Skipping:
    """The exclusions from the settings; here: the directory their patterns are relative to if they come from no
    file."""
    return lambda directory: tuple(
        Excludes(here if root == "." else root, Patterns(globs)) for root, globs in known.excludes(directory)
    )


@dataclass(slots=True)
class Discovery:
    """The result for the given paths: the files to lint, unreadable paths (and why), missing paths. directories: all
    that were searched, as absolute paths.
    """

    files: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)


def discover(paths: Iterable[str], skipping: Skipping, force_exclude: bool = False) -> Discovery:
    """The files under `paths`; `force_exclude` applies exclusions even to paths given directly."""
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
    for path in found.files:  # a file given directly is read, even if the search skipped it
        found.unreadable.pop(path, None)
    return found


def _skipped(path: str, skipping: Skipping) -> bool:
    return any(exclude.skip_named(path) for exclude in skipping(os.path.dirname(os.path.abspath(path))))


@dataclass(frozen=True, slots=True)
class _Ignores:
    """The .gitignore files that apply in a directory, the nearest first; paths are relative to the directory of each
    file."""

    layers: tuple[tuple[str, Patterns], ...] = ()

    def entering(self, directory: str, shown: str, unreadable: dict[str, str]) -> _Ignores:
        """The ignore files that apply inside a directory, by its absolute path and the one shown; a repository starts
        anew.

        Ignore files that are rejected are added to `unreadable`.
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
    """The ignore files of the directories above `directory`, if one of them is the top of a repository."""
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
    """The Python files under `top`; links to directories are not followed, so the search ends."""
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


def python_files(top: str, most: int, deep: bool = True) -> tuple[list[str], list[str]]:
    """The Python files under a directory, or directly in it, sorted, and the directories searched.

    No files where there are more than so many, or more directories: what is left out would be a matter of chance.
    """
    found, files = Discovery(), list[str]()
    for path in _walk(top, lambda _: (), found):
        if not deep and os.path.dirname(path) != top:
            break
        files.append(path)
        if len(files) > most or len(found.directories) > most:
            return [], found.directories
    return sorted(path for path in files if path.endswith(".py")), found.directories


def _is_python(entry: os.DirEntry[str]) -> bool:
    """Whether there is a file with a code suffix; whether it is readable is found out later."""
    try:
        named = entry.name.endswith((".py", ".ipynb"))
        return named and (entry.is_file() or (not entry.is_dir() and os.path.exists(entry.path)))
    except OSError:  # a circular link
        return False
