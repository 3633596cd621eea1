"""Functions, lambdas and classes → IR of their own."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchcopylint.ir import Class, Function, Operand, Parameter, Return, qualified
from torchcopylint.lower.expression import lower_expression
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.text import annotation_text


def lower_lambda(scope: Scope, node: cst.Lambda) -> Function:
    """A lambda as a function that returns its body."""
    inner = Scope("<lambda>", f"{scope.qualname}.<lambda>", scope.owner)
    parameters = tuple(_parameters(scope, inner, node.params))
    inner.emit(Return(node.body, lower_expression(inner, node.body)))
    scope.speak_for(inner)
    return _function(inner, node, parameters)


def lower_function(scope: Scope, node: cst.FunctionDef, owner: str = "") -> Function:
    """A def as a function; defaults and decorators are evaluated in the enclosing scope."""
    from torchcopylint.lower.statement import lower_body

    name = node.name.value
    inner = Scope(name, qualified(scope.qualname, name), owner or scope.owner)
    parameters = tuple(_parameters(scope, inner, node.params))
    decorators = tuple(lower_expression(scope, d.decorator) for d in node.decorators)
    lower_body(inner, node.body.body)
    scope.speak_for(inner)
    returns = annotation_text(node.returns)
    docstring = (node.get_docstring() or "") if isinstance(node.body, cst.IndentedBlock) else ""
    return _function(inner, node, parameters, decorators, returns, docstring)


def _function(
    inner: Scope,
    node: cst.CSTNode,
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


def _parameters(scope: Scope, inner: Scope, params: cst.Parameters) -> Iterator[Parameter]:
    for param in (*params.posonly_params, *params.params):
        yield _parameter(scope, param, "plain")
    if isinstance(params.star_arg, cst.Param):
        yield _parameter(scope, params.star_arg, "star")
    for param in params.kwonly_params:
        yield _parameter(scope, param, "keyword")
    if params.star_kwarg is not None:
        yield _parameter(scope, params.star_kwarg, "double star")


def _parameter(scope: Scope, param: cst.Param, kind: str) -> Parameter:
    default = lower_expression(scope, param.default) if param.default is not None else None
    return Parameter(param.name.value, annotation_text(param.annotation), default, kind, param.default)


def lower_class(scope: Scope, node: cst.ClassDef) -> Class:
    """A class: bases and decorators in the enclosing scope, the body in one of its own."""
    from torchcopylint.lower.statement import lower_body

    qualname = qualified(scope.qualname, node.name.value)
    bases = tuple(lower_expression(scope, base.value) for base in node.bases)
    decorators = tuple(lower_expression(scope, d.decorator) for d in node.decorators)
    inner = Scope(node.name.value, qualname, qualname)
    methods: dict[str, Function] = {}
    lower_body(inner, node.body.body, methods)
    scope.speak_for(inner)
    return Class(node.name.value, inner.qualname, node, bases, inner.take(), methods, decorators)
