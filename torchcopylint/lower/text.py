"""Syntax as the user's own words: names for messages, annotations for kinds."""

from __future__ import annotations

import libcst as cst

_LONGEST = 60
_LONGEST_ANNOTATION = 300
_BLANK = cst.Module(body=[])
_ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Dict, cst.ListComp, cst.DictComp)


def text_of(node: object) -> str:
    """A node's source on one line, shortened in the middle where it is long."""
    if isinstance(node, cst.Name):
        return node.value
    if not isinstance(node, cst.CSTNode):
        return ""
    words = " ".join(_BLANK.code_for_node(_bare(node)).split()).rstrip("; ")
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 4]} ..."


def code_of(node: object) -> str:
    """The source of an expression or of a small statement, as it stands."""
    return _BLANK.code_for_node(node) if isinstance(node, cst.BaseExpression | cst.BaseSmallStatement) else ""


def source_of(node: object) -> str:
    """An expression's source, whole and as it stands; "" for what is no expression."""
    return _BLANK.code_for_node(node) if isinstance(node, cst.BaseExpression) else ""


def lines_of(node: object) -> str:
    """The source of a function or a file, line by line."""
    return _BLANK.code_for_node(node) if isinstance(node, cst.CSTNode) else ""


def operand_of(node: object) -> str:
    """A node's source, fit to stand before a dot: in parentheses unless it is a name, call, subscript or the like."""
    source = source_of(node)
    atom = isinstance(node, _ATOMS) or bool(getattr(node, "lpar", ()))
    return source if atom else f"({source})"


def _bare(node: cst.CSTNode) -> cst.CSTNode:
    if isinstance(node, cst.SimpleStatementLine):
        return node.body[0]
    return node


def dotted(node: cst.BaseExpression) -> str:
    """`a.b.c` as text, or "" for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    return ".".join([node.value, *reversed(parts)])


def last_name(node: object) -> str:
    """The last part of a dotted name, or of that of what is called: "cached" of `tools.cached(10)`."""
    if isinstance(node, cst.Call):
        node = node.func
    if isinstance(node, cst.Attribute):
        node = node.attr
    return node.value if isinstance(node, cst.Name) else ""


def decorators(node: object) -> list[str]:
    """The last names of the decorators of a function or class."""
    decorated = node.decorators if isinstance(node, cst.FunctionDef | cst.ClassDef) else ()
    return [last_name(decorator.decorator) for decorator in decorated]


def annotation_text(node: cst.Annotation | None) -> str:
    """An annotation on one line, without the quotes around all of it; "" where there is none, or a very long one."""
    if node is None:
        return ""
    inner = node.annotation
    words = inner.raw_value if isinstance(inner, cst.SimpleString) else _BLANK.code_for_node(inner)
    return " ".join(words.split()) if len(words) <= _LONGEST_ANNOTATION else ""


def under(node: object) -> frozenset[int]:
    """The identities of a node and of everything in it."""
    found: set[int] = set()
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        found.add(id(inner))
        waiting += inner.children if isinstance(inner, cst.CSTNode) else []
    return frozenset(found)


def is_statement(node: object) -> bool:
    """Whether a node is a statement, of one line or within one."""
    return isinstance(node, cst.BaseSmallStatement | cst.BaseStatement)
