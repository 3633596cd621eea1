"""Assignment targets → instructions that bind names, store attributes and items."""

from __future__ import annotations

from typing import Any

import libcst as cst

from torchcopylint.ir import Delete, Move, Operand, StoreAttr, StoreItem, Unpack
from torchcopylint.lower.scope import Scope


def assign(scope: Scope, target: cst.BaseExpression, value: Operand, node: cst.CSTNode, annotation: str = "") -> None:
    """Emit what binds the value to the target; `node` is the statement that does so."""
    from torchcopylint.lower.expression import lower_expression, lower_index

    # The exact type is asked for where that is quicker: nodes are abstract classes, whose instance checks are slow.
    if type(target) is cst.Name:
        if not _goes_on(node, target.value):
            scope.replace(target.value)
        scope.emit(Move(node, scope.bind(target.value), value, annotation))
    elif type(target) is cst.Attribute:
        obj = lower_expression(scope, target.value)
        scope.note_assigned(f"{obj}.{target.attr.value}")
        scope.emit(StoreAttr(node, obj, target.attr.value, value, annotation))
    elif type(target) is cst.Subscript:
        obj = lower_expression(scope, target.value)
        if not _is_key(target):
            scope.attributes.add("[]=")
        scope.emit(StoreItem(node, obj, lower_index(scope, target.slice, target), value))
    elif isinstance(target, cst.Tuple | cst.List):
        _unpack(scope, target, value, node)
    elif isinstance(target, cst.StarredElement):
        assign(scope, target.value, value, node)


def _goes_on(node: Any, name: str) -> bool:
    """Whether what a statement binds is computed from the name itself: `x = x.to(d)`, `x, y = x[0], y[0]`."""
    value = getattr(node, "value", None)
    parts = [element.value for element in value.elements] if type(value) is cst.Tuple else [value]
    return any(type(root := _root(part)) is cst.Name and root.value == name for part in parts)


_ONWARD: dict[type, str] = {
    cst.Call: "func",
    cst.Attribute: "value",
    cst.Subscript: "value",
    cst.BinaryOperation: "left",
}


def _root(node: Any) -> Any:
    while onward := _ONWARD.get(type(node)):
        node = getattr(node, onward)
    return node


def _is_key(target: cst.Subscript) -> bool:
    part = target.slice[0].slice
    return len(target.slice) == 1 and isinstance(part, cst.Index) and isinstance(part.value, cst.SimpleString)


def _unpack(scope: Scope, target: cst.Tuple | cst.List, value: Operand, node: cst.CSTNode) -> None:
    parts = [scope.temp() for _ in target.elements]
    star = next((i for i, e in enumerate(target.elements) if isinstance(e, cst.StarredElement)), -1)
    scope.emit(Unpack(node, tuple(parts), value, star))
    for element, part in zip(target.elements, parts, strict=True):
        assign(scope, element.value, part, node)


def target_names(target: cst.BaseExpression) -> set[str]:
    """The plain names that a target binds."""
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, cst.Tuple | cst.List):
        return {name for element in target.elements for name in target_names(element.value)}
    return set()


def delete(scope: Scope, target: cst.BaseExpression, node: cst.CSTNode) -> None:
    """Emit `del` of names; items and attributes are left as they are."""
    if isinstance(target, cst.Name):
        scope.emit(Delete(node, scope.read(target.value)))
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            delete(scope, element.value, node)
