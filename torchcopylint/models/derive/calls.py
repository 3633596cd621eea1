"""Calls written by hand, where samples and schemas would miss the case in which a call returns its own argument.

Each line is an argument list. `x` stands for a tensor of every world in turn; v, m, i are a vector, a matrix, an image.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from torchcopylint.models.derive.arguments import WORLDS
from torchcopylint.models.derive.call import Call
from torchcopylint.models.derive.catalogue import Callee

CONVERSIONS = "bfloat16 bool byte cdouble cfloat chalf char cpu double float half int long short contiguous conj"
CONVERSIONS += " resolve_conj resolve_neg real positive conj_physical to_dense coalesce clone detach item tolist numpy"
DTYPES = "half bfloat16 uint8 int8 int16 int32 complex32 complex128"
GETTERS = "are_deterministic_algorithms_enabled compiled_with_cxx11_abi get_default_device get_deterministic_debug_mode"
GETTERS += (
    " get_file_path get_float32_matmul_precision get_num_interop_threads get_num_threads get_rng_state initial_seed"
)
GETTERS += " is_anomaly_check_nan_enabled is_anomaly_enabled is_autocast_cache_enabled is_autocast_cpu_enabled"
GETTERS += (
    " is_deterministic_algorithms_warn_only_enabled is_grad_enabled is_inference_mode_enabled is_vulkan_available"
)
GETTERS += (
    " is_warn_always_enabled seed thread_safe_generator clear_autocast_cache get_autocast_cpu_dtype is_autocast_enabled"
)
JOINS = "cat concat concatenate stack hstack vstack dstack row_stack column_stack"
DROPOUTS = "dropout alpha_dropout feature_dropout feature_alpha_dropout dropout1d dropout2d dropout3d"
TYPED = (
    "Tensor BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor"
)
TYPED += " ShortTensor"

TYPED_CALLS = ["x", "2, 3", "[1, 0]", "np.zeros(3, np.float32)", "np.zeros(3)"]
TYPED_CALLS += [f"m.to(torch.{dtype})" for dtype in DTYPES.split()]

WRITTEN: dict[str, list[str]] = {
    **{name: ["x", *(f"m.to(torch.{dtype})" for dtype in DTYPES.split())] for name in CONVERSIONS.split()},
    **{name: [""] for name in GETTERS.split()},
    **{name: ["[x]", "(x, x)", "[m, m]"] for name in JOINS.split()},
    **{
        name: ["x, 0.5, False", "x, 0.0, True", "x, 0.5, True", "i, 0.5, False", "i, 0.5, True"]
        for name in DROPOUTS.split()
    },
    **dict.fromkeys(TYPED.split(), TYPED_CALLS),
    "__array__": ["x", "x, np.float32", "x, np.int64"],
    "__bool__": ["x", "torch.ones(1)"],
    "__complex__": ["torch.ones(1)"],
    "__contains__": ["x, 1.0", "x, x"],
    "__deepcopy__": ["x, {}"],
    "__dlpack__": ["x"],
    "__float__": ["torch.ones(1)"],
    "__format__": ["x, ''"],
    "__getitem__": [
        *("x, 0", "x, -1", "x, slice(1)", "x, ...", "x, None", "x, (0, 0)", "x, ()", "x, slice(None)", "x, (None, 0)"),
        *("x, [0]", "x, x > 0", "x, torch.tensor([0])", "x, (slice(None), [0])", "x, True", "x, np.array([0])"),
    ],
    "__hash__": ["x"],
    "__index__": ["torch.tensor(1)"],
    "__int__": ["torch.ones(1)"],
    "__iter__": ["x"],
    "__len__": ["x"],
    "__reversed__": ["x"],
    "__setitem__": [
        "x, 0, 1.0",
        "x, [0], 1.0",
        "x, x > 0, 0.0",
        "x, slice(1), x[:1] * 1",
        "x, ..., x * 2",
        "m, 0, v[:3] * 1",
    ],
    "_foreach_abs_": ["[-v]"],
    "adaptive_max_pool1d_with_indices": ["i[0], 2"],
    "adaptive_max_pool2d_with_indices": ["i, 2"],
    "adaptive_max_pool3d_with_indices": ["i[None], 2"],
    "affine_grid": ["torch.ones(1, 2, 3), (1, 2, 4, 4)"],
    "affine_grid_generator": ["torch.ones(1, 2, 3), (1, 2, 4, 4), False"],
    "align_to": ["m.rename('a', 'b'), 'b', 'a'", "m.rename('a', 'b'), 'a', 'b'"],
    "apply_": ["x, lambda a: a + 1"],
    "as_subclass": ["x, torch.Tensor"],
    "as_tensor": [
        "x",
        "x, torch.float64",
        "x, torch.float32",
        "x, None, 'cpu'",
        "np.zeros(3)",
        "np.zeros(3), torch.float32",
        "[1.0]",
    ],
    "asarray": [
        "x",
        "x, dtype=torch.float64",
        "x, copy=True",
        "x, copy=False",
        "np.zeros(3)",
        "np.zeros(3), copy=True",
        "[1.0]",
    ],
    "atleast_1d": ["x", "x, x", "[x, x]"],
    "atleast_2d": ["x", "x, x", "[x, x]"],
    "atleast_3d": ["x", "x, x", "[x, x]"],
    "autocast_decrement_nesting": [""],
    "autocast_increment_nesting": [""],
    "backward": ["v.sum()"],
    "batch_norm": [
        "i, None, None, torch.zeros(4), torch.ones(4), True, 0.1, 1e-5, False",
        "i, None, None, torch.zeros(4), torch.ones(4), False, 0.1, 1e-5, False",
        "i, torch.zeros(4), torch.ones(4), None, None, True",
        "i, torch.zeros(4), torch.ones(4), torch.ones(4), torch.ones(4), False",
    ],
    "block_diag": ["x", "x, x", "m"],
    "broadcast_shapes": ["(2, 3), (3,)"],
    "broadcast_tensors": ["x", "x, x", "x, torch.zeros(2, *x.shape)"],
    "can_cast": ["torch.float32, torch.float64"],
    "cartesian_prod": ["v", "v, v", "v, v, v"],
    "ccol_indices": ["torch.eye(2).to_sparse_csc()"],
    "ccol_indices_copy": ["torch.eye(2).to_sparse_csc()"],
    "chain_matmul": ["m", "m, m.t() * 1"],
    "coalesce": ["torch.sparse_coo_tensor([[0, 0]], [1.0, 1.0], (3,))", "torch.eye(2).to_sparse()"],
    "combinations": ["v", "v, 1", "v, 2, True"],
    "conv_tbc": ["torch.ones(4, 2, 3), torch.ones(2, 3, 5), torch.ones(5)"],
    "convolution": ["i, torch.ones(2, 4, 1, 1), None, (1, 1), (0, 0), (1, 1), False, (0, 0), 1"],
    "cosine_embedding_loss": ["m, m, torch.ones(2)"],
    "ctc_loss": [
        "torch.rand(5, 1, 4).log_softmax(2), torch.ones(1, 2).long(), torch.tensor([5]), torch.tensor([2])",
        "torch.rand(5, 1, 4).log_softmax(2), torch.ones(1, 2).long(), [5], [2]",
    ],
    "dequantize": ["x", "torch.quantize_per_tensor(m, 0.1, 0, torch.quint8)"],
    "dim_order": ["x"],
    "dsmm": ["m, m.t() * 1", "torch.eye(2).to_sparse(), m"],
    "einsum": [
        "'ij', m",
        "'ij->ij', m",
        "'ij->ji', m",
        "'ii->i', m[:, :2]",
        "'ij,kj', m, m",
        "'ij->i', m",
        "'...', x",
        "'ij', [m]",
    ],
    "embedding": ["torch.zeros(2).long(), m, None, 0.1", "torch.zeros(2).long(), m", "m, torch.zeros(2).long()"],
    "embedding_bag": ["torch.zeros(2, 2).long(), m, None, 0.1", "torch.zeros(2, 2).long(), m"],
    "embedding_renorm_": ["m, torch.zeros(2).long(), 0.1, 2.0"],
    "expand_as": ["x, x", "x, torch.zeros(2, *x.shape)"],
    "fold": ["torch.ones(1, 4, 4), (3, 3), (2, 2)"],
    "fractional_max_pool2d_with_indices": ["i, 2, 2"],
    "fractional_max_pool3d_with_indices": ["i[None], 2, 2"],
    "from_dlpack": ["x", "np.zeros(3)"],
    "from_numpy": ["np.zeros(3)", "np.zeros((2, 3), np.float32)", "np.zeros(3, np.int64)"],
    "frombuffer": ["bytearray(8), dtype=torch.float32"],
    "get_autocast_dtype": ["'cpu'"],
    "get_default_dtype": [""],
    "get_device": ["x"],
    "grid_sampler": ["i, torch.zeros(2, 4, 4, 2), 0, 0, False"],
    "gru": [
        "torch.ones(3, 2, 4), torch.ones(1, 2, 5), [torch.ones(15, 4), torch.ones(15, 5)], False, 1, 0.0, *[False] * 3"
    ],
    "gru_cell": ["torch.ones(2, 4), torch.ones(2, 5), torch.ones(15, 4), torch.ones(15, 5)"],
    "gumbel_softmax": ["m", "m, hard=True"],
    "hspmm": ["m.to_sparse(), m.t() * 1"],
    "index_put_": ["x, (torch.tensor([0]),), torch.ones((), dtype=x.dtype)"],
    "indices_copy": ["torch.eye(2).to_sparse().coalesce()"],
    "instance_norm": [
        "i, torch.zeros(4), torch.ones(4), None, None, True",
        "i, torch.zeros(4), torch.ones(4), None, None, False",
        "i, None, None, torch.zeros(4), torch.ones(4), True, 0.1, 1e-5, False",
        "i, None, None, torch.zeros(4), torch.ones(4), False, 0.1, 1e-5, False",
    ],
    "int_repr": ["torch.quantize_per_tensor(m, 0.1, 0, torch.quint8)"],
    "is_autocast_ipu_enabled": [""],
    "is_autocast_xla_enabled": [""],
    "is_storage": ["x"],
    "is_tensor": ["x"],
    "lobpcg": ["torch.eye(9), 1"],
    "local_response_norm": ["i, 2"],
    "lp_pool1d": ["i[0], 2.0, 2"],
    "lp_pool2d": ["i, 2.0, 2"],
    "lp_pool3d": ["i[None], 2.0, 2"],
    "lstm": [
        "torch.ones(3, 2, 4), (torch.ones(1, 2, 5), torch.ones(1, 2, 5)), [torch.ones(20, 4), torch.ones(20, 5)],"
        " False, 1, 0.0, *[False] * 3"
    ],
    "lstm_cell": ["torch.ones(2, 4), (torch.ones(2, 5), torch.ones(2, 5)), torch.ones(20, 4), torch.ones(20, 5)"],
    "lu": ["m[:, :2] + torch.eye(2)"],
    "manual_seed": ["0"],
    "map2_": ["x, x, x, lambda a, b, c: a + b"],
    "map_": ["x, x, lambda a, b: a + b"],
    "meshgrid": ["v", "v, v", "[v, v]", "v, v, indexing='xy'", "torch.ones(()), v"],
    "nan_to_num_": ["torch.tensor([float('nan'), 1.0])", "x"],
    "native_batch_norm": [
        "i, torch.ones(4), torch.ones(4), torch.zeros(4), torch.ones(4), True, 0.1, 1e-5",
        "i, torch.ones(4), torch.ones(4), torch.zeros(4), torch.ones(4), False, 0.1, 1e-5",
    ],
    "native_group_norm": ["i, None, None, 2, 4, 16, 2, 1e-5"],
    "new": ["x", "x, 2, 3", "x, x", "x, [1.0]"],
    "new_tensor": ["x, x", "x, [1.0]", "x, np.zeros(3)"],
    "norm": ["x", "x, 2, 0"],
    "pca_lowrank": ["torch.rand(6, 6), 2"],
    "permute": ["x, tuple(range(x.dim()))", "x, *range(x.dim())"],
    "promote_types": ["torch.float32, torch.float64"],
    "q_scale": ["torch.quantize_per_tensor(m, 0.1, 0, torch.quint8)"],
    "q_zero_point": ["torch.quantize_per_tensor(m, 0.1, 0, torch.quint8)"],
    "qscheme": ["torch.quantize_per_tensor(m, 0.1, 0, torch.quint8)"],
    "quantize_per_channel": ["m, torch.ones(2), torch.zeros(2), 0, torch.quint8"],
    "quantize_per_tensor": ["m, 0.1, 0, torch.quint8"],
    "refine_names": ["m, 'a', 'b'"],
    "rename": ["m, 'a', 'b'", "m, None"],
    "rename_": ["m, 'a', 'b'"],
    "requires_grad_": ["x", "x, False"],
    "reshape": ["x, x.shape", "x, (-1,)", "x, (1, *x.shape)"],
    "reshape_as": ["x, x", "x, x.flatten()"],
    "resolve_conj": ["x", "x.conj()"],
    "resolve_neg": ["x", "x.conj().imag"],
    "retain_grad": ["v.requires_grad_() * 1"],
    "rnn_relu": [
        "torch.ones(3, 2, 4), torch.ones(1, 2, 5), [torch.ones(5, 4), torch.ones(5, 5)], False, 1, 0.0, *[False] * 3"
    ],
    "rnn_tanh": [
        "torch.ones(3, 2, 4), torch.ones(1, 2, 5), [torch.ones(5, 4), torch.ones(5, 5)], False, 1, 0.0, *[False] * 3"
    ],
    "row_indices": ["torch.eye(2).to_sparse_csc()"],
    "row_indices_copy": ["torch.eye(2).to_sparse_csc()"],
    "saddmm": ["torch.ones(2, 2), torch.eye(2).to_sparse(), torch.ones(2, 2)"],
    "set_anomaly_enabled": ["False"],
    "set_autocast_cache_enabled": ["True"],
    "set_autocast_cpu_enabled": ["False"],
    "set_autocast_dtype": ["'cpu', torch.bfloat16"],
    "set_autocast_enabled": ["'cpu', False"],
    "set_default_device": ["None"],
    "set_default_dtype": ["torch.float32"],
    "set_default_tensor_type": ["torch.FloatTensor"],
    "set_deterministic_debug_mode": ["0"],
    "set_float32_matmul_precision": ["'highest'"],
    "set_flush_denormal": ["False"],
    "set_num_threads": ["1"],
    "set_printoptions": [""],
    "set_rng_state": ["torch.get_rng_state()"],
    "set_warn_always": ["False"],
    "share_memory_": ["x"],
    "size": ["x", "x, 0"],
    "smm": ["torch.eye(2).to_sparse(), torch.ones(2, 2)"],
    "sparse_bsc_tensor": ["torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1, 1, 1), (1, 1)"],
    "sparse_bsr_tensor": ["torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1, 1, 1), (1, 1)"],
    "sparse_compressed_tensor": [
        "torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1), (1, 1), layout=torch.sparse_csr"
    ],
    "sparse_coo_tensor": ["torch.tensor([[0, 1]]), torch.ones(2), (3,)", "torch.tensor([[0, 1]]), torch.ones(2)"],
    "sparse_csc_tensor": ["torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1), (1, 1)"],
    "sparse_csr_tensor": ["torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1), (1, 1)"],
    "spmm": ["torch.eye(2).to_sparse(), torch.ones(2, 2)"],
    "sspaddmm": ["torch.eye(2).to_sparse(), torch.eye(2).to_sparse(), torch.ones(2, 2)"],
    "storage": ["x"],
    "stride": ["x", "x, 0"],
    "sum_to_size": ["x, *x.shape", "x, x.shape", "x, (1, 3)", "x, ()"],
    "svd_lowrank": ["torch.rand(6, 6), 2"],
    "sym_float": ["1"],
    "sym_int": ["1.0"],
    "sym_ite": ["True, 1, 2"],
    "sym_max": ["1, 2"],
    "sym_min": ["1, 2"],
    "sym_not": ["True"],
    "sym_sqrt": ["4"],
    "sym_sum": ["[1, 2]"],
    "tensor": ["x", "[1.0]", "np.zeros(3)", "1.0"],
    "to": [
        *("x, x.dtype", "x, torch.float64", "x, 'cpu'", "x, x", "x, x.double()", "x, 'cpu', torch.float64", "x"),
        *("x, torch.float32, copy=True", "x, dtype=torch.float32", "x, memory_format=torch.contiguous_format"),
    ],
    "to_dense": ["x", "x, torch.float64"],
    "to_dlpack": ["x"],
    "torch.embedding_bag": ["m, torch.zeros(2).long(), torch.tensor([0])"],
    "type": ["x, x.dtype", "x, torch.float64", "x", "x, 'torch.FloatTensor'"],
    "type_as": ["x, x", "x, x.double()", "x, x.float()"],
    "typename": ["x"],
    "unflatten": ["m, 1, (3, 1)", "m, 0, (1, -1)"],
    "unravel_index": ["torch.tensor([3]), (2, 3)"],
    "untyped_storage": ["x"],
    "upsample": ["i, 8", "i, 4"],
    "upsample_bilinear": ["i, 8"],
    "upsample_nearest": ["i, 8"],
    "use_deterministic_algorithms": ["False"],
    "view": ["x, x.shape", "x, x.dtype", "x, torch.int32", "x, -1"],
    "view_as": ["x, x", "x, x.flatten()"],
    "view_as_complex_copy": ["torch.ones(3, 2)"],
    "where": ["x > 0, x, x", "x > 0", "x > 0, x, 0.0"],
}


def written(callee: Callee) -> Iterator[Call]:
    """The hand-made calls for a name; a property or method without any is read or called on every world."""
    lines = WRITTEN.get(callee.name) or WRITTEN.get(callee.name.rsplit(".", 1)[1])
    if lines is None and callee.form == "property":
        lines = ["x"]
    for line in lines or ():
        yield from _calls(line)


def bare(callee: Callee) -> Iterator[Call]:
    """For a method nothing else is known of: called without arguments."""
    if callee.form == "method":
        yield from _calls("x")


def _calls(line: str) -> Iterator[Call]:
    torch.default_generator.manual_seed(0)
    for make in WORLDS.values() if "x" in line else (WORLDS["vector"],):
        names: dict[str, Any] = {"x": make(), "v": WORLDS["vector"](), "m": WORLDS["matrix"](), "i": WORLDS["image"]()}
        try:
            yield eval(f"call({line})", {"call": _call, "torch": torch, "np": np, **names})
        except (RuntimeError, TypeError, IndexError):  # this world has no such argument
            continue


def _call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)
