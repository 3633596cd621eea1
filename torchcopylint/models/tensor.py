"""Tensors: the generated table's rows as effects, and the few calls whose effect needs more words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from torchcopylint.domain.family import Family
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import NO_FLAGS, Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import CopyHow, TakeHow
from torchcopylint.domain.value import Const, Named, Scalar, const_of
from torchcopylint.models import dtype
from torchcopylint.models.effect import LOW, Effect, Model, Shape, leaf
from torchcopylint.models.itself import as_tensor, given_back, legacy
from torchcopylint.models.language import Act, Gives, Grad
from torchcopylint.models.table import Row, When, row

_EXPANDING = frozenset({"expand", "expand_as", "broadcast_to"})
PERMUTING = frozenset("t T mT H mH transpose swapaxes swapdims permute movedim moveaxis adjoint".split())
_RELAYING = frozenset({"contiguous", "ravel", "flatten", "reshape"})
PROPERTIES = frozenset(
    "T H mT mH data real imag shape dtype device is_cuda ndim requires_grad is_leaf grad_fn layout itemsize "
    "nbytes".split()
)
_ABOUT = frozenset(
    "numel nelement dim ndimension size stride storage_offset element_size data_ptr get_device is_contiguous "
    "is_floating_point is_complex is_signed is_pinned is_shared is_set_to type has_names untyped_storage".split()
)
_LISTING = frozenset(
    "isnan isinf isfinite isposinf isneginf isreal isin isclose logical_and logical_or logical_not logical_xor eq ne "
    "lt le gt ge nonzero argsort randperm arange topk sort bincount unique where triu_indices tril_indices "
    "multinomial".split()
)
"""Functions whose result, used as an index, picks by mask or list: never a single whole number."""
_PICKING = frozenset("max min median nanmedian mode kthvalue topk sort cummax cummin".split())
"""Functions that give values, and where they were found."""
CONDITION: dict[When, Sharing | None] = {
    "": None,
    "argument": Sharing.ARGUMENT,
    "copy-flag": Sharing.COPY_FLAG,
    "dtype": Sharing.DTYPE,
    "dtype-or-device": Sharing.DTYPE_OR_DEVICE,
    "index": Sharing.INDEX,
    "layout": Sharing.LAYOUT,
    "max-norm": Sharing.MAX_NORM,
    "shape": Sharing.SHAPE,
    "sparse": Sharing.SPARSE,
    "training": Sharing.TRAINING,
}
"""What the table says of a conditional row, as the sharing of its result."""
_KINDS = {"tensor": Kind.TENSOR, "ndarray": Kind.NDARRAY, "list": Kind.SCALARS}
_TAKES = {"Tensor.copy_": (TakeHow.COPIES, 1), "Tensor.detach": (TakeHow.DETACHES, 0)}
_TO_SPARSE = frozenset({"Tensor.to_sparse", "Tensor.to_sparse_coo", "torch.sparse_coo_tensor"})
_JOINING = frozenset(f"torch.{name}" for name in "cat concat concatenate hstack vstack".split())
_WAYS = {"detach": Sharing.DETACHED, "data": Sharing.DATA, "numpy": Sharing.ARRAY}
"""Views that are more than that: what reads them may take them for a copy, or writes them behind autograd's back."""


def tensor_effect(name: str, shape: Shape) -> Effect | None:
    """The effect of "Tensor.view" or "torch.stack" on these arguments; None where the table is silent."""
    if name == "Tensor.view" and len(shape.args) == 1 and not shape.keywords:
        return None
    special = SPECIAL.get(name)
    if special is not None and "out" in shape.keywords and (found := row(name)) is not None and found.out:
        return Effect(Gives.UNKNOWN, Kind.TENSOR, act=Act.FILLS_OUT)
    if special is not None:
        return _of_dtype(name, special(shape) if callable(special) else special, shape)
    found = _spread_out(row(name), shape)
    effect = None if found is None or found.kind == "unknown" else _of_dtype(name, _effect(found, shape), shape)
    if effect is not None and _deferred(name, shape):
        effect = replace(effect, deferred=True)
    if effect is not None and name in _TO_SPARSE:
        return replace(effect, layout=effect.layout | {Layout.SPARSE})
    if effect is not None and name in _TAKES:
        return replace(effect, takes=_TAKES[name])
    return replace(effect, act=Act.JOINS) if effect is not None and name in _JOINING else effect


