"""An annotation as text → the kind that it speaks for, and how firmly. A generic of tensors is what holds them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from torchcopylint.domain.ground import Ground, Known
from torchcopylint.domain.kind import Kind
from torchcopylint.models.effect import HIGH, MEDIUM
from torchcopylint.parse.python import Complaint, TooDeep, tree_of

Resolve = Callable[[str], str]
"""A dotted name as written → its full name; as it is where the file does not bind it, "" where that is no import."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation says of a value.

    kind, proof, ground: what it is, how sure that is, and on what it rests. of: the kind of what it holds.
    optional: it may be None instead. mixed: it may be of several kinds. name: the class as written, of a single one.
    """

    kind: Kind = Kind.UNKNOWN
    proof: int = 0
    ground: Ground = Ground.GUESSED
    of: Kind | None = None
    optional: bool = False
    name: str = ""
    mixed: bool = False

    @property
    def known(self) -> Known:
        """What it says of the value itself."""
        return Known(self.kind, self.proof, self.ground)


NOTHING_SAID = Annotation()
_NONE = Annotation(Kind.NONE, HIGH)


def _each(words: str, kind: Kind) -> dict[str, Kind]:
    return dict.fromkeys(words.split(), kind)


_TYPING = ("", "typing", "typing_extensions", "collections", "collections.abc", "builtins", "dataclasses", "asyncio")
_CONTAINERS = {
    **_each("List list Sequence MutableSequence Collection Reversible UserList deque Deque", Kind.LIST),
    **_each("Tuple tuple NamedTuple", Kind.TUPLE),
    **_each("Set set FrozenSet frozenset AbstractSet MutableSet", Kind.SET),
    **_each("Iterable Iterator Generator AsyncIterable AsyncIterator AsyncGenerator ItemsView ValuesView", Kind.ITEMS),
    **_each(
        "Dict dict Mapping MutableMapping OrderedDict DefaultDict defaultdict Counter ChainMap UserDict", Kind.DICT
    ),
    **_each("Type type Awaitable Coroutine Future KeysView Hashable", Kind.OBJECT),
    **_each("Literal LiteralString int float bool str bytes complex", Kind.SCALAR),
}
"""What Python's own generics are, whatever they hold."""
_WRAPPERS = frozenset("Annotated Final ClassVar Required NotRequired ReadOnly InitVar Union Optional".split())
_FIRST_ONLY = frozenset({"Annotated"})
_TENSORS = frozenset(
    "Tensor FloatTensor LongTensor BoolTensor IntTensor DoubleTensor ByteTensor HalfTensor ShortTensor CharTensor "
    "BFloat16Tensor Parameter Buffer UninitializedParameter UninitializedBuffer".split()
)
_ARRAYS = frozenset({"ndarray", "NDArray"})
_LIGHTNING = ("lightning", "pytorch_lightning", "lightning_fabric")
_MODULES = {"Module": ("torch",), "LightningModule": _LIGHTNING, "PreTrainedModel": ("transformers",),
            "ModelMixin": ("diffusers",)}  # fmt: skip
_OTHER_FRAMEWORKS = frozenset(
    "tensorflow tf keras jax flax haiku hk equinox eqx mlx mxnet paddle tinygrad sympy pydantic django sqlalchemy "
    "sqlmodel".split()
)
_NO_LAYERS = frozenset({"utils", "init", "functional", "attention"})
_OF_TORCH = {
    **_each("Size dtype device layout memory_format", Kind.SCALAR),
    **dict.fromkeys(_TENSORS, Kind.TENSOR),
    "DataLoader": Kind.LOADER,
}
_OF_OTHERS = {
    "pathlib.Path": Kind.SCALAR,
    "numbers.Number": Kind.SCALAR,
    **_each("numpy.ndarray numpy.typing.NDArray", Kind.NDARRAY),
}
_SHAPED = {
    "jaxtyping": frozenset(
        "Shaped Bool Key Num Inexact Float BFloat16 Float16 Float32 Float64 Complex Complex64 Complex128 Integer UInt "
        "UInt2 UInt4 UInt8 UInt16 UInt32 UInt64 Int Int2 Int4 Int8 Int16 Int32 Int64 Real".split()
    ),
    "torchtyping": frozenset({"TensorType"}),
}
"""Annotations that give a tensor's shape: those of jaxtyping name the tensor first, torchtyping's are one."""


def read(text: str, full: Resolve = str) -> Annotation:
    """What an annotation says; nothing where it cannot be read."""
    return _said(text, tuple(full(name) for name in _names(text)))


@lru_cache(maxsize=4096)
def _said(text: str, resolved: tuple[str, ...]) -> Annotation:
    """What an annotation says where its names stand for these: files say the same of thousands of parameters."""
    tree = _parsed(text)
    return _read(tree, dict(zip(_names(text), resolved, strict=True)).__getitem__) if tree is not None else NOTHING_SAID


@cache
def _names(text: str) -> tuple[str, ...]:
    """The dotted names in an annotation, those in quotes too, and the beginnings of each."""
    tree = _parsed(text)
    return tuple(dict.fromkeys(_names_in(tree))) if tree is not None else ()


def _names_in(tree: ast.expr) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            yield _dotted(node)
        elif isinstance(node, ast.expr) and (inner := _unquoted(node)) is not node:
            yield from _names_in(inner)


def of_class(name: str) -> Annotation:
    """What the class of that full dotted name is, or its name says."""
    return _known(name, [], str)


