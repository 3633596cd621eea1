"""The .gitignore pattern syntax, which the exclude options share."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from torchcopylint.files.glob import Glob


class _Pattern(NamedTuple):
    glob: Glob
    on_name: bool
    only_directories: bool
    ignores: bool


class Patterns:
    """An ordered list of patterns, as in one .gitignore file; the last match decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._others: list[tuple[int, _Pattern]] = []
        self._names: dict[bytes, list[tuple[int, _Pattern]]] = {}
        """Most patterns are literal names, which are looked up."""
        for entry in enumerate(pattern for pattern in map(_compile, lines) if pattern):
            glob, on_name, *_ = entry[1]
            if on_name and glob.literal is not None:
                self._names.setdefault(glob.literal, []).append(entry)
            else:
                self._others.append(entry)

    def verdict(self, path: str, is_directory: bool) -> bool | None:
        """Whether `path` (with slashes, relative to the patterns' directory) is ignored; None: nothing matches it."""
        whole = _bytes(path)
        name = whole.rpartition(b"/")[2]
        last, verdict = -1, None
        for number, pattern in self._names.get(name, ()):
            if is_directory or not pattern.only_directories:
                last, verdict = number, pattern.ignores
        for number, (glob, on_name, only_directories, ignores) in reversed(self._others):
            if number < last:
                break
            if (is_directory or not only_directories) and glob.matches(name if on_name else whole):
                return ignores
        return verdict

    def matches_within(self, path: str) -> bool:
        """Whether the file `path` or one of its parent directories is ignored."""
        cut = path.find("/")
        while cut >= 0:
            if self.verdict(path[:cut], is_directory=True):
                return True
            cut = path.find("/", cut + 1)
        return bool(self.verdict(path, is_directory=False))


def lines(raw: bytes) -> list[str]:
    """The lines of a .gitignore file."""
    return raw.decode("utf-8-sig", "surrogateescape").split("\n")


@lru_cache(1024)
def _compile(line: str) -> _Pattern | None:
    line = _without_trailing_blanks(line.removesuffix("\n").removesuffix("\r").partition("\0")[0])
    if not line or line.startswith("#"):
        return None
    ignores = not line.startswith("!")
    line = line if ignores else line[1:]
    only_directories = line.endswith("/")
    line = line[:-1] if only_directories else line
    on_name = "/" not in line
    glob = Glob(_bytes(line.removeprefix("/")))
    return _Pattern(glob, on_name, only_directories, ignores) if line else None


def _bytes(text: str) -> bytes:
    """A name or a pattern as git sees it: `?` is one byte. A name that is not text keeps its bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a name on Windows
        return text.encode("utf-8", "surrogatepass")


def _without_trailing_blanks(line: str) -> str:
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if backslashes % 2 and bare != line else bare
