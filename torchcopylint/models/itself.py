"""Calls that give the very tensor back, or a copy, as arguments and dtypes tell: +x, dropout, as_tensor, FloatTensor.

Seen on torch 2.13: `+x`, `torch.positive`, `atleast_1d` of what has dimensions, a dropout outside of training or of
probability 0, `resolve_conj` of a real tensor give the same object; `as_tensor` to the dtype at hand as well.
"""

from __future__ import annotations

from dataclasses import replace

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import CopyHow
from torchcopylint.domain.value import const_of
from torchcopylint.models import dtype
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Gives, Grad
from torchcopylint.models.table import Row

_PLAIN = frozenset({"__pos__", "positive"})
_AT_LEAST = frozenset({"atleast_1d", "atleast_2d", "atleast_3d"})
_OF_REAL = frozenset({"resolve_conj", "resolve_neg", "conj_physical"})
"""Of a real tensor the tensor itself; of a complex one that waits to be conjugated a copy."""

_COPIES_OF_SPARSE = frozenset({"t", "mT", "transpose", "swapaxes", "swapdims", "select", "to_dense"})
"""What gives copies of a sparse tensor in coordinates, though it may give views of others.

`T`, `permute`, `unsqueeze` and `detach` stay views.
"""


def given_back(found: Row, word: str, shape: Shape, grad: Grad) -> Effect | None:
    """What a call gives that may give its argument back, where its words and the dtype say which; else None."""
    if word in _PLAIN or (word in _AT_LEAST and len(shape.args) == 1 and shape.kind(0) not in (Kind.LIST, Kind.TUPLE)):
        return _itself(found, grad)
    if word in _OF_REAL:
        have = dtype.known(shape.traits)
        real = bool(have) and not have.startswith("complex")
        return (
            _itself(found, grad) if real else replace(_itself(found, grad), result=Gives.PERHAPS, sharing=Sharing.DTYPE)
        )
    if Layout.SPARSE in shape.traits and word in _COPIES_OF_SPARSE:
        layout = frozenset({Layout.SPARSE} if word != "to_dense" else ())
        return Effect(Gives.FRESH, Kind.TENSOR, of=found.aliases, grad=grad, layout=layout, pure=True)
    if found.when == "training":
        return _dropped(found, word, shape, grad)
    return None


def _itself(found: Row, grad: Grad) -> Effect:
    return Effect(Gives.VIEW, Kind.TENSOR, of=found.aliases, grad=grad, itself=True, sharing=Sharing.ITSELF, pure=True)


def _dropped(found: Row, word: str, shape: Shape, grad: Grad) -> Effect | None:
    """A dropout: told not to train, or to drop nothing, it gives its input; in training something new.

    `F.dropout` trains unless it is told otherwise, `F.alpha_dropout` does not.
    """
    mode = "training" if "training" in found.params else "train"
    if "p" not in found.params or mode not in found.params:
        return None
    given = shape.value(found.params.index(mode), mode)
    training = const_of(given) if given else "alpha" not in word
    share = shape.const(found.params.index("p"), "p")
    if training is False or share == 0:
        return _itself(found, grad)
    if training is True and isinstance(share, float) and share > 0:
        return Effect(Gives.FRESH, Kind.TENSOR, of=found.aliases, grad=grad, pure=True)
    return None


def as_tensor(shape: Shape) -> Effect:
    """`as_tensor` and `asarray`: where dtype and device are the ones at hand they share with what they are given."""
    if shape.kind(0) in (Kind.LIST, Kind.TUPLE):
        return Effect(Gives.FRESH, Kind.TENSOR, grad=Grad.NEVER, copy=CopyHow.TENSOR, pure=True)
    if shape.flag("copy"):
        return Effect(Gives.FRESH, Kind.TENSOR, copy=CopyHow.COPY, pure=True)
    array = shape.kind(0) is Kind.NDARRAY
    given = len(shape.args) + len(shape.keywords)
    wanted, have = dtype.wanted("as_tensor", shape), dtype.known(shape.traits)
    if given == 2 and wanted and have and wanted != have:
        return Effect(
            Gives.FRESH, Kind.TENSOR, grad=Grad.NEVER if array else Grad.FLOWS, layout=dtype.flag(wanted), pure=True
        )
    if (given == 1 or (given == 2 and wanted and wanted == have)) and shape.kind(0) in (Kind.NDARRAY, Kind.TENSOR):
        return (
            _of_array(shape)
            if array
            else Effect(Gives.VIEW, Kind.TENSOR, sharing=Sharing.ITSELF, pure=True, itself=True)
        )
    return Effect(Gives.PERHAPS, Kind.TENSOR, sharing=Sharing.DTYPE_OR_DEVICE, pure=True, itself=True)


def _of_array(shape: Shape) -> Effect:
    layout = dtype.flag(dtype.known(shape.traits))
    return Effect(
        Gives.VIEW, Kind.TENSOR, grad=Grad.NEVER, counter=False, sharing=Sharing.OF_ARRAY, layout=layout, pure=True
    )


def legacy(name: str, shape: Shape) -> Effect | None:
    """`torch.FloatTensor(x)`: of numbers a new tensor, on the memory of a tensor or array of its own dtype.

    `torch.Tensor` makes the default dtype. Of a tensor of another dtype torch raises; an array of another is copied.
    """
    made = Effect(Gives.FRESH, Kind.TENSOR, grad=Grad.NEVER, copy=CopyHow.TENSOR, certain=True)
    if shape.kind(0) in (Kind.LIST, Kind.TUPLE):
        return made
    if shape.kind(0) is Kind.TENSOR and len(shape.args) == 1:
        return Effect(Gives.VIEW, Kind.TENSOR, grad=Grad.CUT, sharing=Sharing.ITSELF, certain=True)
    if shape.kind(0) is not Kind.NDARRAY:
        return None
    have, want = dtype.known(shape.traits), dtype.of_class(name)
    if have and have != want:
        return made
    result = Gives.VIEW if have else Gives.PERHAPS
    sharing = Sharing.OF_ARRAY if have else Sharing.DTYPE
    return Effect(
        result, Kind.TENSOR, grad=Grad.NEVER, counter=False, sharing=sharing, layout=dtype.flag(want), certain=True
    )
