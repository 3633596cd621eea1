"""Text → what other files may use from it: imports, classes with their bases, functions, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from torchcopylint.parse.newer import readable
from torchcopylint.parse.python import Complaint, TooDeep


@dataclass(frozen=True)
class Definition:
    """A class or function at the top level of a file. bases: dotted, as written. source: its own lines, as read by the
    running Python, parsed only if someone asks what the code does.
    """

    name: str
    kind: str
    bases: tuple[str, ...] = ()
    source: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        """Attributes, names called, keywords, "+=" and "[]=" in its code, as an IR function counts them."""
        return frozenset(_words(self._tree()))

    @cached_property
    def called(self) -> frozenset[str]:
        """What its code calls as a part of something, as dotted names: `engine.train_one_epoch`."""
        calls = (node.func for node in ast.walk(self._tree()) if isinstance(node, ast.Call))
        return frozenset(name for func in calls if isinstance(func, ast.Attribute) and (name := _dotted(func)))

    @cached_property
    def returns(self) -> str:
        """A function's return annotation, or the name of the one thing that every `return` calls; "" otherwise."""
        tree = self._tree() if self.kind == "function" else None
        return _returned(tree) if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) else ""

    def _tree(self) -> ast.stmt:
        (tree,) = ast.parse(f"if 1:\n{self.source}" if self.source[:1].isspace() else self.source).body
        return tree.body[0] if isinstance(tree, ast.If) else tree


@dataclass(frozen=True, slots=True)
class Outline:
    """A file's definitions by name; imports and plain aliases by local name, as dotted names; modules starred in."""

    definitions: Mapping[str, Definition]
    imports: Mapping[str, str]
    aliases: Mapping[str, str]
    stars: tuple[str, ...] = ()

    def full(self, dotted: str) -> str:
        """A name as written in the file, with its first part replaced by what it was imported from."""
        first, dot, rest = dotted.partition(".")
        return f"{self.imports.get(first, first)}{dot}{rest}"


EMPTY = Outline({}, {}, {})


def outline(text: str) -> Outline:
    """The outline of a file's text; an empty one if it is not Python."""
    try:
        known = readable(text)
        if isinstance(known, Complaint):
            return EMPTY
        return _outline(known.tree, known.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    except (TooDeep, RecursionError):
        return EMPTY


def _outline(tree: ast.Module, lines: list[str]) -> Outline:
    definitions: dict[str, Definition] = {}
    imports: dict[str, str] = {}
    aliases: dict[str, str] = {}
    stars: list[str] = []
    for node in _statements(tree.body):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            definitions[node.name] = _definition(node, lines)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                imports[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if module.endswith(".") else "."
            stars += [module for alias in node.names if alias.name == "*"]
            imports.update({a.asname or a.name: f"{module}{joint}{a.name}" for a in node.names if a.name != "*"})
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            aliases[node.targets[0].id] = _dotted(node.value)
    return Outline(definitions, imports, {k: v for k, v in aliases.items() if v}, tuple(stars))


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a file is imported, including those in `if` and `try`."""
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _statements(node.body)
            yield from _statements(getattr(node, "orelse", ()))
            for handler in getattr(node, "handlers", ()):
                yield from _statements(handler.body)
        else:
            yield node


def _definition(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> Definition:
    source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    if isinstance(node, ast.ClassDef):
        bases = tuple(found for base in node.bases if (found := _dotted(base)))
        return Definition(node.name, "class", bases, source)
    return Definition(node.name, "function", (), source)


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)
        elif isinstance(node, ast.AugAssign):
            yield "+="
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield "[]="


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    if node.returns is not None:
        return ast.unparse(node.returns)
    called = {
        _dotted(inner.value.func) if isinstance(inner.value, ast.Call) else ""
        for inner in ast.walk(node)
        if isinstance(inner, ast.Return)
    }
    return called.pop() if len(called) == 1 else ""


def _dotted(node: ast.expr) -> str:
    """`a.b.C` or `a.b.C[...]` as a dotted name; "" for anything else."""
    if isinstance(node, ast.Subscript):
        return _dotted(node.value)
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return node.id if isinstance(node, ast.Name) else ""
