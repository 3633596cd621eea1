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

    def edit(statement: ast.stmt) -> None:
        if isinstance(statement, (ast.Assign, ast.AugAssign)):
            statement.value = _call("copied", statement.value)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            args = statement.value.args
            statement.value.args = [a if isinstance(a, ast.Starred) else _call("copied", a) for a in args]

    return _edited(text, lines, edit)


def without_copies(text: str, lines: frozenset[int]) -> tuple[str, int]:
    """The program in which what the lines copy is taken as it is, and how many copies that are."""
    leaving = _Without()
    fixed = _edited(text, lines, leaving.visit)
    return fixed, leaving.found


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
        try:
            (statement,) = ast.parse(line.strip()).body
        except (SyntaxError, ValueError):
            continue  # the head of a block
        edit(statement)
        indent = line[: len(line) - len(line.lstrip())]
        every[number - 1] = indent + ast.unparse(ast.fix_missing_locations(statement))
    return "\n".join(every)


class _Without(ast.NodeTransformer):
    """Leaves copies out, and counts them."""

    def __init__(self) -> None:
        self.found = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """What a copy is made of in place of the copy; another call as it is."""
        self.generic_visit(node)
        copied: ast.expr | None = None
        if ast.unparse(node.func) in _COPYING and len(node.args) == 1:
            copied = node.args[0]
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _COPYING_METHODS and not node.args:
            copied = node.func.value
        self.found += copied is not None
        return node if copied is None else copied


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])
