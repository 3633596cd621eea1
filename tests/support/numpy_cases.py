"""The calls that prove what is said of numpy: a word for the memory of the result, and calls that show it."""

from __future__ import annotations

Case = tuple[str, ...]

_NUMPY_VIEWS = {
    "f(a)": "transpose permute_dims matrix_transpose linalg.matrix_transpose squeeze atleast_1d atleast_2d atleast_3d "
    "flip fliplr flipud rot90 diagonal linalg.diagonal real from_dlpack asmatrix lib.stride_tricks.as_strided",
    "f(a, 0, 1)": "swapaxes moveaxis rollaxis",
    "f(a, 0)": "expand_dims",
    "f(v, (2, 4))": "broadcast_to",
    "f(v)": "trim_zeros frombuffer",
    "f(v, 2)": "lib.stride_tricks.sliding_window_view split array_split hsplit",
    "f(a, 3)": "vsplit",
    "f(a.reshape(3, 2, 2), 2)": "dsplit",
    "f(a, axis=0)": "unstack",
    "f(a, v)": "broadcast_arrays",
}
NUMPY_CASES: dict[str, Case] = {
    "reshape": ("perhaps", "f(a, (4, 3))", "f(a.T, (3, 4))"),
    "ravel": ("perhaps", "f(a)", "f(a.T)"),
    "imag": ("perhaps", "f(c)", "f(v)"),
    "diag": ("perhaps", "f(a)", "f(v)"),
    **dict.fromkeys("asarray asanyarray asarray_chkfinite require".split(), ("perhaps", "f(a)", "f(a, np.float32)")),
    "ascontiguousarray": ("perhaps", "f(a)", "f(a.T)"),
    "asfortranarray": ("perhaps", "f(a.T)", "f(a)"),
    "real_if_close": ("view", "f(v)", "f(c)", "f(c * 0)"),
    "cross": ("fresh", "f(v[:3], v[:3])"),
    "tensordot": ("fresh", "f(sq, sq)"),
    "random.binomial": ("fresh", "f(3, 0.5, 2)"),
    "array": ("fresh", "f(a)", "f(a, copy=True)"),
    "astype": ("fresh", "f(a, np.float32)", "f(a, np.float64)"),
    "einsum": ("perhaps", "f('ij->ji', a)", "f('ij->i', a)"),
    "nan_to_num": ("fresh", "f(a)"),
    "copyto": ("nothing", "f(a, 3.0)"),
    "put": ("nothing", "f(a, [0], 9.0)"),
    "place": ("nothing", "f(a, mask, [9.0])"),
    "putmask": ("nothing", "f(a, mask, 9.0)"),
    "fill_diagonal": ("nothing", "f(a, 9.0)"),
    "put_along_axis": ("nothing", "f(a, np.array([[0]]), 9.0, 1)"),
    "random.shuffle": ("nothing", "f(np.arange(100.0))"),
    "add.at": ("nothing", "f(v, [0], 1.0)"),
    "add.outer": ("fresh", "f(v, v)"),
    "add.accumulate": ("fresh", "f(v)"),
    "clip": ("fresh", "f(a, 0.2, 0.5)"),
    **dict.fromkeys("percentile quantile nanpercentile nanquantile".split(), ("fresh", "f(a, 0.5, 0)")),
    **dict.fromkeys("average max mean sum std".split(), ("fresh", "f(a, axis=0)")),
    "interp": ("fresh", "f(v, v, v)"),
    "piecewise": ("fresh", "f(v, [v > 2], [1.0])"),
    "select": ("fresh", "f([v > 2], [v])"),
    "extract": ("fresh", "f(mask, a)"),
    "take_along_axis": ("fresh", "f(a, np.array([[0]]), 1)"),
    "polyfit": ("fresh", "f(v, v, 1)"),
    "insert": ("fresh", "f(v, 0, 9.0)"),
    "pad": ("fresh", "f(a, 0)", "f(a, 1)"),
    "roll": ("fresh", "f(a, 0)", "f(a, 1)"),
    "repeat": ("fresh", "f(a, 1)"),
    "tile": ("fresh", "f(a, 1)"),
    "resize": ("fresh", "f(a, (3, 4))"),
    "copy": ("fresh", "f(a)"),
    "stack": ("fresh", "f([v])", "f([v, v])"),
    "concatenate": ("fresh", "f([v])", "f([v, v])"),
    "fromiter": ("fresh", "f([1, 2], float)"),
    "fromfunction": ("fresh", "f(lambda i: i, (3,))"),
    "bincount": ("fresh", "f(i)"),
    "digitize": ("fresh", "f(v, v)"),
    "packbits": ("fresh", "f(mask)"),
    "take": ("fresh", "f(a, [0])", "f(a, 0, 0)"),
    "where": ("fresh", "f(mask, a, a)", "f(mask)"),
    "ndarray": ("fresh", "f((2, 2))"),
    "linalg.cholesky": ("fresh", "f(sq)"),
    "linalg.matrix_power": ("fresh", "f(sq, 2)"),
    "linalg.norm": ("fresh", "f(a, axis=0)"),
    "linalg.solve": ("fresh", "f(sq, sq)"),
    "random.choice": ("fresh", "f(v, 4)"),
    "random.permutation": ("fresh", "f(v)"),
    "random.multivariate_normal": ("fresh", "f(v[:2], sq)"),
    **{name: ("view", call) for call, names in _NUMPY_VIEWS.items() for name in names.split()},
}
NUMPY_TRIED = (
    "abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cbrt ceil conj "
    "conjugate cos cosh deg2rad degrees exp exp2 expm1 fabs floor invert bitwise_not isfinite isinf isnan log "
    "log10 log1p log2 logical_not negative positive rad2deg radians reciprocal rint sign signbit sin sinh spacing "
    "sqrt square tan tanh trunc fix isneginf isposinf add subtract multiply divide true_divide floor_divide mod "
    "remainder fmod power pow float_power maximum minimum fmax fmin arctan2 atan2 hypot copysign equal not_equal "
    "less less_equal greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor "
    "left_shift right_shift logaddexp logaddexp2 nextafter heaviside gcd lcm matmul dot all any amax amin min "
    "median var prod ptp nanmax nanmin nanmean nanmedian nanstd nanvar nansum nanprod count_nonzero argmax argmin "
    "nanargmax nanargmin trapezoid angle append around round argpartition block column_stack compress concat "
    "convolve corrcoef correlate cov cumprod cumsum cumulative_prod cumulative_sum nancumsum nancumprod delete "
    "diagflat diff dstack ediff1d empty empty_like eye full full_like geomspace hamming hanning hstack i0 "
    "identity indices inner intersect1d isclose iscomplex isin isreal kron linspace logspace ones ones_like outer "
    "partition poly polyval roots searchsorted setdiff1d setxor1d sinc sort trace tri tril triu union1d unwrap "
    "vander vstack zeros zeros_like linalg.eigvals linalg.eigvalsh linalg.inv linalg.matmul linalg.outer "
    "linalg.pinv linalg.svdvals fft.fft fft.fft2 fft.fftn fft.fftshift fft.ifft fft.ifft2 fft.ifftn fft.ifftshift "
    "fft.irfft fft.irfft2 fft.irfftn fft.rfft fft.rfft2 fft.rfftn fft.fftfreq fft.rfftfreq random.rand "
    "random.randn random.normal random.uniform random.random random.standard_normal random.beta random.gamma "
    "random.exponential random.poisson random.dirichlet random.laplace random.random_sample arange argsort "
    "argwhere flatnonzero lexsort random.randint nonzero unique meshgrid histogram histogram2d gradient divmod "
    "modf frexp linalg.svd linalg.qr linalg.eigh"
).split()
"""Functions of numpy that share nothing and write nothing: tried with plain arguments."""

