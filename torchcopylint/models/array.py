"""numpy: which functions and methods share memory with an array, which write one, which make their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import CopyHow
from torchcopylint.domain.value import Const, Scalar
from torchcopylint.models import dtype
from torchcopylint.models.effect import LOW, MEDIUM, Effect, Model, Shape
from torchcopylint.models.language import Act, Gives, Grad

PROPERTIES = frozenset("T mT real imag flat shape strides dtype ndim size itemsize nbytes".split())

_VIEW = Effect(Gives.VIEW, Kind.NDARRAY, grad=Grad.NEVER, sharing=Sharing.VIEW)
_BY_LAYOUT = Effect(Gives.PERHAPS, Kind.NDARRAY, grad=Grad.NEVER, sharing=Sharing.LAYOUT)
_BY_DTYPE = Effect(Gives.PERHAPS, Kind.NDARRAY, grad=Grad.NEVER, sharing=Sharing.DTYPE)
_PARTS = Effect(Gives.PARTS, Kind.NDARRAY, grad=Grad.NEVER, sharing=Sharing.VIEW)
_FRESH = Effect(Gives.FRESH, Kind.NDARRAY, MEDIUM, of=(), grad=Grad.NEVER)
_NEW = replace(_FRESH, certain=True)
_MOSTLY_FRESH = replace(_FRESH, own=False)
"""Something new, but for the array itself where there is nothing to do."""
_LISTING = Effect(Gives.FRESH, Kind.NDARRAY, MEDIUM, of=(), grad=Grad.NEVER, layout=frozenset({Layout.MASK}))
_COPY = Effect(Gives.FRESH, Kind.NDARRAY, of=(), grad=Grad.NEVER, copy=CopyHow.COPY, pure=True)
_OWN = Effect(Gives.FRESH, Kind.NDARRAY, of=(), grad=Grad.NEVER, pure=True)
_SEVERAL = Effect(Gives.SEVERAL, Kind.NDARRAY, MEDIUM, of=(), grad=Grad.NEVER)
_INDICES = replace(_SEVERAL, layout=frozenset({Layout.MASK}))
_UNKNOWN = Effect(Gives.UNKNOWN)
_WRITES = Effect(Gives.NONE, writes=(0,))
_SCALAR = Effect(Gives.SCALAR, grad=Grad.NEVER, act=Act.ASKS)


def _reduces(shape: Shape, axis: int = 1) -> Effect:
    """With an axis it gives an array, without one a number."""
    return _FRESH if "axis" in shape.keywords or len(shape.args) > axis else Effect(Gives.SCALAR, grad=Grad.NEVER)


def _elementwise(inputs: int) -> Callable[[Shape], Effect]:
    """A universal function of so many inputs: the argument after them is where the result is written."""

    def effect(shape: Shape) -> Effect:
        if "out" in shape.keywords and shape.const(99, "out") is not None:
            return Effect(Gives.UNKNOWN, Kind.NDARRAY, act=Act.FILLS_OUT)
        if len(shape.args) > inputs:
            return Effect(Gives.SAME, Kind.NDARRAY, of=(inputs,), writes=(inputs,))
        given = [element for value in shape.args for element in value]
        return _SCALAR if given and all(isinstance(element, Const | Scalar) for element in given) else _FRESH

    return effect


def _array(shape: Shape) -> Effect:
    copies = shape.const(99, "copy")
    if copies is False or copies is None:
        return _BY_DTYPE
    return Effect(Gives.FRESH, Kind.NDARRAY, of=(0,), grad=Grad.NEVER, certain=True)


def _wraps(shape: Shape) -> Effect:
    """`asarray`: of a tensor, and no dtype, an array on its memory."""
    if shape.kind(0) is Kind.TENSOR and len(shape.args) == 1 and not shape.keywords:
        return Effect(Gives.VIEW, Kind.NDARRAY, grad=Grad.CUT, counter=False, sharing=Sharing.ARRAY)
    return _BY_DTYPE


def _casts(shape: Shape) -> Effect:
    if shape.const(99, "copy") is False:
        return _BY_DTYPE
    flags = dtype.made_by_numpy("astype", shape)
    return replace(_OWN, layout=flags) if flags else _OWN


def _fills_nan(shape: Shape) -> Effect:
    if shape.const(1, "copy") is False:
        return Effect(Gives.SAME, Kind.NDARRAY, writes=(0,))
    return _FRESH


def _einsum(shape: Shape) -> Effect:
    alone = len(shape.args) == 2 and "out" not in shape.keywords
    return Effect(Gives.PERHAPS, Kind.NDARRAY, of=(1,), grad=Grad.NEVER, sharing=Sharing.LAYOUT) if alone else _FRESH


def _where(shape: Shape) -> Effect:
    return _INDICES if len(shape.args) == 1 else _FRESH


def _decomposes(shape: Shape) -> Effect:
    """Several arrays, unless options ask for one."""
    return _UNKNOWN if {"compute_uv", "mode"} & shape.keywords.keys() or len(shape.args) > 1 else _SEVERAL


def _unique(shape: Shape) -> Effect:
    return _SEVERAL if any(key.startswith("return_") for key in shape.keywords) else _FRESH


def _each(words: str, model: Model) -> dict[str, Model]:
    return dict.fromkeys(words.split(), model)


NUMPY: dict[str, Model] = {
    **_each(
        "transpose permute_dims matrix_transpose linalg.matrix_transpose swapaxes moveaxis rollaxis expand_dims "
        "squeeze atleast_1d atleast_2d atleast_3d broadcast_to flip fliplr flipud rot90 diagonal linalg.diagonal real "
        "trim_zeros real_if_close frombuffer from_dlpack asmatrix lib.stride_tricks.as_strided "
        "lib.stride_tricks.sliding_window_view",
        _VIEW,
    ),
    **_each("split array_split hsplit vsplit dsplit unstack", _PARTS),
    **_each(
        "broadcast_arrays", Effect(Gives.PARTS, Kind.NDARRAY, of=tuple(range(8)), grad=Grad.NEVER, sharing=Sharing.VIEW)
    ),
    **_each("reshape ravel imag diag", _BY_LAYOUT),
    **_each("asarray asanyarray", _wraps),
    **_each("ascontiguousarray asfortranarray asarray_chkfinite require", _BY_DTYPE),
    "array": _array,
    "ndarray": lambda shape: None if "buffer" in shape.keywords or len(shape.args) > 2 else _FRESH,
    "copy": replace(_COPY, proof=MEDIUM),
    "astype": _casts,
    "einsum": _einsum,
    "nan_to_num": _fills_nan,
    **_each("copyto put place putmask fill_diagonal put_along_axis random.shuffle", _WRITES),
    **_each(
        "abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cbrt ceil conj "
        "conjugate cos cosh deg2rad degrees exp exp2 expm1 fabs floor invert bitwise_not isfinite isinf isnan log "
        "log10 log1p log2 logical_not negative positive rad2deg radians reciprocal rint sign signbit sin sinh spacing "
        "sqrt square tan tanh trunc fix isneginf isposinf",
        _elementwise(1),
    ),
    **_each(
        "add subtract multiply divide true_divide floor_divide mod remainder fmod power pow float_power maximum "
        "minimum fmax fmin arctan2 atan2 hypot copysign equal not_equal less less_equal greater greater_equal "
        "logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor left_shift right_shift logaddexp "
        "logaddexp2 nextafter heaviside gcd lcm matmul dot",
        _elementwise(2),
    ),
    "clip": _elementwise(3),
    **_each(
        "all any amax amin max min mean median std var sum prod average ptp nanmax nanmin nanmean nanmedian nanstd "
        "nanvar nansum nanprod count_nonzero argmax argmin nanargmax nanargmin trapezoid",
        _reduces,
    ),
    **_each("percentile quantile nanpercentile nanquantile", lambda shape: _reduces(shape, 2)),
    **_each(
        "angle append argpartition bincount block column_stack compress concat "
        "concatenate convolve corrcoef correlate cov cross cumprod cumsum cumulative_prod cumulative_sum nancumsum "
        "nancumprod delete diagflat digitize dstack ediff1d empty_like extract full_like geomspace "
        "fromiter fromfunction hamming hanning hstack i0 inner insert interp intersect1d isclose "
        "iscomplex isin isreal kron logspace ones_like outer packbits pad partition piecewise poly "
        "polyfit polyval repeat resize roll roots searchsorted select setdiff1d setxor1d sinc sort stack take "
        "take_along_axis tensordot tile trace tri tril triu union1d unwrap vander vstack zeros_like "
        "linalg.cholesky linalg.eigvals linalg.eigvalsh linalg.inv linalg.matmul linalg.outer linalg.pinv "
        "linalg.solve linalg.svdvals fft.fft fft.fft2 fft.fftn fft.fftshift fft.ifft fft.ifft2 "
        "fft.ifftn fft.ifftshift fft.irfft fft.irfft2 fft.irfftn fft.rfft fft.rfft2 fft.rfftn fft.fftfreq fft.rfftfreq "
        "random.rand random.randn random.normal random.uniform random.random random.standard_normal random.beta "
        "random.gamma random.exponential random.poisson random.binomial random.dirichlet random.multivariate_normal "
        "random.laplace random.random_sample",
        _FRESH,
    ),
    **_each("around round diff linalg.matrix_power", _MOSTLY_FRESH),
    **_each("zeros ones empty full eye identity indices linspace", _NEW),
    **_each("arange argsort argwhere flatnonzero lexsort random.permutation random.choice random.randint", _LISTING),
    **_each("nonzero", _INDICES),
    "where": _where,
    "unique": _unique,
    **_each("meshgrid histogram histogram2d divmod modf frexp linalg.eigh", _SEVERAL),
    **_each("linalg.svd linalg.qr", _decomposes),
    "gradient": _UNKNOWN,
    **_each(
        "allclose array_equal array_equiv array2string array_str iscomplexobj isrealobj isscalar iterable ndim size "
        "shape may_share_memory shares_memory result_type vdot linalg.det linalg.matrix_rank linalg.cond",
        _SCALAR,
    ),
    **_each("save savez savez_compressed savetxt", Effect(Gives.NONE, act=Act.SAVES, on=(1,))),
    **_each("random.seed set_printoptions seterr", Effect(Gives.NONE)),
    **_each("float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool_", Effect(Gives.SCALAR)),
    "linalg.norm": _reduces,
}

NDARRAY: dict[str, Model] = {
    **_each("transpose swapaxes squeeze view T mT real flat diagonal", _VIEW),
    **_each("reshape ravel imag conj conjugate", _BY_LAYOUT),
    "astype": _casts,
    "copy": _COPY,
    **_each("flatten take repeat compress cumsum cumprod dot clip choose byteswap __copy__", _OWN),
    "round": replace(_OWN, own=False),
    **_each("argsort argpartition searchsorted", _LISTING),
    "nonzero": _INDICES,
    **_each("sum mean std var prod max min argmax argmin all any trace", _reduces),
    **_each("fill sort partition put", _WRITES),
    "resize": _WRITES,
    "setflags": Effect(Gives.NONE),
    "tolist": Effect(Gives.FRESH, Kind.SCALARS, LOW, grad=Grad.NEVER, copy=CopyHow.TOLIST),
    **_each("item tobytes tofile dumps shape strides dtype ndim size itemsize nbytes", Effect(Gives.SCALAR)),
}
_OF_UNIVERSAL = {"at": _WRITES, "outer": _FRESH, "accumulate": _FRESH}
"""Methods of universal functions: `numpy.add.at(a, ...)`."""


def numpy_effect(name: str, shape: Shape) -> Effect | None:
    """The effect of a numpy function by its full name; of what is not listed nothing is known."""
    last = name.removeprefix("numpy.")
    model = NUMPY.get(last)
    if model is None:
        function, _, method = last.rpartition(".")
        return _OF_UNIVERSAL.get(method) if function in NUMPY else None
    effect = model(shape) if callable(model) else model
    given = "out" in shape.keywords and shape.const(99, "out") is not None
    if effect is None or effect.result is not Gives.FRESH:
        return effect
    if given:
        return Effect(Gives.UNKNOWN, Kind.NDARRAY, act=Act.FILLS_OUT)
    flags = dtype.made_by_numpy(last, shape)
    return replace(effect, layout=effect.layout | flags) if flags else effect
