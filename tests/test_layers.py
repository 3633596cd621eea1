"""The layers of the program point one way: a module imports from its own layer and from those below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from conftest import ROOT

LAYERS = [
    {"__main__"},
    {"cli", "flake8"},
    {"server"},
    {"run"},
    {
        "confirm",
        "report",
        "suppress",
        "anchor",
        "comment",
        "annotate",
        "fix",
        "baseline",
        "since",
        "place",
        "drawing",
        "cache",
    },
    {"checks"},
    {"plugged"},
    {"interpret"},
    {"models", "heap", "value", "event", "sharing"},
    {"project"},
    {"lower"},
    {"ir"},
    {"parse", "outline"},
    {"discover"},
    {"source"},
    {"config"},
    {"cards", "declaration", "finding", "gitignore", "markdown", "plain", "plugin", "pool"}
    | {"notebook", "repository", "root", "syntax", "terminal"},
]
DEPTH = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}
ONLY = {
    "libcst": {"parse", "lower", "fix"},
    "torch": {"confirm"},
    "click": {"cli"},
    "pygls": {"server"},
    "lsprotocol": {"server"},
}
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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_downwards(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert own in DEPTH, f"{own}: say in LAYERS where it belongs"
    for name in imports(path):
        first, _, rest = name.partition(".")
        inner = rest.split(".")[0]
        if first == "torchcopylint" and inner in DEPTH:
            assert DEPTH[inner] >= DEPTH[own], f"{own} may not import {inner}"
        assert own in ONLY.get(first, {own}) or (first == "torch" and derives(path)), f"{own} may not import {first}"
        assert derives(path) or not name.startswith("torchcopylint.models.derive"), f"{own} may not derive the table"


def derives(path: Path) -> bool:
    """Whether the module belongs to those that derive the table of torch's calls by running torch."""
    return path.relative_to(PACKAGE).parts[:2] in {("models", "derive"), ("models", "generate.py")}