ARRAY_CASES: dict[str, Case] = {
    "tolist": ("fresh", "f(a)"),
    **dict.fromkeys("transpose squeeze view T mT real flat diagonal".split(), ("view", "f(a)")),
    "swapaxes": ("view", "f(a, 0, 1)"),
    "reshape": ("perhaps", "f(a, 4, 3)", "f(a.T, 3, 4)"),
    "ravel": ("perhaps", "f(a)", "f(a.T)"),
    "imag": ("perhaps", "f(c)", "f(v)"),
    "conj": ("perhaps", "f(v)", "f(c)"),
    "conjugate": ("perhaps", "f(v)", "f(c)"),
    "astype": ("fresh", "f(a, np.float32)", "f(a, np.float64)"),
    **dict.fromkeys("copy flatten round cumsum cumprod byteswap argsort nonzero __copy__".split(), ("fresh", "f(a)")),
    "take": ("fresh", "f(a, [0])"),
    "repeat": ("fresh", "f(a, 1)"),
    "compress": ("fresh", "f(v, [True, False])"),
    "dot": ("fresh", "f(sq, sq)"),
    "clip": ("fresh", "f(a, 0.2, 0.5)"),
    "choose": ("fresh", "f(i - 1, [v, v, v, v])"),
    "argpartition": ("fresh", "f(v, 1)"),
    "searchsorted": ("fresh", "f(v, v)"),
    **dict.fromkeys("sum mean std var prod max min argmax argmin all any trace".split(), ("fresh", "f(a, 0)")),
    "fill": ("nothing", "f(a, 9.0)"),
    "sort": ("nothing", "f(a[::-1, ::-1].copy())"),
    "partition": ("nothing", "f(a[::-1, ::-1].copy(), 1)"),
    "put": ("nothing", "f(a, [0], 9.0)"),
    "resize": ("nothing", "f(np.arange(4.0).copy(), 2, refcheck=False)"),
}