def _spread_out(found: Row | None, shape: Shape) -> Row | None:
    """A row whose last position stands for all arguments that follow, with those that are given."""
    if found is None or not found.variadic or not found.aliases:
        return found
    return replace(found, aliases=tuple(range(found.aliases[-1], max(len(shape.args), found.aliases[-1] + 1))))


def _of_dtype(name: str, effect: Effect | None, shape: Shape) -> Effect | None:
    """The effect, with the dtype of what it makes where that is known."""
    flags = dtype.made(name, shape) if effect is not None and effect.result is Gives.FRESH else None
    return replace(effect, layout=effect.layout | flags) if effect is not None and flags else effect


_OPERATORS = {"*": "__mul__", "/": "__truediv__", "**": "__pow__", "@": "__matmul__"}
_FORMS = {"torch.nn.functional.relu": (("result", "input", "any"),)}
"""What the table cannot be sure of for all ways to call it, and is so for the usual one."""


def operator_saves(operator: str, shape: Shape) -> tuple[tuple[int, int], ...]:
    """What an arithmetic operator between a tensor and something else keeps for backward."""
    found = row(f"Tensor.{_OPERATORS[operator]}") if operator in _OPERATORS and shape.kind(0) is Kind.TENSOR else None
    return saves_of(found, shape) if found is not None else ()


def saves_of(found: Row, shape: Shape) -> tuple[tuple[int, int], ...]:
    """(kept, for the gradient of) for each argument, or the result (-1), that this call surely keeps for backward."""
    others = [*shape.args[1:], *shape.keywords.values()]
    beside = Kind.TENSOR in shape.kinds[1:]
    alone = all(isinstance(e, Const | Scalar) for v in others for e in v)
    form = "" if shape.keywords else "beside" if beside else "alone" if alone else ""
    pairs: list[tuple[int, int]] = []
    for kept, needed, where in _FORMS.get(found.name, found.sure):
        place, wanted = -1 if kept == "result" else found.position(kept), found.position(needed)
        if where in ("any", form) and place is not None and wanted is not None:
            pairs.append((place, wanted))
    return tuple(pairs)


def is_pure(method: str) -> bool:
    """Whether a method of tensors does nothing but return its result."""
    found = row(f"Tensor.{method}")
    return found is not None and found.kind in ("fresh", "view", "conditional") and not found.writes


def _effect(found: Row, shape: Shape) -> Effect | None:
    if found.inplace_flag and _in_place(found, shape) is True:
        kept = ((-1, 0),) if found.name.endswith(("relu", "elu")) else ()
        return Effect(Gives.SAME, Kind.TENSOR, writes=(0,), saves=kept)
    if found.out and "out" in shape.keywords:
        return Effect(Gives.UNKNOWN, Kind.TENSOR, act=Act.FILLS_OUT)
    word = found.name.rsplit(".", 1)[1]
    if found.kind == "inplace":
        return Effect(
            Gives.SAME if found.aliases else Gives.NONE,
            Kind.TENSOR,
            of=found.aliases,
            writes=found.writes,
            saves=saves_of(found, shape),
        )
    if word == "detach_":
        return Effect(Gives.SAME, Kind.TENSOR, act=Act.DETACHES, on=(0,))
    if found.kind == "metadata":
        reshapes = word.endswith("_") and word not in ("requires_grad_", "share_memory_", "detach_", "rename_")
        return Effect(Gives.SAME, Kind.TENSOR, of=(0,), act=Act.RESHAPES if reshapes else None, on=(0,))
    if found.kind in ("view", "conditional"):
        return _sharing(found, word, shape)
    if found.kind == "fresh":
        made = _fresh(found, shape)
        return replace(made, own=False) if found.inplace_flag and _in_place(found, shape) is None else made
    act = Act.ASKS if word in _ABOUT else None
    return Effect(Gives.SCALAR, grad=Grad.NEVER, act=act, pure=found.kind == "scalar" and not found.writes)


