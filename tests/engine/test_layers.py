"""The layers of the program point one way: a module imports from its own layer and from those below it."""

from __future__ import annotations

import ast
from collections.abc import Container
from pathlib import Path

import pytest
from workspace import ROOT

LAYERS = [
    {"__main__"},
    {"cli", "flake8", "api"},
    {"server"},
    {"run"},
    {"outcome"},
    {"confirm", "report", "fix", "place", "cache"},
    {"checks"},
    {"interpret"},
    {"models"},
    {"domain.ageing", "domain.heap", "domain.value", "domain.event", "domain.picture"},
    {"project.project"},
    {"project.reading"},
    {"lower", "parse.concrete", "parse.excerpt", "parse.plain"},
    {"parse.from_concrete", "parse.from_ast"},
    {"parse.expression_from_ast"},
    {"parse.stretch"},
    {"ir"},
    {"project.outline", "files.since"},
    {"files.discover"},
    {"files.source"},
    {"config"},
    {"cards", "cache.serialise", "domain", "files", "parse", "pool", "lone", "project", "report.terminal"},
]
"""From the top: rooms, and modules that lie deeper or higher than their room."""
DEPTH = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}
ONLY = {
    "libcst": {"parse", "fix"},
    "torch": {"confirm"},
    "click": {"cli"},
    "pygls": {"server"},
    "lsprotocol": {"server"},
}
READERS = {"parse.concrete", "parse.from_concrete", "parse.older", "parse.cst"}
"""What knows libcst's nodes beside fixes: everything else asks a `Site`."""
ONLY |= {"watchfiles": {"cli"}}

PACKAGE = ROOT / "torchcopylint"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def imports(path: Path) -> set[str]:
    """The full names of what a module imports when it runs; what it imports only for type checkers does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}:{node.lineno}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


CIRCLES = [
    {"interpret.classes", "interpret.elsewhere", "interpret.entry"},
    {f"lower.{name}" for name in ("comprehension", "definition", "expression", "pattern", "statement", "target")},
]
"""What cannot be known one without the other: a class by bases that another file defines, which is entered to know its
classes; and the grammar."""


def test_modules_import_each_other_in_a_circle_only_where_what_they_know_does() -> None:
    assert sorted(map(sorted, circles())) == sorted(map(sorted, CIRCLES))


def circles() -> list[set[str]]:
    """The modules, by their names below the package, that reach each other by way of what they import."""
    names = {name_of(path): path for path in MODULES}
    reached = {name: {module_of(one, names) for one in imports(path)} for name, path in names.items()}
    for middle in names:
        for name, found in reached.items():
            if middle in found:
                reached[name] = found | reached[middle]
    return [set(one) for one in {frozenset(b for b in reached[a] if a in reached.get(b, ())) for a in names} if one]


def name_of(path: Path) -> str:
    """A module's name below the package; that of a room's own module is the room's."""
    return ".".join(part for part in path.relative_to(PACKAGE).with_suffix("").parts if part != "__init__")


def module_of(imported: str, modules: Container[str]) -> str:
    """The module of the package that the full name of something imported leads to; "" where there is none."""
    inner = imported.removeprefix("torchcopylint.")
    return next((name for name in (inner, inner.rpartition(".")[0]) if inner != imported and name in modules), "")


def layer_of(module: str) -> int | None:
    """How deep a module lies, by its name below the package: its own place, else that of its room."""
    parts = module.split(".")
    return next((DEPTH[name] for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in DEPTH), None)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_downwards(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    room, own = parts[0], ".".join(part for part in parts if part != "__init__")
    depth = layer_of(own)
    assert depth is not None, f"{own}: say in LAYERS where it belongs"
    for name in imports(path):
        first, _, inner = name.partition(".")
        if first == "torchcopylint":
            reached = layer_of(inner)
            same_room = inner.split(".")[0] == room and "." not in inner
            assert reached is None or same_room or reached >= depth, f"{own} may not import {inner}"
        assert first != "libcst" or room == "fix" or own in READERS, f"{own} may not know libcst's nodes"
        assert room in ONLY.get(first, {room}) or (first == "torch" and derives(path)), f"{own} may not import {first}"
        assert derives(path) or not name.startswith("torchcopylint.models.derive"), f"{own} may not derive the table"


def derives(path: Path) -> bool:
    """Whether the module belongs to those that derive the table of torch's calls by running torch."""
    return path.relative_to(PACKAGE).parts[:2] in {("models", "derive"), ("models", "generate.py")}


OWN = {"confirm/repro.py", "models/derive", "models/table.py", "report/formats/html.py"}
"""Modules that read files of the program's own."""
OWN |= {"confirm/worker/sandbox.py", "pool.py"}
"""And those that ask the system for what it makes up."""
OWN |= {"cache/level.py"}
"""And what does the same as the reader for things in a directory that was entered."""
READER = "files/regular.py"


def reads(path: Path) -> list[int]:
    """The lines on which a module opens a file to read it, or has that done."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name, words = ast.unparse(node.func), [ast.unparse(word) for word in node.args]
        opens = name in ("open", "io.open", "os.open", "tokenize.open", "fileinput.input")
        writes = words[1:2] in (["'w'"], ["'wb'"], ["'x'"]) or words[:1] == ["os.devnull"]
        if (opens and not writes) or name.endswith((".read_text", ".read_bytes")):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_comes_from_outside_is_read_in_one_place(path: Path) -> None:
    """There it is seen to that it is a regular file, and not too large."""
    name = path.relative_to(PACKAGE).as_posix()
    exempt = any(name.startswith(own) for own in OWN)
    assert exempt or bool(reads(path)) == (name == READER), f"{name}:{reads(path)}: use torchcopylint.files.regular"
