"""The modules that new text uses → their names in the file, or the import to add."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from torchcopylint.domain.finding import Edit, Span
from torchcopylint.files.source import Source
from torchcopylint.parse.newer import readable_tree
from torchcopylint.parse.python import Complaint

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


class Taken(Exception):
    """A name that is needed for a module refers to something else here; carries the name."""


class Names:
    """What names refer to in a text, by scope, and where an import would go."""

    def __init__(self, source: Source) -> None:
        tree = readable_tree(source.text)
        self._skips = source.notebook.skips if source.notebook else _no_line
        every = [] if isinstance(tree, Complaint) else tree.body
        self._body = [node for node in every if not self._skips(node.lineno)]  # no import goes into a skipped cell
        self._tree = ast.Module([], []) if isinstance(tree, Complaint) else tree
        self._rows, self._newline = source.lines(), source.newline

    def resolve(self, module: str, text: str, line: int) -> tuple[str, Edit | None]:
        """New text for `line` that uses `module`, by its name in this file, and the import it needs; raises Taken."""
        uses = re.compile(rf"(?<![\w.]){re.escape(module)}\.(\w+)")
        if not uses.search(text):
            return text, None
        scopes = list(self._scopes(line))
        bound = next((found for scope in scopes if (found := list(_bindings(scope, module)))), [])
        if bound:
            if not all(_imports_module(node, module) for node in bound):
                raise Taken(module)
            if min(node.lineno for node in bound) < line:
                return text, None
        alias = self._alias(module, line, scopes)
        if alias:
            return uses.sub(rf"{alias}.\1", text), None
        members = {name: self._member(module, name, line, scopes) for name in set(uses.findall(text))}
        if all(members.values()):
            return uses.sub(lambda use: members[use[1]], text), None
        return text, self._insertion(f"import {module}", line)

    def _scopes(self, line: int) -> Iterator[ast.AST]:
        """The scopes whose names are visible on a line, the innermost first; a class only if it is the innermost."""
        around = [
            node
            for node in ast.walk(self._tree)
            if isinstance(node, _SCOPES) and node.lineno <= line <= (node.end_lineno or line)
        ]
        around.sort(key=lambda node: node.lineno, reverse=True)
        yield from (node for place, node in enumerate(around) if place == 0 or not isinstance(node, ast.ClassDef))
        yield self._tree

    def _alias(self, module: str, line: int, scopes: list[ast.AST]) -> str:
        """The name of `import module as name`, if it is visible on the line."""
        for statement in self._above(line):
            for part in statement.names if isinstance(statement, ast.Import) else ():
                if part.name == module and part.asname and self._means(part.asname, statement, scopes):
                    return part.asname
        return ""

    def _member(self, module: str, name: str, line: int, scopes: list[ast.AST]) -> str:
        """The name of `from module import name`, if it is visible on the line."""
        for statement in self._above(line):
            if isinstance(statement, ast.ImportFrom) and statement.module == module and not statement.level:
                for part in statement.names:
                    known = part.asname or part.name
                    if part.name == name and self._means(known, statement, scopes):
                        return known
        return ""

    def _above(self, line: int) -> list[ast.Import | ast.ImportFrom]:
        return [node for node in self._body if isinstance(node, _IMPORTS) and node.lineno < line]

    def _means(self, name: str, statement: ast.stmt, scopes: list[ast.AST]) -> bool:
        """Whether in these scopes a name is bound by this statement alone."""
        return [node for scope in scopes for node in _bindings(scope, name)] == [statement]

    def _insertion(self, statement: str, line: int) -> Edit:
        """The import on its own line: among those of the standard library, otherwise above the first, otherwise at the
        top."""
        body = self._body
        first = _after_preamble(body)
        imports = _first_run(body[first:])
        end = self._newline
        if not imports or imports[0].lineno >= line:
            return self._before(body[first], f"{statement}{end}{end}")
        ours = [node for node in imports if _standard(node)]
        later = [
            node for node in ours if isinstance(node, ast.ImportFrom) or f"import {node.names[0].name}" > statement
        ]
        if later:
            return self._before(later[0], f"{statement}{end}")
        if ours:
            return _at((ours[-1].end_lineno or ours[-1].lineno) + 1, f"{statement}{end}")
        return self._before(imports[0], f"{statement}{end}{end}")

    def _before(self, node: ast.stmt, text: str) -> Edit:
        """An insertion above a statement and its comments, but below those at the beginning of the file."""
        line = node.lineno
        if decorators := getattr(node, "decorator_list", ()):
            line = min(line, decorators[0].lineno)
        top = line
        while top > 1 and self._rows[top - 2].lstrip().startswith("#") and not self._skips(top - 1):
            top -= 1
        return _at(line if top == 1 else top, text)


def _no_line(line: int) -> bool:
    return False


def _at(line: int, text: str) -> Edit:
    return Edit(Span(line, 1, line, 1), text)


def _bindings(scope: ast.AST, name: str) -> Iterator[ast.stmt | ast.expr | ast.arg]:
    """What binds a name in a scope itself."""
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        given = scope.args
        every = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
        yield from (argument for argument in every if argument is not None and argument.arg == name)
    pending = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop()
        if isinstance(node, _IMPORTS):
            if any((part.asname or part.name.split(".")[0]) == name for part in node.names):
                yield node
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name == name:
                yield node
        elif _stores(node, name):
            yield node  # type: ignore[misc]
        if not isinstance(node, _SCOPES):
            pending += ast.iter_child_nodes(node)


def _stores(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name == name
    return isinstance(node, ast.MatchMapping) and node.rest == name


def _imports_module(node: ast.AST, module: str) -> bool:
    return isinstance(node, ast.Import) and any(part.name == module and not part.asname for part in node.names)


def _after_preamble(body: list[ast.stmt]) -> int:
    """How many statements must stay first: the docstring and imports from `__future__`."""
    count = 0
    for node in body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if not (text and count == 0) and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        count += 1
    return count


def _first_run(body: list[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """The first block of imports."""
    run: list[ast.Import | ast.ImportFrom] = []
    for node in body:
        if isinstance(node, _IMPORTS):
            run.append(node)
        elif run:
            break
    return run


def _standard(node: ast.Import | ast.ImportFrom) -> bool:
    name = (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
    return name.split(".")[0] in sys.stdlib_module_names and not getattr(node, "level", 0)
