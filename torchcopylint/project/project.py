"""The files around a file: which of them a name refers to, their outlines, and their code on request."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from torchcopylint.domain.handed import CallSite
from torchcopylint.files.discover import python_files
from torchcopylint.files.root import entries, leads_out, root_of
from torchcopylint.files.source import Source, Unreadable, decode, read_bytes
from torchcopylint.project.importers import Importers
from torchcopylint.project.looked import CHANGED, MISSING, Looked, digest, digest_of_names, digest_of_paths
from torchcopylint.project.outline import Definition, Outline, outline
from torchcopylint.project.reading import Reading, by_libcst, by_python

if TYPE_CHECKING:
    from torchcopylint.domain.finding import Span
    from torchcopylint.ir import Function, Module, syntax
    from torchcopylint.ir.site import Site

_LARGEST = 400_000
"""The largest file that is read, in bytes: larger ones are generated or data."""
_MOST_FILES = 2000
"""The largest project in which callers are looked for, in files."""
_LONGEST_CHAIN = 8
"""The number of re-exports that are followed from one name."""


Names: TypeAlias = tuple[str, ...]
Ways: TypeAlias = tuple[tuple[tuple[str, str], ...], frozenset[str]]


class Place(NamedTuple):
    """What a name refers to: the file, its outline, and the definition there."""

    path: str
    outline: Outline
    definition: Definition


@dataclass(slots=True)
class Project:
    """What has been read of the files around the linted ones; kept for the whole run.

    Files outside the project's root are never read: the nearest directory upwards with a project file, otherwise the
    one above the outermost package.
    """

    outlines: dict[str, Outline | None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    listings: dict[str, frozenset[str]] = field(default_factory=dict)
    by_libcst: Reading | None = None
    by_python: Reading | None = None
    bounds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    begun: dict[tuple[str, int, str], tuple[str, ...]] = field(default_factory=dict)
    walked: dict[tuple[str, str, bool], Ways] = field(default_factory=dict)
    underway: list[object] = field(default_factory=list)
    """What is being found out about other files just now, each because of the one before."""
    importing: dict[str, Importers] = field(default_factory=dict)
    scanned: set[str] = field(default_factory=set)
    """Files and directories that were searched for imports."""
    calls: dict[str, tuple[CallSite, ...]] = field(default_factory=dict)
    """File → what it calls of the project, with what it hands over."""

    def around(self, path: str) -> Surroundings:
        """What a file sees."""
        return Surroundings(self, os.path.abspath(path))

    def outline(self, path: str) -> Outline | None:
        """The outline of a file, or None if it cannot be read."""
        if path not in self.outlines:
            text = self.texts.pop(path, None) or self.text(path)
            self.outlines[path] = outline(text) if text is not None else None
        return self.outlines[path]

    def mentions(self, path: str, name: str) -> bool:
        """Whether a file can define a name at all: a cheap test, because most star-imported files do not."""
        if path in self.outlines:
            return True
        if path not in self.texts:
            self.texts[path] = self.text(path) or ""
        text = self.texts[path]
        return name in text or "import *" in text

    def text(self, path: str) -> str | None:
        """The text of a file; None if it cannot be read, is too large, or is outside the project."""
        try:
            return decode(path, self._bytes(path)).text
        except Unreadable:
            return None

    def _bytes(self, path: str) -> bytes:
        """The bytes of a file, whose digest is recorded; raises Unreadable."""
        found = MISSING
        try:
            if leads_out(path):
                raise Unreadable("it is outside the project")
            raw = read_bytes(path, _LARGEST)
            found = digest(raw)
            return raw
        finally:
            if self.digests.setdefault(path, found) != found:
                self.digests[path] = CHANGED

    def digest(self, path: str) -> str:
        """The digest of a file's bytes as first read."""
        if path not in self.digests:
            with suppress(Unreadable):
                self._bytes(path)
        return self.digests[path]

    def is_as(self, looked: Looked) -> bool:
        """Whether everything that was read is unchanged."""
        return (
            all(self.digest(path) == then for path, then in looked.files.items())
            and all(digest_of_names(self.entries(path)) == then for path, then in looked.folders.items())
            and all(self.roots(path) == then for path, then in looked.roots.items())
            and all(digest_of_paths(self.callers(*_asked(key))) == then for key, then in looked.callers.items())
        )

    def callers(self, path: str, names: Names) -> tuple[str, ...]:
        """The first files of the project around a file that import it and call one of the names it defines."""
        directory, name = os.path.split(path)
        module = os.path.basename(directory) if name == "__init__.py" else name.removesuffix(".py")
        return self.importers(directory).calling(module, names, path)

    def importers(self, directory: str) -> Importers:
        """Which files of a directory's project import what; without a project file, those of the directory alone."""
        root = self.roots(directory)[0]
        marked = root_of(root, self.entries) == root
        home = root if marked else directory
        if home not in self.importing:
            known = self.importing[home] = Importers()
            files, directories = python_files(home, _MOST_FILES, marked)
            self.scanned.update(files, directories)
            for path in files:
                known.add(path, self.text(path) or "")
        return self.importing[home]

    @property
    def concrete(self) -> Reading:
        """The files as libcst reads them."""
        if self.by_libcst is None:
            self.by_libcst = by_libcst()
        return self.by_libcst

    @property
    def plain(self) -> Reading:
        """The files as Python reads them."""
        if self.by_python is None:
            self.by_python = by_python()
        return self.by_python

    def entries(self, directory: str) -> frozenset[str]:
        """The names in a directory; none if there is no such directory."""
        known = self.listings.get(directory)
        if known is None:
            known = self.listings[directory] = entries(directory)
        return known

    def roots(self, directory: str) -> tuple[str, ...]:
        """The project's root, then where absolute imports of a file in this directory may start, nearest first."""
        if directory not in self.bounds:
            package = directory
            while "__init__.py" in self.entries(package) and os.path.dirname(package) != package:
                package = os.path.dirname(package)
            root = root_of(package, self.entries) or package
            starts = dict.fromkeys((directory, package, os.path.join(root, "src"), root))
            self.bounds[directory] = (root, *starts)
        return self.bounds[directory]

    def starts(self, directory: str, level: int, bound: str) -> tuple[str, ...]:
        """The directories within `bound` where a name imported in a file of this directory, with that many dots, is
        looked up."""
        key = (directory, level, bound)
        if key not in self.begun:
            above = directory
            for _ in range(level - 1):
                above = os.path.dirname(above)
            every = (above,) if level else self.roots(directory)[1:]
            self.begun[key] = tuple(start for start in every if os.path.commonpath((start, bound)) == bound)
        return self.begun[key]

    def below(self, directory: str, name: str, inside: bool) -> Ways:
        """(file, member) for each way to read a dotted name starting at a directory, and the directories read. inside:
        the directory is a package that contains the name.
        """
        key = (directory, name, inside)
        if key not in self.walked:
            folders: set[str] = set()
            self.walked[key] = (tuple(self._walk(directory, name.split("."), inside, folders)), frozenset(folders))
        return self.walked[key]

    def _walk(self, directory: str, parts: list[str], inside: bool, folders: set[str]) -> Iterator[tuple[str, str]]:
        for i, part in enumerate(parts):
            folders.add(directory)
            entries = self.entries(directory)
            if (i or inside) and "__init__.py" in entries:
                yield os.path.join(directory, "__init__.py"), ".".join(parts[i:])
            if f"{part}.py" in entries:
                yield os.path.join(directory, f"{part}.py"), ".".join(parts[i + 1 :])
            if part not in entries:
                return
            directory = os.path.join(directory, part)


