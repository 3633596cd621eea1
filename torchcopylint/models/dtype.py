"""Data types that the words of calls tell: what a factory makes, what a conversion asks for."""

from __future__ import annotations

from torchcopylint.domain.layout import NO_FLAGS, Dtype, Flag
from torchcopylint.domain.value import Const, Named
from torchcopylint.models.effect import Shape

_SHORT = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
_FULL = frozenset(
    "float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128".split(),
)
WORDS = {**{name: name for name in sorted(_FULL)}, **_SHORT}
"""How a dtype of torch may be called, after `torch.` or as a method, and its full name."""

_FLOATS = frozenset("rand randn zeros ones empty eye linspace logspace".split())
_WHOLE = frozenset("randint randperm".split())
_ALIKE = frozenset(
    "zeros_like ones_like empty_like rand_like randn_like full_like new_zeros new_ones new_empty new_full clone".split()
)


def wanted(word: str, shape: Shape) -> str:
    """The dtype that a conversion asks for, "" where its words do not tell."""
    if word in WORDS:
        return _SHORT.get(word, word)
    given = [shape.keywords.get("dtype", ()), *(shape.args[1:] if word in ("to", "type", "as_tensor") else ())]
    return next((name for value in given if (name := _named(value))), "")


CLASSES = {
    "Float": "float32",
    "Double": "float64",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Byte": "uint8",
    "Char": "int8",
    "Bool": "bool",
}
"""The classes `torch.FloatTensor` and so on, and what they make."""


def of_class(name: str) -> str:
    """The dtype of what `torch.FloatTensor` makes, given "Float"; of `torch.Tensor`, "", torch's default."""
    return CLASSES.get(name, "float32")


def _named(value: tuple[object, ...]) -> str:
    element = value[0] if len(value) == 1 else None
    head, _, last = element.name.rpartition(".") if isinstance(element, Named) else ("", "", "")
    return _SHORT.get(last, last) if head in ("torch", "numpy") and last in WORDS else ""


def known(traits: frozenset[Flag]) -> str:
    """The dtype among the layout flags of a tensor, or ""."""
    return next((flag.name.lower() for flag in traits if isinstance(flag, Dtype)), "")


def flag(dtype: str) -> frozenset[Flag]:
    """The layout flags that say so."""
    return frozenset({Dtype[dtype.upper()]}) if dtype else NO_FLAGS


_FLOAT_ARRAYS = frozenset("zeros ones empty eye identity linspace random.rand random.randn random.normal".split())


def made_by_numpy(name: str, shape: Shape) -> frozenset[Flag]:
    """The flags of what a factory of numpy makes; its default dtype is float64."""
    if "dtype" in shape.keywords:
        return flag(wanted("", shape))
    if name == "astype" and len(shape.args) == 2 and not shape.keywords:
        return flag(_named(shape.args[1]))
    return flag("float64") if name in _FLOAT_ARRAYS and len(shape.args) == 1 else NO_FLAGS


def made(name: str, shape: Shape) -> frozenset[Flag]:
    """The flags of what a factory makes; torch's default dtype counts as float32."""
    word = name.rpartition(".")[2]
    if "dtype" in shape.keywords:
        return flag(wanted("", shape))
    if word in _FLOATS:
        return flag("float32")
    if word == "arange":
        return flag(_counted(shape))
    if word in _WHOLE:
        return flag("int64")
    return flag(known(shape.traits)) if word in _ALIKE else NO_FLAGS


def _counted(shape: Shape) -> str:
    """What `arange` makes: of whole numbers int64, with a fraction among them float32, of what is not known ""."""
    given = [v[0].value if len(v) == 1 and isinstance(v[0], Const) else None for v in shape.args]
    if any(isinstance(number, float) for number in given):
        return "float32"
    return "int64" if all(isinstance(number, int) for number in given) else ""
