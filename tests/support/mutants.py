"""Small changes of the program's decisions: which there are in a file, and the program with one of them made.

The operators are those of mutmut, and a few of our own for what this program decides by: a quantifier or an end of an
order turned round, a condition left out, an entry of a table left out.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.mutators import mutation_operators
from workspace import ROOT

_LEFT_ALONE = frozenset({"len", "isinstance", "cast", "TypeVar"})
"""Calls in which nothing is changed: the types say the same."""
_TURNED = {"any": "all", "all": "any", "min": "max", "max": "min"}
_DISPLAYS = (cst.Set, cst.Tuple, cst.List, cst.Dict)

Operator = tuple[type, Callable[[cst.CSTNode], Iterable[cst.CSTNode]]]


@dataclass(frozen=True)
class Mutant:
    """One change: the file, the function it is in ("" for a table of the file), the lines of the statement.

    number: which of the changes of its file, in the order in which they are found.
    """

    file: Text
    function: str
    lines: range
    number: int
    original: cst.CSTNode
    changed: cst.CSTNode

    @cached_property
    def text(self) -> str:
        """The file with the change made."""
        return self.file.with_change(self.original, self.changed)

    @cached_property
    def difference(self) -> tuple[str, str]:
        """The lines that are changed, and what they become, each on one line."""
        before, after = self.file.module.code.splitlines(), self.text.splitlines()
        start = next((n for n, (one, two) in enumerate(zip(before, after, strict=False)) if one != two), 0)
        back = [*zip(reversed(before[start:]), reversed(after[start:]), strict=False)]
        end = next((n for n, (one, two) in enumerate(back) if one != two), len(back))
        return _flat(before[start : len(before) - end]), _flat(after[start : len(after) - end])

    def __str__(self) -> str:
        before, after = self.difference
        return f"{self.file.path}:{self.lines.start} {self.function}\n    - {before}\n    + {after}"

    def make(self) -> None:
        """Makes the change in the program that is running, wherever the function or table is already known."""
        module = importlib.import_module(self.file.module_name)
        if not self.function:
            self._rebind(module)
            return
        function = _live(module, self.function)
        compiled = compile(self.text, str(ROOT / self.file.path), "exec", dont_inherit=True)
        function.__code__ = _code(compiled, self.function)
        if any(self.original is node for node in self.file.defaults):
            fresh = ModuleType(module.__name__)
            fresh.__dict__.update(__file__=module.__file__, __package__=module.__package__)
            exec(compiled, fresh.__dict__)
            changed = _live(fresh, self.function)
            function.__defaults__, function.__kwdefaults__ = changed.__defaults__, changed.__kwdefaults__

    def _rebind(self, module: ModuleType) -> None:
        fresh = dict(module.__dict__)
        table = next(s for s in cst.parse_module(self.text).body if s.deep_equals(self._statement))
        exec(compile(cst.Module([table]).code, str(ROOT / self.file.path), "exec"), fresh)
        for name, new in fresh.items():
            old = module.__dict__.get(name)
            for other in [*sys.modules.values()] if old is not new else ():
                if getattr(other, "__name__", "").startswith("torchcopylint") and vars(other).get(name) is old:
                    setattr(other, name, new)

    @cached_property
    def _statement(self) -> cst.CSTNode:
        """The statement that makes a table, with the change made."""
        old = next(s for s in self.file.module.body if self.file.positions[s].start.line == self.lines.start)
        return cst.ensure_type(old.deep_replace(self.original, self.changed), cst.SimpleStatementLine)


class Text:
    """A file of the program: its tree, and all changes of it."""

    def __init__(self, path: str) -> None:
        self.path = path
        wrapper = MetadataWrapper(cst.parse_module((ROOT / path).read_text(encoding="utf-8")), unsafe_skip_copy=True)
        self.module = wrapper.module
        self.positions = wrapper.resolve(PositionProvider)
        self.parents = wrapper.resolve(ParentNodeProvider)
        self.defaults: list[cst.CSTNode] = []
        self._codes = [self.module.code_for_node(statement) for statement in self.module.body]

    @property
    def module_name(self) -> str:
        """What the file is imported as."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def with_change(self, original: cst.CSTNode, changed: cst.CSTNode) -> str:
        """The text with a node replaced."""
        node = original
        while (parent := self.parents[node]) is not self.module:
            node = parent
        number = next(n for n, statement in enumerate(self.module.body) if statement is node)
        new = self.module.code_for_node(cst.ensure_type(node.deep_replace(original, changed), cst.CSTNode))
        head, _, foot = self.module.code.partition("".join(self._codes))
        return "".join((head, *self._codes[:number], new, *self._codes[number + 1 :], foot))

    def mutants(self) -> list[Mutant]:
        """Every change of the file, in the order of its text."""
        found = list[Mutant]()
        for statement in self.module.body:
            if isinstance(statement, cst.FunctionDef):
                self._in_function(statement, statement.name.value, found)
            elif isinstance(statement, cst.ClassDef):
                for method in statement.body.body:
                    if isinstance(method, cst.FunctionDef) and not _makes_members(statement, method):
                        self._in_function(method, f"{statement.name.value}.{method.name.value}", found)
            elif isinstance(statement, cst.SimpleStatementLine):
                self._in_table(statement, found)
        return found

    def _in_function(self, function: cst.FunctionDef, name: str, found: list[Mutant]) -> None:
        for parameter in _nodes(function.params):
            if isinstance(parameter, cst.Param) and isinstance(parameter.default, cst.Name | cst.SimpleString):
                self.defaults.append(parameter.default)
                self._add(found, name, parameter.default)
        for node in _nodes(function.body):
            self._add(found, name, node)

    def _add(self, found: list[Mutant], function: str, node: cst.CSTNode) -> None:
        for kind, operator in (*mutation_operators, *_OWN):
            if isinstance(node, kind):
                for changed in operator(node):
                    found.append(Mutant(self, function, self._lines(node), len(found), node, changed))

    def _in_table(self, statement: cst.SimpleStatementLine, found: list[Mutant]) -> None:
        line = statement.body[0]
        if not isinstance(line, cst.Assign | cst.AnnAssign) or line.value is None:
            return
        if isinstance(line, cst.Assign) and cst.Module([]).code_for_node(line.targets[0].target) == "__all__":
            return
        for node in _nodes(line.value):
            for changed in _without_one(node):
                found.append(Mutant(self, "", self._lines(node), len(found), node, changed))

    def _lines(self, node: cst.CSTNode) -> range:
        """The lines of the innermost statement around a node; of one with a body, those before the body."""
        inner = node
        while not isinstance(node, cst.BaseStatement | cst.BaseSuite | cst.Param | cst.Else):
            inner, node = node, self.parents[node]
        if isinstance(node, cst.BaseSuite):
            node = inner
        start, end = self.positions[node].start.line, self.positions[node].end.line
        if isinstance(node, cst.BaseCompoundStatement):
            end = max(start, self.positions[node.body].start.line - 1)
        return range(start, end + 1)


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes below one that say what is done; not annotations, docstrings, asserts."""
    if isinstance(node, cst.Annotation | cst.Decorator | cst.Assert):
        return
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in _LEFT_ALONE:
        return
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString):
        return
    yield node
    for child in node.children:
        yield from _nodes(child)


def _makes_members(owner: cst.ClassDef, method: cst.FunctionDef) -> bool:
    """Whether a method of an enumeration has run when its class is there."""
    bases = {base.value.value for base in owner.bases if isinstance(base.value, cst.Name)}
    return method.name.value == "__init__" and bool(bases & {"Enum", "IntEnum", "Fact"})


def _turned(node: cst.Call) -> Iterator[cst.CSTNode]:
    if isinstance(node.func, cst.Name) and node.func.value in _TURNED:
        yield node.with_changes(func=cst.Name(_TURNED[node.func.value]))


def _without_condition(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    yield from (side.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) for side in (node.left, node.right))


def _without_one(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A display of several things without one of them."""
    if isinstance(node, _DISPLAYS) and len(node.elements) > 1:
        for n in range(len(node.elements)):
            left = [*node.elements[:n], *node.elements[n + 1 :]]
            if isinstance(node, cst.Tuple) and len(left) == 1:
                left = [left[0].with_changes(comma=cst.Comma())]
            yield node.with_changes(elements=left)


_OWN: tuple[Operator, ...] = (
    (cst.Call, _turned),  # type: ignore[assignment]
    (cst.BooleanOperation, _without_condition),
)


def _flat(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _live(module: ModuleType, qualname: str) -> FunctionType:
    """The function of that name in a module, whatever is wrapped around it."""
    owner: object = module
    for name in qualname.split("."):
        owner = vars(owner)[name]
    for wrapper in ("fget", "func", "__func__"):
        owner = getattr(owner, wrapper, owner)
    function = inspect.unwrap(owner)  # type: ignore[arg-type]
    assert isinstance(function, FunctionType), qualname
    return function


def _code(module: CodeType, qualname: str) -> CodeType:
    """The code of the last function of that name in the code of a module: the one that a module ends up with."""
    waiting, found = [module], list[CodeType]()
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, CodeType):
                waiting.append(constant)
                found += [constant] if constant.co_qualname == qualname else []
    return max(found, key=lambda code: code.co_firstlineno)


def texts(parts: Iterable[str]) -> list[Text]:
    """The Python files in these files and directories of the program, seen from its root."""
    paths = [path for part in parts for path in _files(ROOT / "torchcopylint" / part)]
    return [Text(path.relative_to(ROOT).as_posix()) for path in paths]


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))