def _in_place(found: Row, shape: Shape) -> bool | None:
    """Whether a function is told to work in place, by keyword or position; None where that is not known."""
    given = shape.value(found.params.index("inplace") if "inplace" in found.params else len(shape.args), "inplace")
    flag = const_of(given) if given else False
    return flag if isinstance(flag, bool) else None


def _einsum(shape: Shape) -> Effect | None:
    """Of one operand it may be a view, such as a diagonal; of several it is computed."""
    found = row("torch.einsum")
    if found is None or len(shape.args) > 2:
        return _fresh(found, shape) if found is not None else None
    layout = frozenset({Layout.UNEVEN})
    return Effect(Gives.PERHAPS, Kind.TENSOR, of=(1,), sharing=Sharing.SHAPE, layout=layout, pure=True)


def _cartesian(shape: Shape) -> Effect:
    """Of one tensor it is that tensor, of several it is computed; how many a `*` hands over is not known."""
    if len(shape.args) > 1:
        return Effect(Gives.FRESH, Kind.TENSOR, of=tuple(range(len(shape.args))), pure=True)
    alone = len(shape.args[0]) == 1 if shape.args else False
    sharing = Sharing.ITSELF if alone else Sharing.SHAPE
    return Effect(Gives.VIEW if alone else Gives.PERHAPS, Kind.TENSOR, sharing=sharing, itself=True, pure=True)


def _sharing(found: Row, word: str, shape: Shape) -> Effect:
    if found.when in ("dtype-or-device", "copy-flag") and shape.flag("copy"):
        return Effect(Gives.FRESH, Kind.TENSOR, of=found.aliases, copy=CopyHow.COPY, pure=True)
    grad = Grad.CUT if found.detaches else Grad.FLOWS if found.attached else Grad.NEVER
    if word in _RELAYING and shape.sizes is not None and "memory_format" not in shape.keywords:
        return Effect(
            Gives.VIEW, Kind.TENSOR, of=found.aliases, grad=grad, sharing=Sharing.ITSELF, itself=True, pure=True
        )
    if word in _RELAYING and Layout.PERMUTED in shape.traits and _needs_order(word, shape):
        layout = frozenset({Layout.RELAID})
        return Effect(
            Gives.FRESH, Kind.TENSOR, of=found.aliases, grad=grad, layout=layout, sharing=Sharing.RELAID, pure=True
        )
    if found.when == "dtype-or-device" and (converted := _converted(found, word, grad, shape)) is not None:
        return converted
    if (itself := given_back(found, word, shape, grad)) is not None:
        return itself
    expands = word in _EXPANDING or (word == "meshgrid" and len(shape.args) != 1)
    layout = frozenset({Layout.EXPANDED} if expands else {Layout.MULTI} if found.multi else ())
    if word in PERMUTING and Layout.PERMUTED not in shape.traits and not _keeps_order(word, shape):
        layout |= {Layout.PERMUTED}
    kind = _KINDS.get(found.returns, Kind.TENSOR if found.returns == "tensors" else Kind.UNKNOWN)
    if found.many:
        return Effect(
            Gives.PARTS, Kind.TENSOR, of=found.aliases, grad=grad, layout=layout, pure=True, writes=_written(found)
        )
    return Effect(
        result=Gives.VIEW if found.kind == "view" else Gives.PERHAPS,
        kind=kind,
        of=found.aliases,
        grad=grad,
        counter=found.counter,
        layout=layout,
        itself=found.same,
        sharing=_WAYS.get(word) or (Sharing.VIEW if found.kind == "view" else _condition(found, word, shape)),
        writes=_written(found),
        pure=True,
    )


