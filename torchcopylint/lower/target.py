"""Assignment targets → instructions that bind names, store attributes and items."""

from __future__ import annotations

from torchcopylint.ir import Delete, Move, Operand, StoreAttr, StoreItem, Unpack, syntax
from torchcopylint.ir.question import value_of
from torchcopylint.ir.site import Site
from torchcopylint.lower.scope import Scope


def assign(scope: Scope, target: syntax.Expression, value: Operand, node: Site, annotation: str = "") -> None:
    """Emit what binds the value to the target; `node` is the statement that does so."""
    from torchcopylint.lower.expression import lower_expression, lower_index

    if isinstance(target, syntax.Name):
        if not _goes_on(node, target.name):
            scope.replace(target.name)
        name = scope.bind(target.name)
        if value in scope.computed:
            scope.computed[name] = scope.computed[value]
        scope.emit(Move(node, name, value, annotation))
    elif isinstance(target, syntax.Attribute):
        obj = lower_expression(scope, target.value)
        scope.note_assigned(f"{obj}.{target.attr}")
        scope.emit(StoreAttr(node, obj, target.attr, value, annotation))
    elif isinstance(target, syntax.Subscript):
        obj = lower_expression(scope, target.value)
        if not _is_key(target):
            scope.attributes.add("[]=")
        scope.emit(StoreItem(node, obj, lower_index(scope, target), value))
    elif isinstance(target, syntax.Tuple | syntax.List):
        _unpack(scope, target, value, node)


def _goes_on(node: Site, name: str) -> bool:
    """Whether what a statement binds is computed from the name itself: `x = x.to(d)`, `x, y = x[0], y[0]`."""
    value = value_of(node)
    parts = [element.value for element in value.elements] if isinstance(value, syntax.Tuple) else [value]
    return any(isinstance(root := _root(part), syntax.Name) and root.name == name for part in parts)


def _root(node: Site | None) -> Site | None:
    while True:
        if isinstance(node, syntax.Attribute | syntax.Subscript):
            node = node.value
        elif isinstance(node, syntax.Call):
            node = node.func
        elif isinstance(node, syntax.BinaryOperation):
            node = node.left
        else:
            return node


def _is_key(target: syntax.Subscript) -> bool:
    return len(target.indices) == 1 and isinstance(target.indices[0].value, syntax.String)


def _unpack(scope: Scope, target: syntax.Display, value: Operand, node: Site) -> None:
    parts = [scope.temp() for _ in target.elements]
    star = next((i for i, element in enumerate(target.elements) if element.star), -1)
    scope.emit(Unpack(node, tuple(parts), value, star))
    for element, part in zip(target.elements, parts, strict=True):
        assign(scope, element.value, part, node)


def target_names(target: syntax.Expression) -> set[str]:
    """The plain names that a target binds."""
    if isinstance(target, syntax.Name):
        return {target.name}
    if isinstance(target, syntax.Tuple | syntax.List):
        return {name for element in target.elements for name in target_names(element.value)}
    return set()


def delete(scope: Scope, target: syntax.Expression, node: Site) -> None:
    """Emit `del` of names; items and attributes are left as they are."""
    if isinstance(target, syntax.Name):
        scope.emit(Delete(node, scope.read(target.name)))
    elif isinstance(target, syntax.Tuple | syntax.List):
        for element in target.elements:
            delete(scope, element.value, node)