def is_of_other_framework(name: str) -> bool:
    """Whether a full dotted name leads to a library whose models, layers and tensors are not those of torch."""
    return name.partition(".")[0] in _OTHER_FRAMEWORKS


@cache
def _parsed(text: str) -> ast.expr | None:
    try:
        tree = tree_of(text) if text else Complaint("", 1, 1)
    except TooDeep:
        return None
    if isinstance(tree, Complaint) or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    return tree.body[0].value


def _read(node: ast.expr, full: Resolve) -> Annotation:
    members = list(_members(node, full))
    found = [_class(member, full) for member in members if not _is_none(member)]
    if not found:
        return _NONE if members else NOTHING_SAID
    optional = len(found) < len(members)
    first = found[0]
    if len(found) == 1:
        return replace(first, optional=True, ground=Ground.GUESSED) if optional else first
    if len({each.kind for each in found}) > 1:
        return replace(NOTHING_SAID, optional=optional, mixed=True)
    alike = len({each.of for each in found}) == 1
    proof = min(each.proof for each in found)
    return Annotation(first.kind, proof, of=first.of if alike else None, optional=optional)


def _members(node: ast.expr, full: Resolve) -> Iterator[ast.expr]:
    """What a union is a union of, through all that says nothing of the kind: `Final`, `Annotated`, quotes."""
    node = _unquoted(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _members(node.left, full)
        yield from _members(node.right, full)
        return
    head, inner = _split(node)
    last = _typing_word(full(head)) if head else ""
    if last not in _WRAPPERS or not inner:
        yield node
        return
    for part in inner[:1] if last in _FIRST_ONLY else inner:
        yield from _members(part, full)
    if last == "Optional":
        yield ast.Constant(None)


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _parsed(" ".join(node.value.split())) or node
    return node


def _split(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """The dotted name of a class, and its arguments; "" for what is none."""
    if isinstance(node, ast.Subscript):
        inner = node.slice
        return _dotted(node.value), list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    return _dotted(node), []


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return node.id if isinstance(node, ast.Name) else ""


def _is_none(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and node.value is None) or _dotted(node).rpartition(".")[2] == "NoneType"


def _typing_word(name: str) -> str:
    """The name of something of Python's own: of typing, collections, or built in; "" for anything else."""
    owner, _, last = name.rpartition(".")
    return last if owner in _TYPING else ""


def _class(node: ast.expr, full: Resolve) -> Annotation:
    written, inner = _split(node)
    name = full(written) if written else ""
    if not name:
        return replace(NOTHING_SAID, name=written)
    return replace(_known(name, inner, full), name=written)


def _known(name: str, inner: list[ast.expr], full: Resolve) -> Annotation:
    container = _CONTAINERS.get(_typing_word(name))
    if container is not None:
        return Annotation(container, HIGH, Ground.DECLARED, _held(container, inner, full))
    root, last = name.partition(".")[0], name.rpartition(".")[2]
    shaped = _shaped(root, last, inner, full)
    if shaped is not None:
        return shaped
    kind = _by_full_name(name, root, last)
    if kind:
        return Annotation(kind, HIGH, Ground.DECLARED)
    kind = Kind.OBJECT if is_of_other_framework(name) else _by_last_name(last)
    if kind:
        return Annotation(kind, HIGH if name == last else MEDIUM)
    return Annotation(Kind.OBJECT, HIGH) if inner and last != "Callable" else NOTHING_SAID


def _held(container: Kind, inner: list[ast.expr], full: Resolve) -> Kind | None:
    """The kind of all that a container holds: of a dict its values."""
    held = inner[-1:] if container is Kind.DICT else inner if container is Kind.TUPLE else inner[:1]
    kinds = {_read(part, full).kind for part in held if not (isinstance(part, ast.Constant) and part.value is ...)}
    return kinds.pop() if len(kinds) == 1 and container not in (Kind.OBJECT, Kind.SCALAR) else None


def _shaped(root: str, last: str, inner: list[ast.expr], full: Resolve) -> Annotation | None:
    """`Float[Tensor, "b c"]`, `TensorType["b", "c"]`."""
    if last in _SHAPED["torchtyping"] and root in ("torchtyping", last):
        return Annotation(Kind.TENSOR, HIGH, Ground.DECLARED)
    if last in _SHAPED["jaxtyping"] and root in ("jaxtyping", last) and len(inner) == 2:
        return _read(inner[0], full)
    return None


def _by_full_name(name: str, root: str, last: str) -> Kind | None:
    """The kind of a class of torch, of numpy, or of what is built on them; None for any other."""
    if root == "torch":
        return _OF_TORCH.get(last) or _layer(name.split("."), last)
    return Kind.MODULE if root in _MODULES.get(last, ()) else _OF_OTHERS.get(name)


def _layer(parts: list[str], last: str) -> Kind | None:
    if not last[:1].isupper() or len(parts) < 3:
        return None
    if parts[1] == "nn":
        return Kind.MODULE if _NO_LAYERS.isdisjoint(parts) else None
    if parts[1] == "optim":
        return Kind.SCHEDULER if "lr_scheduler" in parts else Kind.OPTIMIZER
    return None


def _by_last_name(last: str) -> Kind | None:
    """What a class is mostly called so: where it comes from is not known, or it is handed on by another file."""
    if last in _TENSORS:
        return Kind.TENSOR
    if last in _MODULES:
        return Kind.MODULE
    return {"Optimizer": Kind.OPTIMIZER, "DataLoader": Kind.LOADER, **_each("ndarray NDArray", Kind.NDARRAY)}.get(last)