def _converted(found: Row, word: str, grad: Grad, shape: Shape) -> Effect | None:
    """A conversion to a dtype and nothing else, where it is known what that does."""
    want, have = dtype.wanted(word, shape), dtype.known(shape.traits)
    if not want or len(shape.args) + len(shape.keywords) > 2:
        return None
    if have and have != want:
        return Effect(Gives.FRESH, Kind.TENSOR, of=found.aliases, grad=grad, layout=dtype.flag(want), pure=True)
    sharing = Sharing.ITSELF if have else Sharing.FLOAT32 if want == "float32" else CONDITION[found.when]
    return Effect(
        Gives.VIEW if have else Gives.PERHAPS,
        Kind.TENSOR,
        of=found.aliases,
        grad=grad,
        sharing=sharing,
        layout=dtype.flag(want),
        itself=found.same,
        pure=True,
    )


def _keeps_order(word: str, shape: Shape) -> bool:
    """A permutation that is none: `x.transpose(0, 0)`, `x.permute(0, 1, 2)`."""
    places = [shape.const(i) for i in range(1, len(shape.args))]
    if word == "permute":
        return places == list(range(len(places))) and bool(places)
    return len(places) == 2 and places[0] == places[1] and isinstance(places[0], int)


def _needs_order(word: str, shape: Shape) -> bool:
    """Whether the result has its elements in a row whatever the sizes: `.contiguous()`, `.flatten()`, `.reshape(-1)`.

    Of permuted strides that is a copy; `x.permute(2, 0, 1).flatten(1)` can be a view.
    """
    alone = len(shape.args) == 1 and not shape.keywords
    return alone or (word == "reshape" and len(shape.args) == 2 and shape.const(1) == -1)


def _condition(found: Row, word: str, shape: Shape) -> Sharing | None:
    """What decides whether it copies; a move to a device mostly finds things where they are."""
    if word in ("cpu", "cuda") or (word == "to" and not names_dtype(shape)):
        return Sharing.DEVICE
    permuted = found.when == "layout" and Layout.PERMUTED in shape.traits
    return Sharing.LAYOUT_OF_PERMUTATION if permuted else CONDITION[found.when]


def names_dtype(shape: Shape) -> bool:
    """Whether one of the arguments is a dtype by its name."""
    given = [e for v in (*shape.args[1:], *shape.keywords.values()) for e in v]
    named = (e.name for e in given if isinstance(e, Named))
    return "dtype" in shape.keywords or any(n.rpartition(".")[2] in dtype.WORDS or n.endswith("dtype") for n in named)


def _by_dimension(shape: Shape) -> bool:
    """`x.max(1)` gives values and indices where `x.max()` gives one tensor."""
    return "dim" in shape.keywords or isinstance(shape.const(1), int)


def _fresh(found: Row, shape: Shape) -> Effect:
    grad = Grad.FLOWS if found.attached and not found.detaches else Grad.NEVER
    kind = _KINDS.get(found.returns, Kind.TENSOR)
    if found.returns in ("scalar", "bool", "size", "none", "other"):
        return Effect(Gives.SCALAR, grad=Grad.NEVER)
    copies = found.name in ("Tensor.clone", "torch.clone")
    last = found.name.rpartition(".")[2]
    lists = last in _LISTING and not (last == "where" and len(shape.args) > 1 + found.name.startswith("Tensor."))
    return Effect(
        result=Gives.SEVERAL if found.many and (found.returns == "tensors" or _by_dimension(shape)) else Gives.FRESH,
        kind=kind,
        of=tuple(range(6)) if found.params else (),
        grad=grad,
        writes=_written(found),
        copy=CopyHow.CLONE if copies else None,
        layout=frozenset({Layout.MASK} if lists else {Layout.NUMBER} if _counts(last, shape) else ()),
        family=Family.SAVED if any(kept.startswith("result") for kept in found.saves) else None,
        pure=not found.writes and kind is Kind.TENSOR,
        indices=found.name.rpartition(".")[2] in _PICKING,
        saves=saves_of(found, shape),
    )


