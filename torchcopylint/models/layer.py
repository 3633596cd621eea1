"""Layers of torch.nn: what making one makes, and what calling it does to its input."""

from __future__ import annotations

from dataclasses import replace

from torchcopylint.domain.family import AnyFamily, Family, OfClass
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Flag, Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Act, Gives, Grad

STATELESS = frozenset(
    "Identity ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Mish Sigmoid Tanh Softmax LogSoftmax Softplus Hardswish "
    "Hardtanh Hardsigmoid Hardshrink Softshrink RReLU Dropout Dropout1d Dropout2d Dropout3d AlphaDropout "
    "FeatureAlphaDropout Flatten Unflatten MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d "
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d "
    "LPPool1d LPPool2d LPPool3d Upsample ZeroPad1d ZeroPad2d ZeroPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d "
    "ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d PixelShuffle "
    "PixelUnshuffle Unfold Fold LogSigmoid Softsign Tanhshrink Threshold GLU Softmax2d Softmin ChannelShuffle "
    "CosineSimilarity PairwiseDistance UpsamplingNearest2d UpsamplingBilinear2d ConstantPad1d ConstantPad2d "
    "ConstantPad3d LocalResponseNorm".split()
)
HOLDERS_OF_MODULES = frozenset({OfClass("ModuleList"), OfClass("Sequential"), OfClass("ModuleDict")})
HOLDERS = HOLDERS_OF_MODULES | {OfClass("ParameterList"), OfClass("ParameterDict")}
_WRAPPERS = frozenset(
    {OfClass("DataParallel"), OfClass("DistributedDataParallel"), OfClass("FullyShardedDataParallel")}
)
_GIVE_MORE = frozenset(
    OfClass(name) for name in "LSTM GRU RNN LSTMCell MultiheadAttention AdaptiveLogSoftmaxWithLoss".split()
)
_GIVE_NO_TENSOR = _GIVE_MORE | HOLDERS | _WRAPPERS | {Family.LIGHTNING, Family.OUTPUT}

INPLACE_AT = {
    "CELU": 1,
    "Dropout": 1,
    "Dropout1d": 1,
    "Dropout2d": 1,
    "Dropout3d": 1,
    "ELU": 1,
    "Hardsigmoid": 0,
    "Hardswish": 0,
    "Hardtanh": 2,
    "LeakyReLU": 1,
    "Mish": 0,
    "RReLU": 2,
    "ReLU": 0,
    "ReLU6": 0,
    "SELU": 0,
    "SiLU": 0,
    "Threshold": 2,
}
"""Layers that take `inplace` and heed it, with its position; AlphaDropout and FeatureAlphaDropout do not heed it."""

SHARING = {
    "Identity": Layout.RETURNS_INPUT,
    "Unflatten": Layout.GIVES_VIEW,
    "Flatten": Layout.GIVES_VIEW_BY_LAYOUT,
    **dict.fromkeys("AlphaDropout FeatureAlphaDropout Dropout Dropout1d Dropout2d Dropout3d".split(), Layout.DROPS),
}
"""Layers whose output may be, or share storage with, their input."""

_KEPT = {
    **dict.fromkeys("ReLU Sigmoid Tanh Softmax LogSoftmax".split(), Layout.KEEPS_RESULT),
    **dict.fromkeys("Linear Conv1d Conv2d Conv3d LayerNorm".split(), Layout.KEEPS_INPUT),
}
"""What the graph keeps of a layer's call for backward: its result, or its input for the gradient of the weights."""
_RUN = Effect(Gives.OUTPUT, Kind.UNKNOWN, act=Act.RUNS, on=(0,), of=tuple(range(9)))
_RUNS_BY_TRAIT = {
    Layout.WRITES_INPUT: Effect(Gives.SAME, Kind.TENSOR, of=(1,), writes=(1,), act=Act.RUNS, on=(0,)),
    Layout.BEGINS_WRITING: replace(_RUN, writes=(1,)),
    Layout.RETURNS_INPUT: Effect(Gives.SAME, Kind.TENSOR, of=(1,), act=Act.RUNS, on=(0,)),
    Layout.GIVES_VIEW: Effect(Gives.VIEW, Kind.TENSOR, of=(1,), sharing=Sharing.VIEW, act=Act.RUNS, on=(0,)),
    Layout.GIVES_VIEW_BY_LAYOUT: Effect(
        Gives.PERHAPS, Kind.TENSOR, of=(1,), sharing=Sharing.LAYOUT, act=Act.RUNS, on=(0,)
    ),
    Layout.DROPS: Effect(Gives.PERHAPS, Kind.TENSOR, of=(1,), sharing=Sharing.TRAINING, act=Act.RUNS, on=(0,)),
}


def gives_tensor(family: AnyFamily) -> bool:
    """Whether a layer of torch.nn of this family returns one tensor; None is no layer of torch's own."""
    return family is not None and family not in _GIVE_NO_TENSOR


def layer(last: str, shape: Shape) -> Effect:
    """What calling a class of torch.nn makes."""
    if last in ("Parameter", "Buffer"):
        grad, sharing = (Grad.PARAMETER, Sharing.PARAMETER) if last == "Parameter" else (Grad.CUT, Sharing.BUFFER)
        if last == "Parameter" and shape.value(1, "requires_grad"):
            flag = shape.const(1, "requires_grad")
            grad = Grad.PERHAPS if not isinstance(flag, bool) else Grad.PARAMETER if flag else Grad.CUT
        return Effect(Gives.VIEW, Kind.TENSOR, grad=grad, sharing=sharing, certain=True)
    named = OfClass(last)
    if named in HOLDERS:
        layout = frozenset(
            {Layout.BEGINS_WRITING} if last == "Sequential" and Layout.WRITES_INPUT in shape.traits else ()
        )
        layout |= {Layout.COPYABLE} if last == "ParameterDict" else frozenset()
        return Effect(Gives.HELD, Kind.MODULE, family=named, of=tuple(range(64)), layout=layout, certain=True)
    if named in _WRAPPERS:
        return Effect(Gives.WRAPPED, Kind.MODULE, family=named)
    if last.endswith("Loss"):
        return Effect(Gives.FRESH, Kind.MODULE, of=(), family=Family.LOSS, certain=True)
    family = Family.STATELESS if last in STATELESS else named
    return Effect(Gives.FRESH, Kind.MODULE, of=(), family=family, layout=_traits(last, shape), certain=True)


def _traits(last: str, shape: Shape) -> frozenset[Flag]:
    if last in INPLACE_AT and shape.const(INPLACE_AT[last], "inplace") is True:
        return frozenset({Layout.WRITES_INPUT, _KEPT.get(last, Layout.WRITES_INPUT)})
    return frozenset(traits[last] for traits in (SHARING, _KEPT) if last in traits)


def run(shape: Shape) -> Effect:
    """What calling a module does: as a layer of torch's own was made, or what any module may do."""
    effect = next((effect for trait, effect in _RUNS_BY_TRAIT.items() if trait in shape.traits), _RUN)
    if Layout.KEEPS_RESULT in shape.traits:
        return replace(effect, saves=((-1, 1),))
    return replace(effect, saves=((1, 0),)) if Layout.KEEPS_INPUT in shape.traits else effect
