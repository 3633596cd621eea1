"""What is known of torch, and what the table says about it: each fact is proven on torch and looked up in the table.

Facts about modules, optimizers, copy, numpy's own functions and containers are not the table's and are tested where
their models are. The last part lists by name what a row has no words for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from torchcopylint.models.table import Row, row

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")


@dataclass(frozen=True)
class Fact:
    """A name, an expression true on torch (x is a fresh 2x3 tensor), and the fields of the row that foretell it."""

    name: str
    proof: str
    says: dict[str, Any]


def shared(one: Any, other: Any) -> bool:
    """Whether a write to the first shows in the second."""
    before = other.clone() if isinstance(other, torch.Tensor) else other.copy()
    with torch.no_grad():
        one[...] = one + 1
    return not bool((before == other).all())


def counted(one: Any, other: Any) -> bool:
    """Whether a write to the first raises the version of the second."""
    version = other._version
    with torch.no_grad():
        one[...] = one + 1
    return bool(other._version > version)


def refused(result: Any, write: Any) -> bool:
    """Whether backward from the result is refused once the other tensor was written."""
    write.detach().add_(1)
    try:
        result.sum().backward()
    except RuntimeError as error:
        return "modified by an inplace operation" in str(error)
    return False


def raises(code: str, **names: Any) -> bool:
    try:
        exec(code, {"torch": torch, "F": torch.nn.functional, **names})
    except (RuntimeError, TypeError):
        return True
    return False


VIEW = {"kind": "view", "aliases": (0,), "must": True, "counter": True}
COPY = {"kind": "fresh", "aliases": ()}
WRITE = {"kind": "inplace", "writes": (0,), "same": True, "counter": True}

VIEWS = {
    "view": "x.view(-1)", "T": "x.T", "mT": "x.mT", "H": "x.H", "transpose": "x.transpose(0, 1)",
    "permute": "x.permute(1, 0)", "expand": "x.expand(2, 2, 3)[0]", "unsqueeze": "x.unsqueeze(0)",
    "squeeze": "x.squeeze()", "narrow": "x.narrow(0, 0, 1)", "select": "x.select(0, 0)", "split": "x.split(1)[0]",
    "chunk": "x.chunk(2)[0]", "unbind": "x.unbind()[0]", "diagonal": "x.diagonal()", "unfold": "x.unfold(1, 2, 2)",
    "as_strided": "x.as_strided((2,), (1,))", "detach": "x.detach()", "t": "x.t()", "view_as": "x.view_as(x)",
    "expand_as": "x.expand_as(x)", "broadcast_to": "x.broadcast_to(2, 3)", "movedim": "x.movedim(0, 1)",
    "swapaxes": "x.swapaxes(0, 1)", "swapdims": "x.swapdims(0, 1)", "hsplit": "x.hsplit(3)[0]",
    "vsplit": "x.vsplit(2)[0]", "tensor_split": "x.tensor_split(2)[0]", "unflatten": "x.unflatten(1, (3, 1))",
    "real": "x.real", "positive": "x.positive()", "adjoint": "x.adjoint()", "__iter__": "next(iter(x))",
}  # fmt: skip
"""Methods and properties whose result is memory of self, whatever self is."""

COPIES = {
    "clone": "x.clone()", "repeat": "x.repeat(1, 1)", "index_select": "x.index_select(0, torch.tensor([0]))",
    "gather": "x.gather(0, torch.zeros(1, 3).long())", "masked_select": "x.masked_select(x == 0)",
    "new_tensor": "x.new_tensor(x)", "tile": "x.tile(1, 1)", "roll": "x.roll(0)", "flip": "x.flip(0)",
    "masked_fill": "x.masked_fill(x > 5, 0)", "clamp": "x.clamp(-9, 9)", "abs": "x.abs()", "round": "x.round()",
    "tril": "x.tril()", "sort": "x.sort()[0]", "cumsum": "x.cumsum(0)", "add": "x.add(0)", "__add__": "x + 0",
    "__mul__": "x * 1", "nan_to_num": "x.nan_to_num()", "relu": "x.relu()", "sum": "x.sum(0, keepdim=True)",
}  # fmt: skip
"""Methods whose result is new memory, whatever self is."""

FUNCTION_COPIES = {
    "torch.tensor": "torch.tensor(x)", "torch.cat": "torch.cat([x])", "torch.stack": "torch.stack([x])",
    "torch.hstack": "torch.hstack([x])", "torch.where": "torch.where(x == x, x, x)",
    "torch.zeros_like": "torch.zeros_like(x)", "torch.empty_like": "torch.empty_like(x)",
    "torch.nn.functional.pad": "F.pad(x, (0, 0))", "torch.nn.functional.normalize": "F.normalize(x)",
}  # fmt: skip

CONDITIONAL = {
    ("Tensor.reshape", "layout"): ("x.reshape(-1)", "x.T.reshape(-1)"),
    ("Tensor.flatten", "layout"): ("x.flatten()", "x.T.flatten()"),
    ("Tensor.ravel", "layout"): ("x.ravel()", "x.T.ravel()"),
    ("Tensor.contiguous", "layout"): ("x.contiguous()", "x.T.contiguous()"),
    ("Tensor.to", "dtype-or-device"): ("x.to(torch.float32)", "x.to(torch.float64)"),
    ("Tensor.float", "dtype-or-device"): ("x.float()", "x.double()"),
    ("Tensor.type_as", "dtype-or-device"): ("x.type_as(x)", "x.type_as(x.double())"),
    ("Tensor.cpu", "dtype-or-device"): ("x.cpu()", "x.to('cpu', copy=True)"),
    ("torch.as_tensor", "dtype-or-device"): ("torch.as_tensor(x)", "torch.as_tensor(x, dtype=torch.float64)"),
    ("torch.asarray", "dtype-or-device"): ("torch.asarray(x)", "torch.asarray(x, copy=True)"),
    ("torch.nn.functional.dropout", "training"): ("F.dropout(x, 0.5, False)", "F.dropout(x, 0.5, True)"),
    ("Tensor.__getitem__", "index"): ("x[0]", "x[[0]]"),
    ("Tensor.sum_to_size", "shape"): ("x.sum_to_size(2, 3)", "x.sum_to_size(1, 3)"),
    ("Tensor.to_dense", "sparse"): ("x.to_dense()", "x.to_sparse().to_dense()"),
    ("Tensor.conj_physical", "dtype"): ("x.conj_physical()", "x.to(torch.complex64).conj_physical()"),
    ("torch.einsum", "shape"): ("torch.einsum('ij->ji', x)", "torch.einsum('ij->i', x)"),
    ("torch.cartesian_prod", "shape"): ("torch.cartesian_prod(x[0])", "torch.cartesian_prod(x[0], x[1])"),
}
"""Rows that share or copy: the condition, a call that shares, a call that copies."""

SAME = ["contiguous", "to", "float", "cpu", "type_as"]
WRITES = ["add_", "mul_", "zero_", "fill_", "copy_", "clamp_", "__iadd__", "__imul__", "masked_fill_", "index_add_"]

FACTS = [
    *(Fact(f"Tensor.{name}", f"shared({code}, x)", VIEW) for name, code in VIEWS.items()),
    *(Fact(f"Tensor.{name}", f"not shared({code}, x)", COPY) for name, code in COPIES.items()),
    *(Fact(name, f"not shared({code}, x)", COPY) for name, code in FUNCTION_COPIES.items()),
    *(
        Fact(name, f"shared({yes}, x) and not shared({no}, x)", {"kind": "conditional", "aliases": (0,), "when": when})
        for (name, when), (yes, no) in CONDITIONAL.items()
    ),
    *(Fact(f"Tensor.{name}", f"x.{name}({'x' if name == 'type_as' else 'x.dtype' if name == 'to' else ''}) is x",
           {"same": True}) for name in SAME),
    *(Fact(f"Tensor.{name}", f"hasattr(x, '{name}')", WRITE) for name in WRITES),
    Fact("Tensor.clone", "(x.requires_grad_() * 1).clone().requires_grad", {"attached": True, "detaches": False}),
    Fact("Tensor.detach", "not x.requires_grad_().detach().requires_grad", {"detaches": True, "attached": False}),
    Fact("Tensor.detach", "counted(x.detach(), x)", {"counter": True}),
    Fact("Tensor.data", "shared(x.data, x) and not counted(x.data, x)", {"kind": "view", "counter": False}),
    Fact("Tensor.numpy", "shared(x.numpy(), x) and not counted(x.numpy(), x)", {"kind": "view", "counter": False}),
    Fact("Tensor.numpy", "shared(x.numpy(force=True), x)", {"must": True, "returns": "ndarray"}),
    Fact("Tensor.__array__", "shared(np.asarray(x), x)", {"kind": "conditional", "counter": False}),
    Fact("torch.from_numpy", "shared(a, torch.from_numpy(a))", {"kind": "view", "aliases": (0,), "counter": False}),
    Fact("torch.Tensor", "shared(torch.Tensor(x), x) and not shared(torch.Tensor(a), torch.as_tensor(a))",
         {"kind": "conditional", "when": "argument"}),
    Fact("torch.Tensor", "shared(torch.Tensor(d := x.double()), d)", {"aliases": (0,)}),
    Fact("torch.FloatTensor", "shared(torch.FloatTensor(x), x)", {"kind": "conditional", "aliases": (0,)}),
    Fact("torch.tensor", "not torch.tensor(x.requires_grad_()).requires_grad", {"detaches": True}),
    Fact("Tensor.tolist", "x.tolist() == [[0.0] * 3] * 2", {"kind": "scalar", "detaches": True}),
    Fact("Tensor.item", "x.sum().item() == 0", {"kind": "scalar", "detaches": True}),
    Fact("Tensor.argmax", "not x.requires_grad_().argmax().requires_grad", {"attached": False, "detaches": False}),
    Fact("Tensor.__gt__", "not (x.requires_grad_() > 0).requires_grad", {"attached": False, "detaches": False}),
    Fact("Tensor.requires_grad_", "x.detach().requires_grad_() is not x and x.requires_grad_() is x",
         {"kind": "metadata", "same": True}),
    Fact("Tensor.share_memory_", "x.share_memory_() is x", {"kind": "metadata", "same": True}),
    Fact("Tensor.__iadd__", "(z := torch.zeros(1), z.__iadd__(x.requires_grad_().sum()))[0].requires_grad",
         {"attached": True}),
    Fact("Tensor.unbind", "raises('a, b = (x.requires_grad_() * 1).unbind(); a.zero_()', x=x)", {"multi": True}),
    Fact("Tensor.chunk", "raises('(x.requires_grad_() * 1).chunk(2)[0].zero_()', x=x)", {"multi": True}),
    Fact("Tensor.__iter__", "raises('for r in x.requires_grad_() * 1: r.zero_()', x=x)", {"multi": True, "many": True}),
    Fact("Tensor.view", "not raises('(x.requires_grad_() * 1).view(-1).zero_()', x=x)", {"multi": False}),
    Fact("torch.nn.functional.relu", "F.relu(y, inplace=True) is y and F.relu(y) is not y",
         {"kind": "fresh", "inplace_flag": True}),
    Fact("torch.nn.functional.dropout", "F.dropout(x, 0.5, False) is x", {"same": True, "inplace_flag": True}),
    Fact("torch.nn.functional.batch_norm", "norms()",
         {"kind": "fresh", "writes": (1, 2), "when": "training", "counter": False}),
    Fact("torch.nn.functional.embedding", "embeds()", {"kind": "fresh", "writes": (1,), "when": "max-norm"}),
    Fact("torch._foreach_copy_", "(torch._foreach_copy_([x], [y]), x.equal(y))[1]",
         {"writes": (0,), "aliases": (0,), "many": True}),
    *(Fact(f"Tensor.{name}", f"refused(r := y.{name}(), r)", {"sure": (("result", "self", "any"),)})
      for name in ("sigmoid", "tanh", "exp", "sqrt", "relu")),
    *(Fact(f"Tensor.{name}", f"refused(y.{name}(), y)", {"sure": (("self", "self", "any"),)})
      for name in ("log", "sin", "cos", "square", "abs")),
    Fact("Tensor.__pow__", "refused(y ** 2, y)", {"sure+": ("self", "self", "any")}),
    Fact("Tensor.__mul__", "refused(y * z, z) and not refused(y * 2, y)",
         {"sure": (("other", "self", "beside"), ("self", "other", "beside"))}),
    Fact("Tensor.__truediv__", "refused(y / z, z)", {"sure+": ("other", "self", "beside")}),
    Fact("Tensor.__matmul__", "refused(y @ z.t(), z)", {"saves": ("other", "self")}),
    Fact("Tensor.__add__", "not refused(r := y + z, r) and not refused(y + z, z)", {"saves": ()}),
    Fact("torch.nn.functional.linear", "not refused(r := F.linear(y, z), r)", {"saves": ("input", "weight")}),
    Fact("torch.nn.functional.softmax", "refused(r := F.softmax(y, 0), r)", {"saves": ("result",)}),
    Fact("Tensor.max", "refused((r := y.max(0))[0], r[1]) and not refused((r := y.max(0))[0], r[0])",
         {"many": True}),
]  # fmt: skip


def norms() -> bool:
    """Whether a batch norm in training writes the running mean and does not count it."""
    mean, variance = torch.zeros(3), torch.ones(3)
    torch.nn.functional.batch_norm(torch.rand(4, 3) + 5, mean, variance, training=True)
    return bool(mean.ne(0).all()) and mean._version == 0


def embeds() -> bool:
    """Whether an embedding with max_norm writes the weight."""
    weight = torch.ones(3, 4)
    torch.nn.functional.embedding(torch.tensor([0]), weight, max_norm=0.1)
    return bool(weight[0, 0] < 1)


def names() -> dict[str, Any]:
    """What a proof may use: x zeros, y and z attached and random, an array of float64, and the questions above."""
    torch.manual_seed(0)
    y, z = (torch.rand(2, 3, requires_grad=True) * 1 for _ in range(2))
    questions = {"shared": shared, "counted": counted, "refused": refused, "raises": raises}
    known = {"torch": torch, "F": torch.nn.functional, "np": np, "norms": norms, "embeds": embeds}
    return {"x": torch.zeros(2, 3), "y": y, "z": z, "a": np.zeros(3), **questions, **known}


def found(name: str) -> Row:
    known = row(name)
    assert known is not None
    return known


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.name}: {fact.proof}"[:70])
def test_torch_proves_the_fact_and_the_row_foretells_it(fact: Fact) -> None:
    assert eval(fact.proof, names()) is True
    known = found(fact.name)
    for field, value in fact.says.items():
        if field == "sure+":
            assert value in known.sure
        else:
            assert getattr(known, field) == value, field


KNOWN_MISSES = {
    "numpy() of an attached tensor raises": "raises('x.requires_grad_().numpy()', x=x)",
    "add_ on an expanded tensor raises": "raises('x[:1].expand(2, 3).add_(1)', x=x)",
    "zero_ on an expanded tensor writes every row": "not raises('x[:1].expand(2, 3).zero_()', x=x)",
    "expand to the same shape repeats nothing": "x.expand(2, 3).stride() == x.stride()",
    "a write to a leaf that requires grad raises": "raises('x.requires_grad_().add_(1)', x=x)",
    "a write to a view of such a leaf raises": "raises('x.requires_grad_()[0].add_(1)', x=x)",
    "requires_grad_(False) of a computed tensor raises": "raises('y.requires_grad_(False)', y=y)",
    "a write between overlapping views raises": "raises('x[1:] += x[:-1]', x=x.view(-1))",
    "a view made without grad may not be written with it":
        "raises('with torch.no_grad(): v = y[:1]\\nv.mul_(2)', y=torch.ones(2, requires_grad=True))",
    "a tensor of inference mode may not be written outside":
        "raises('with torch.inference_mode(): t = torch.ones(2)\\nt.add_(1)')",
    "contiguous() of a transposed row vector copies nothing": "shared(x[:1].T.contiguous(), x)",
    "torch.FloatTensor() of a float64 tensor raises": "raises('torch.FloatTensor(x.double())', x=x)",
    "the result of clone() of an expanded tensor is dense": "x[:1].expand(2, 3).clone().stride() == (3, 1)",
    "the mask index of x[mask] += 1 writes back": "(x.__setitem__(x == 0, x[x == 0] + 1), x.sum().item() == 6)[1]",
}  # fmt: skip
"""True of torch, and said by no field of a row: the interpreter's business, or nobody's yet."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("proof", KNOWN_MISSES.values(), ids=KNOWN_MISSES.keys())
def test_what_no_row_can_say_is_still_true(proof: str) -> None:
    assert eval(proof, names()) is True