@dataclass(slots=True)
class Surroundings:
    """The project as one file sees it; used, folders, homes: the files and directories that were read for it.

    homes: those whose roots determine where names are looked up. screens: whether this is for a first look.
    """

    project: Project
    path: str
    used: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    screens: bool = False
    homes: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], Place | None] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    """What of this file was asked for → a digest of the files that call it."""
    sites: dict[tuple[str, str], Mapping[tuple[str, str], list[tuple[str, CallSite]]]] = field(default_factory=dict)
    """Where calls are and the text of this file → its functions and methods, with the calls of them that were found."""

    def screening(self) -> Surroundings:
        """The same for a first look, which uses Python's own tree of each file."""
        return replace(self, screens=True)

    def find(self, name: str, home: str = "") -> Place | None:
        """The definition that a fully qualified name, imported in `home` (this file), refers to; None if it is not in
        the project."""
        key = (name, os.path.dirname(home or self.path))
        if key not in self.found:
            self.found[key] = self._find(name, home or self.path, 0)
        return self.found[key]

    def looked(self) -> Looked:
        """What was read for the file, as it was at that time."""
        project = self.project
        return Looked(
            {path: project.digest(path) for path in sorted(self.used)},
            {path: digest_of_names(project.entries(path)) for path in sorted(self.folders)},
            {path: project.roots(path) for path in sorted(self.homes)},
            dict(self.called),
        )

    def callers(self, names: Names) -> tuple[str, ...]:
        """The first files of the project that import this one and call one of these names that it defines."""
        found = self.project.callers(self.path, names)
        self.used.update(found)
        self.called[_ASKED.join((self.path, *names))] = digest_of_paths(found)
        return found

    def calls(self, path: str, read: Callable[[Module, frozenset[str]], Iterator[CallSite]]) -> tuple[CallSite, ...]:
        """What a file calls of the project, as `read` tells from its code, or such of it as speaks of its imports."""
        project = self.project
        if path not in project.calls:
            words = project.importers(os.path.dirname(self.path)).words.get(path, frozenset())
            module = project.plain.part(path, project.text(path) or "", words)
            project.calls[path] = tuple(read(module, words)) if module is not None else ()
        return project.calls[path]

    def own_code(self, tree: syntax.Module, source: Source) -> Module:
        """The code of this file; for a first look it is kept for those who ask what it calls."""
        from torchcopylint.lower import lower

        if self.screens and source.notebook is None:
            return self.project.plain.code(source)
        return lower(tree, displayed=source.notebook.displayed if source.notebook else frozenset())

    def leads_here(self, name: str, home: str, chain: int = 0) -> str:
        """What of this file a full name imported in another one refers to, perhaps through a third; "" for nothing."""
        for path, member in self._modules(name, home) if chain <= _LONGEST_CHAIN else ():
            if path == self.path:
                return member
            first, dot, rest = member.partition(".")
            self.used.add(path)
            seen = self.project.outline(path) if first and self.project.mentions(path, first) else None
            other = seen.imports.get(first, "") if seen is not None else ""
            found = self.leads_here(f"{other}{dot}{rest}", path, chain + 1) if other else ""
            if found:
                return found
        return ""

    def module(self, place: Place) -> Module | None:
        """The code of the file that contains a definition; for a first look, libcst is used only if Python cannot read
        it."""
        name, text = self.name_of(place.path), self.project.text
        plain = self.project.plain.module(place.path, name, text) if self.screens else None
        return plain or self.project.concrete.module(place.path, name, text)

    def beside(self, path: str) -> Surroundings:
        """The project as another file sees it, read in the same way."""
        return replace(self.project.around(path), screens=self.screens)

    def depend_on(self, other: Surroundings) -> None:
        """What was read for the other file was read for this one."""
        self.used |= other.used - {self.path}
        self.folders |= other.folders
        self.homes |= other.homes

    def notes(self, path: str) -> dict[object, object]:
        """What was noted down of a file whose code was read."""
        return self._reading(path).notes.setdefault(path, {})

    def code(self, path: str) -> Function | None:
        """The code of a file as it is kept; None where it is not."""
        modules = self._reading(path).modules
        module = modules.get(path)
        if module is not None:
            modules.move_to_end(path)
        return module.top if module is not None else None

    def _reading(self, path: str) -> Reading:
        """The reading that the code of a file is from."""
        plain = self.project.plain
        return plain if self.screens and plain.modules.get(path) is not None else self.project.concrete

    def spans_of(self, sites: list[Site]) -> dict[object, tuple[str, Span]]:
        """The positions of syntax in other files: the file, as a relative path, and the span."""
        from torchcopylint.parse.concrete import spans_of

        found: dict[object, tuple[str, Span]] = {}
        for path in sorted(self.used) if sites else ():
            module = self.project.concrete.modules.get(path)
            if module is not None:
                shown, tree = os.path.relpath(path), cast("syntax.Module", module.top.node)
                found.update({site: (shown, span) for site, span in spans_of(tree, sites).items()})
        return found

    def name_of(self, path: str) -> str:
        """The prefix of the function names of a file: its path from the project's root, without dots."""
        root = self._roots(self.path)[0]
        return os.path.relpath(path, root).removesuffix(".py").replace(os.sep, "/").replace(".", "_").replace(":", "_")

    def _roots(self, path: str) -> tuple[str, ...]:
        """The roots of the directory of a file, which are recorded."""
        home = os.path.dirname(path)
        self.homes.add(home)
        return self.project.roots(home)

    def _find(self, name: str, home: str, chain: int) -> Place | None:
        if chain > _LONGEST_CHAIN:
            return None
        for path, member in self._modules(name, home):
            if path == self.path:
                continue
            self.used.add(path)
            plain = member and "." not in member and self.project.mentions(path, member)
            found = self._member(path, member, chain) if plain else None
            if found is not None:
                return found
        return None

    def _member(self, path: str, member: str, chain: int) -> Place | None:
        seen = self.project.outline(path)
        if seen is None:
            return None
        if member in seen.definitions:
            return Place(path, seen, seen.definitions[member])
        other = seen.imports.get(member) or seen.aliases.get(member)
        if other is not None:
            full = seen.full(other) if member in seen.aliases else other
            local = "." not in full
            return (
                self._member(path, full, chain + 1) if local and full != member else self._find(full, path, chain + 1)
            )
        starred = (self._find(_joined(star, member), path, chain + 1) for star in seen.stars)
        return next((found for found in starred if found is not None), None)

    def _modules(self, name: str, home: str) -> Iterator[tuple[str, str]]:
        """(file, member) for each way to read a dotted name as a module and something in it."""
        bound = self._roots(self.path)[0]
        self._roots(home)
        level = len(name) - len(name.lstrip("."))
        for start in self.project.starts(os.path.dirname(home), level, bound):
            ways, folders = self.project.below(start, name[level:], bool(level))
            self.folders |= folders
            yield from ways


_ASKED = "\n"


def _asked(key: str) -> tuple[str, Names]:
    """The file and the names of a question for callers."""
    path, *names = key.split(_ASKED)
    return path, tuple(names)


def _joined(module: str, member: str) -> str:
    return f"{module}{'' if module.endswith('.') else '.'}{member}"
