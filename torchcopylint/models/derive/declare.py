"""What torch declares about a name: parameters, and the alias annotations of its operator schemas."""

from __future__ import annotations

import inspect
import types
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from torchcopylint.models.derive.catalogue import Callee

KNOWN = {
    "Tensor.__getitem__": ("self", "index"),
    "Tensor.__setitem__": ("self", "index", "value"),
    "torch.as_tensor": ("data", "dtype", "device"),
    "torch.asarray": ("obj",),
    "torch.from_numpy": ("ndarray",),
    "torch.frombuffer": ("buffer",),
    "torch.tensor": ("data",),
    "torch.sparse_coo_tensor": ("indices", "values", "size"),
    "Tensor.new_tensor": ("self", "data"),
    "torch.chain_matmul": ("*matrices",),
    "torch.dsmm": ("input", "mat2"),
    "torch.spmm": ("input", "mat2"),
}
"""Positional parameters of builtins that declare none."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said about a callable before it is run; `schemas` are torch's own, empty when it has none."""

    params: tuple[str, ...]
    keywords: tuple[str, ...]
    """Parameters that a call can give by name only."""
    aliases: tuple[int, ...]
    writes: tuple[int, ...]
    schemas: tuple[Any, ...]

    def accepts(self, parameter: str) -> bool:
        """Whether any overload takes a parameter of that name."""
        return parameter in self.params or parameter in self.keywords

    def position(self, slot: int | str) -> int | None:
        """The row position of a call's argument: a number as it stands, a keyword where the parameter stands."""
        if isinstance(slot, int):
            return min(slot, len(self.params) - 1) if self.variadic else slot
        return self.params.index(slot) if slot in self.params else None

    @property
    def variadic(self) -> bool:
        """Whether the last parameter takes all that follows."""
        return bool(self.params) and self.params[-1].startswith("*")


def declared(callee: Callee) -> Declaration:
    """What schemas and signature say about the callee."""
    if callee.form == "property":
        return _declaration(("self",), (), _schemas(callee.operator))
    if callee.name in KNOWN:
        return Declaration(KNOWN[callee.name], (), (), (), _schemas(callee.operator))
    signature = _signature(callee)
    if signature is not None and callee.operand is None:
        return _declaration(*_parameters(signature), _schemas(callee.operator))
    schemas = tuple(schema for schema in _schemas(callee.operator) if _callable_so(callee, schema))
    params = ("self", "other") if callee.operand else _longest(callee, schemas)
    names = {arg.name for schema in schemas for arg in schema.arguments}
    return _declaration(params, tuple(sorted(names - {*params, "self"})), schemas)


def _declaration(params: tuple[str, ...], keywords: tuple[str, ...], schemas: tuple[Any, ...]) -> Declaration:
    return Declaration(params, keywords, _annotated(schemas, write=False), _annotated(schemas, write=True), schemas)


@cache
def _by_operator() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for schema in torch._C._jit_get_all_schemas():
        namespace, _, name = schema.name.partition("::")
        if namespace == "aten" and _dispatched(schema):
            found[name].append(schema)
    return {name: sorted(schemas, key=lambda schema: str(schema.overload_name)) for name, schemas in found.items()}


def _dispatched(schema: Any) -> bool:
    """Whether it is torch's own: TorchScript adds operators on lists and numbers under the same names."""
    try:
        torch._C._dispatch_find_schema_or_throw(schema.name, schema.overload_name)
    except RuntimeError:
        return False
    return True


def _schemas(operator: str) -> tuple[Any, ...]:
    return tuple(s for s in _by_operator().get(operator, ()) if not any(arg.is_out for arg in s.arguments))


def _callable_so(callee: Callee, schema: Any) -> bool:
    """Only overloads on tensors, and for methods those that take self."""
    kinds = [str(arg.type) for arg in schema.arguments]
    if callee.form == "method":
        return bool(kinds) and kinds[0] == "Tensor"
    return any("Tensor" in kind for kind in kinds) or any("Tensor" in str(value.type) for value in schema.returns)


def _longest(callee: Callee, schemas: tuple[Any, ...]) -> tuple[str, ...]:
    """The positional parameters of the longest overload; python calls the first one of a function `input`."""
    lists = [[arg.name for arg in schema.arguments if not arg.kwarg_only] for schema in schemas]
    names = max(lists, key=len, default=["self"] if callee.form == "method" else [])
    return tuple(names if callee.form == "method" else ("input" if name == "self" else name for name in names))


def _annotated(schemas: tuple[Any, ...], write: bool) -> tuple[int, ...]:
    found = set()
    for schema in schemas:
        result = {tag for value in schema.returns if value.alias_info for tag in value.alias_info.after_set}
        for position, arg in enumerate(schema.arguments):
            info = arg.alias_info if "Tensor" in str(arg.type) else None
            if info and (info.is_write if write else info.after_set & result):
                found.add(position)
    return tuple(sorted(found))


def _signature(callee: Callee) -> inspect.Signature | None:
    target = callee.target
    if not isinstance(target, types.FunctionType):
        return None
    dispatched = getattr(torch.nn.functional, "_" + callee.name.rsplit(".", 1)[1], None)
    if dispatched is not None and tuple(inspect.signature(target).parameters) == ("args", "kwargs"):
        target = dispatched
    try:
        return inspect.signature(target)
    except ValueError:  # a builtin in a wrapper
        return None


def _parameters(signature: inspect.Signature) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters that can be given by position, and those by keyword only."""
    params, keywords = [], []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            params.append("*" + parameter.name)
        elif parameter.kind is parameter.KEYWORD_ONLY:
            keywords.append(parameter.name)
        elif parameter.kind is not parameter.VAR_KEYWORD:
            params.append(parameter.name)
    return tuple(params), tuple(keywords)
