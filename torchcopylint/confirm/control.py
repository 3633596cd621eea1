"""A program that is asked about a line → the same with the line changed: copies in it are left out, or put in."""

from __future__ import annotations

import ast
from collections.abc import Callable

_COPYING = frozenset({"copy.deepcopy", "copy.copy", "np.copy", "np.array"})
_COPYING_METHODS = frozenset({"clone", "copy"})
_OF_ARGUMENT = {
    "deepcopy-of-tensor": frozenset({"copy.deepcopy"}),
    "deepcopy-then-move": frozenset({"copy.deepcopy"}),
    "tensor-of-tensor": frozenset({"torch.tensor"}),
    "tensor-through-python": frozenset({"torch.tensor", "torch.as_tensor", "torch.from_numpy", "torch.FloatTensor"}),
    "deepcopy-in-hot-loop": frozenset({"copy.deepcopy"}),
}
"""For rules about what a call is given: the calls."""


def in_order(text: str, lines: frozenset[int]) -> str:
    """The program in which all that the lines read is copied before they write."""

    read: set[str] = set()

    def edit(statement: ast.stmt) -> None:
        read.update(n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
        if isinstance(statement, (ast.Assign, ast.AugAssign)):
            statement.value = _call("copied", statement.value)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            args = statement.value.args
            statement.value.args = [a if isinstance(a, ast.Starred) else _call("copied", a) for a in args]

    def taken(statement: ast.stmt) -> None:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Subscript)):
            return
        if isinstance(statement.targets[0], ast.Name) and statement.targets[0].id in read:
            statement.value = _call("copied", statement.value)

    changed = _edited(text, lines, edit)
    return _edited(changed, frozenset(range(1, min(lines, default=1))), taken)


def without_copies(text: str, lines: frozenset[int]) -> tuple[str, int]:
    """The program in which what the lines copy is taken as it is, and how many copies that are.

    Of copies of copies the last is left out: it is the one that nothing may need.
    """
    again: set[str] = set()
    for statement in filter(None, map(_statement, (text.split("\n")[number - 1] for number in lines))):
        sources = filter(None, map(_copied, ast.walk(statement)))
        again |= {source.id for source in sources if isinstance(source, ast.Name)}
    leaving = _Without()

    def edit(statement: ast.stmt) -> None:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if not (isinstance(target, ast.Name) and target.id.startswith("_t") and target.id in again):
            leaving.visit(statement)

    return _edited(text, lines, edit), leaving.found


def noted(text: str, lines: frozenset[int], slug: str) -> tuple[str, int]:
    """The program in which what the calls of a rule are given is noted, and how many such calls there are."""
    found: list[ast.Call] = []

    def edit(statement: ast.stmt) -> None:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in _OF_ARGUMENT[slug]:
                found.append(node)
                node.args[0] = _call("noted", node.args[0])

    return _edited(text, lines, edit), len(found)


def _edited(text: str, lines: frozenset[int], edit: Callable[[ast.stmt], object]) -> str:
    """The program with these lines changed, each of which stays a line."""
    every = text.split("\n")
    for number in lines:
        line = every[number - 1]
        statement = _statement(line)
        if statement is None:
            continue  # the head of a block
        edit(statement)
        indent = line[: len(line) - len(line.lstrip())]
        every[number - 1] = indent + ast.unparse(ast.fix_missing_locations(statement))
    return "\n".join(every)


def _statement(line: str) -> ast.stmt | None:
    try:
        (statement,) = ast.parse(line.strip()).body
    except (SyntaxError, ValueError):
        return None
    return statement


def _copied(node: ast.AST) -> ast.expr | None:
    """What a call makes a copy of."""
    if not isinstance(node, ast.Call):
        return None
    if ast.unparse(node.func) in _COPYING and len(node.args) == 1 and not node.keywords:
        return node.args[0]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _COPYING_METHODS and not node.args:
        return node.func.value
    return None


class _Without(ast.NodeTransformer):
    """Leaves copies out, and counts them."""

    def __init__(self) -> None:
        self.found = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """What a copy is made of in place of the copy; another call as it is."""
        copied = _copied(node)
        if copied is None:
            self.generic_visit(node)
            return node
        self.found += 1
        made: ast.AST = copied if _copied(copied) is not None else self.visit(copied)
        return made


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])