def _counts(word: str, shape: Shape) -> bool:
    """`x.argmax()` over all of a tensor gives one number."""
    return word in ("argmax", "argmin") and len(shape.args) == 1 and not shape.keywords


def _written(found: Row) -> tuple[int, ...]:
    return found.writes if found.writes and found.when == "" else ()


def _make_tensor(shape: Shape) -> Effect:
    """Of a list or a truth value it makes what picks by copying, as an index; of a number what picks a view."""
    given = shape.const(0, "data")
    lists = shape.kind(0) in (Kind.LIST, Kind.TUPLE) or isinstance(given, bool)
    number = isinstance(given, int) and not shape.keywords
    layout = frozenset({Layout.MASK} if lists else {Layout.NUMBER} if number else ())
    return Effect(Gives.FRESH, Kind.TENSOR, grad=leaf(shape), copy=CopyHow.TENSOR, layout=layout, certain=True)


def _load(shape: Shape) -> Effect:
    moves = len(shape.args) > 1 or "map_location" in shape.keywords
    return Effect(Gives.FRESH, grad=Grad.NEVER, act=None if moves else Act.UNPACKS_SAVED)


def _factory(shape: Shape) -> Effect:
    layout = frozenset({Layout.PINNED} if shape.flag("pin_memory") else ())
    return Effect(Gives.FRESH, Kind.TENSOR, of=(), grad=leaf(shape), layout=layout, certain=True, sizes=_sizes(shape))


def _sizes(shape: Shape) -> tuple[int, ...]:
    """The sizes that a factory is given one by one; () where they are not literals, or what is given are no sizes."""
    given = [shape.const(i) for i in range(len(shape.args))]
    return tuple(n for n in given if isinstance(n, int)) if all(type(n) is int for n in given) else ()


def _alike(made: Callable[[Shape], Effect]) -> Model:
    """`zeros_like(x)`, `x.new_zeros(..)`: something like x, which says what that is, and in which order."""
    return lambda shape: replace(made(shape), certain=False, sizes=None)


def _listing(shape: Shape) -> Effect:
    return replace(_factory(shape), layout=frozenset({Layout.MASK}), sizes=())


def _blank(shape: Shape) -> Effect:
    return replace(_factory(shape), family=Family.BLANK)


def _requires(shape: Shape) -> Effect:
    return Effect(
        Gives.SAME, Kind.TENSOR, act=Act.FREEZES if shape.const(1, "requires_grad") is False else Act.REQUIRES, on=(0,)
    )


def _gradient(shape: Shape) -> Effect:
    return Effect(
        Gives.SEVERAL,
        Kind.TENSOR,
        of=(0,),
        grad=Grad.FLOWS if shape.flag("create_graph") else Grad.NEVER,
        act=Act.DIFFERENTIATES,
        on=(0,),
    )


def _expand(shape: Shape) -> Effect:
    sizes, have = [shape.const(i) for i in range(1, len(shape.args))], shape.sizes or ()
    known = have if len(have) == len(sizes) else [-1] * len(sizes)
    keeps = bool(sizes) and all(size in (-1, own) for size, own in zip(sizes, known, strict=True))
    layout = NO_FLAGS if keeps else frozenset({Layout.EXPANDED})
    return Effect(Gives.VIEW, Kind.TENSOR, layout=layout, sharing=Sharing.EXPANDED, pure=True)


_FACTORIES = "rand randn randint randperm arange linspace logspace eye normal rand_like randn_like randint_like".split()
_BLANKS = "zeros ones empty full".split()
_LOSSES = (
    "mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits cross_entropy "
    "kl_div nll_loss poisson_nll_loss gaussian_nll_loss soft_margin_loss"
).split()


