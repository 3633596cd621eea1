"""Which names the table is about: every public callable and property, found by walking torch's namespaces."""

from __future__ import annotations

import importlib
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch

Form = Literal["function", "method", "property", "constructor"]

NAMESPACES = ("torch", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special")
PREFIX = {"torch.linalg": "linalg_", "torch.fft": "fft_", "torch.special": "special_"}
"""What torch's operators of a namespace are called: torch.linalg.inv is the operator linalg_inv."""

RENAMED = {"logsigmoid": "log_sigmoid"}
"""Functions whose operator has another name altogether."""

MACHINERY = frozenset(
    "assert_int_or_pair boolean_dispatch handle_torch_function has_torch_function has_torch_function_unary "
    "has_torch_function_variadic".split()
)
"""Functions that a namespace only imports for its own use."""

OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "div": "div", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "pow", "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or",
    "xor": "bitwise_xor", "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
    "eq": "eq", "ne": "ne", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge",
}  # fmt: skip
"""Python's binary operators, and the torch function each stands for."""

UNARY = {"abs": "abs", "neg": "neg", "pos": "positive", "invert": "bitwise_not"}
PROTOCOL = frozenset(
    "getitem setitem iter len contains reversed bool int float complex index array dlpack deepcopy format hash".split()
)
"""The other special methods that user code reaches."""


@dataclass(frozen=True, slots=True)
class Callee:
    """One public name: what to call, and which torch operators and sample sets go by that name."""

    name: str
    form: Form
    target: Any
    operator: str
    """The torch operator of that name, whether it exists or not: "linalg_inv", "add"."""
    base: str
    """The out-of-place function it is a form of, as OpInfo names it: "linalg.inv", "add" for add_ and __iadd__."""
    operand: Literal["right", "left"] | None = None
    """For binary operators: on which side the other operand stands (left for __radd__)."""

    def invoke(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call it, or read the property of the first argument."""
        return self.target.__get__(args[0]) if self.form == "property" else self.target(*args, **kwargs)


def catalogue() -> dict[str, Callee]:
    """Every name the table should have a row for, sorted, with what stands behind it."""
    found = [*_methods(), *(callee for namespace in NAMESPACES for callee in _functions(namespace))]
    return {callee.name: callee for callee in sorted(found, key=lambda callee: callee.name)}


def _functions(namespace: str) -> Iterator[Callee]:
    module = importlib.import_module(namespace)
    for name in dir(module):
        target = getattr(module, name)
        if name in MACHINERY or (name.startswith("_") and not name.startswith("_foreach_")):
            continue
        if form := _form(namespace, target):
            operator = RENAMED.get(name, PREFIX.get(namespace, "") + name)
            base = f"{namespace}.{_base(name)}".removeprefix("torch.")
            yield Callee(f"{namespace}.{name}", form, target, operator, base)


def _form(namespace: str, target: Any) -> Form | None:
    if isinstance(target, type):
        ours = namespace == "torch" and (target is torch.Tensor or type(target).__name__ == "tensortype")
        return "constructor" if ours else None
    return "function" if isinstance(target, types.FunctionType | types.BuiltinFunctionType) else None


def _methods() -> Iterator[Callee]:
    for name in dir(torch.Tensor):
        if name.startswith("__"):
            yield from _dunder(name)
        elif not name.startswith("_"):
            target = inspect.getattr_static(torch.Tensor, name)
            form: Form = "property" if inspect.isdatadescriptor(target) else "method"
            yield Callee(f"Tensor.{name}", form, target, name, _base(name))


def _dunder(name: str) -> Iterator[Callee]:
    bare = name.strip("_")
    target = getattr(torch.Tensor, name)
    if bare in UNARY:
        yield Callee(f"Tensor.{name}", "method", target, UNARY[bare], UNARY[bare])
    elif bare in OPERATORS or (bare[1:] in OPERATORS and bare[0] in "ir"):
        operator = OPERATORS[bare if bare in OPERATORS else bare[1:]]
        inplace = bare not in OPERATORS and bare[0] == "i"
        side: Literal["right", "left"] = "left" if bare not in OPERATORS and bare[0] == "r" else "right"
        yield Callee(f"Tensor.{name}", "method", target, operator + "_" * inplace, operator, side)
    elif bare in PROTOCOL:
        yield Callee(f"Tensor.{name}", "method", target, name, name)


def _base(name: str) -> str:
    return name.removesuffix("_")
