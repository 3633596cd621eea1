"""Functions, lambdas and classes → IR of their own."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.ir import Class, Function, Operand, Parameter, Return, qualified, syntax
from torchcopylint.ir.question import annotation_text
from torchcopylint.ir.site import Site
from torchcopylint.lower.expression import lower_expression
from torchcopylint.lower.scope import Scope


def lower_lambda(scope: Scope, node: syntax.Lambda) -> Function:
    """A lambda as a function that returns its body."""
    inner = Scope("<lambda>", f"{scope.qualname}.<lambda>", scope.owner)
    parameters = tuple(_parameters(scope, node.parameters))
    inner.emit(Return(node.body, lower_expression(inner, node.body)))
    scope.speak_for(inner)
    return _function(inner, node, parameters)


def lower_function(scope: Scope, node: syntax.FunctionDef, owner: str = "") -> Function:
    """A def as a function; defaults and decorators are evaluated in the enclosing scope."""
    from torchcopylint.lower.statement import lower_body

    name = node.name
    inner = Scope(name, qualified(scope.qualname, name), owner or scope.owner)
    parameters = tuple(_parameters(scope, node.parameters))
    decorators = tuple(lower_expression(scope, d) for d in node.decorators)
    lower_body(inner, node.body)
    scope.speak_for(inner)
    return _function(inner, node, parameters, decorators, annotation_text(node.returns), node.docstring)


def _function(
    inner: Scope,
    node: Site,
    parameters: tuple[Parameter, ...],
    decorators: tuple[Operand, ...] = (),
    returns: str = "",
    docstring: str = "",
) -> Function:
    return Function(
        name=inner.name,
        qualname=inner.qualname,
        node=node,
        parameters=parameters,
        body=inner.take(),
        decorators=decorators,
        returns=returns,
        docstring=docstring,
        generator=inner.generator,
        uses=inner.frozen_uses(),
        given=inner.given,
        bound=frozenset(inner.bound | {p.name for p in parameters}),
        owner=inner.owner,
        attributes=frozenset(inner.attributes),
        dropped=frozenset(inner.dropped),
        outer=frozenset(inner.outer),
    )


def _parameters(scope: Scope, parameters: tuple[syntax.Parameter, ...]) -> Iterator[Parameter]:
    for parameter in parameters:
        default = lower_expression(scope, parameter.default) if parameter.default is not None else None
        annotation = annotation_text(parameter.annotation)
        yield Parameter(parameter.name, annotation, default, parameter.kind, parameter.default)


def lower_class(scope: Scope, node: syntax.ClassDef) -> Class:
    """A class: bases and decorators in the enclosing scope, the body in one of its own."""
    from torchcopylint.lower.statement import lower_body

    qualname = qualified(scope.qualname, node.name)
    bases = tuple(lower_expression(scope, base) for base in node.bases)
    decorators = tuple(lower_expression(scope, d) for d in node.decorators)
    inner = Scope(node.name, qualname, qualname)
    methods: dict[str, Function] = {}
    lower_body(inner, node.body, methods)
    scope.speak_for(inner)
    return Class(node.name, inner.qualname, node, bases, inner.take(), methods, decorators)