def _deferred(name: str, shape: Shape) -> bool:
    """Whether a transfer may still be under way when the call returns: to the host, with `non_blocking=True`."""
    if name not in ("Tensor.to", "Tensor.copy_") or not shape.flag("non_blocking"):
        return False
    given = [const_of(value) for value in (*shape.args[1:], *shape.keywords.values())]
    return name == "Tensor.copy_" or any(isinstance(word, str) and word.startswith("cpu") for word in given)


SETTLING = frozenset("synchronize wait wait_stream wait_event item tolist cpu barrier query".split())
"""Calls after which transfers that were under way before are done, as far as anybody can tell from outside."""

SPECIAL: dict[str, Model] = {
    "torch.cartesian_prod": _cartesian,
    "torch.einsum": _einsum,
    "torch.from_file": Effect(Gives.FRESH, Kind.TENSOR, of=(), grad=Grad.NEVER, own=False),
    "Tensor.pin_memory": Effect(Gives.FRESH, Kind.TENSOR, layout=frozenset({Layout.PINNED}), pure=True),
    "torch.tensor": _make_tensor,
    "Tensor.new_tensor": lambda shape: Effect(Gives.FRESH, Kind.TENSOR, grad=leaf(shape)),
    **{
        f"Tensor.{name}": Effect(Gives.UNKNOWN, act=Act.LACKS, on=(0,), remedy="{}.clone()")
        for name in ("copy", "deepcopy")
    },
    "torch.from_numpy": Effect(
        Gives.VIEW, Kind.TENSOR, grad=Grad.NEVER, counter=False, sharing=Sharing.OF_ARRAY, certain=True
    ),
    "torch.as_tensor": as_tensor,
    "torch.asarray": as_tensor,
    **{f"torch.{name}Tensor": partial(legacy, name) for name in ("", *dtype.CLASSES)},
    "Tensor.requires_grad_": _requires,
    "Tensor.backward": Effect(Gives.NONE, act=Act.BACKWARD, on=(0,)),
    "torch.autograd.backward": Effect(Gives.NONE, act=Act.BACKWARD, on=(0,)),
    "torch.autograd.grad": _gradient,
    "Tensor.register_hook": Effect(Gives.NONE, act=Act.RETAINS, on=(0,)),
    "Tensor.retain_grad": Effect(Gives.NONE, act=Act.RETAINS, on=(0,)),
    "Tensor.expand": _expand,
    "Tensor.grad": Effect(Gives.LIVE, Kind.TENSOR, grad=Grad.NEVER, sharing=Sharing.GRADIENT),
    "Tensor.tolist": Effect(Gives.FRESH, Kind.SCALARS, LOW, grad=Grad.NEVER, copy=CopyHow.TOLIST),
    "Tensor.share_memory_": Effect(Gives.SAME, Kind.TENSOR),
    "Tensor.size": Effect(Gives.SCALAR, grad=Grad.NEVER),
    "Tensor.shape": Effect(Gives.SCALAR, grad=Grad.NEVER),
    "Tensor.__array__": Effect(Gives.VIEW, Kind.NDARRAY, grad=Grad.CUT, counter=False),
    **{f"torch.{name}": _alike(_factory) if name.endswith("_like") else _factory for name in _FACTORIES},
    **{f"torch.{name}": _listing for name in ("randperm", "arange")},
    **{f"torch.{name}": _blank for name in _BLANKS},
    **{f"torch.{name}_like": _alike(_blank) for name in _BLANKS},
    **{f"Tensor.new_{name}": _alike(_blank) for name in _BLANKS},
    **{
        f"torch.nn.functional.{name}": Effect(Gives.FRESH, Kind.TENSOR, of=(0, 1), act=Act.COMPARES, on=(0, 1))
        for name in _LOSSES
    },
    "torch.save": Effect(Gives.NONE, act=Act.SAVES, on=(0, 1)),
    "torch.load": _load,
    "torch.is_tensor": Effect(Gives.SCALAR, act=Act.IS_TENSOR),
}
