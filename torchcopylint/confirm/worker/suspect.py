"""An exception → which stand-ins it may be about, and what they had better be."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import FrameType

import torch
from torch import nn

from torchcopylint.confirm.worker.pretend import Plain, Thing, Tiny
from torchcopylint.confirm.worker.standin import Filler


@dataclass(frozen=True)
class Suspect:
    """A stand-in that is on the line that failed: its key, what it is, the attribute of it that is asked for.

    part: it is one of several under that key.
    """

    key: str
    value: object
    missing: str = ""
    part: bool = False


def suspects(error: BaseException, file: str, statement: ast.stmt, filler: Filler) -> list[Suspect]:
    """The stand-ins on the line that failed, those first that the exception names."""
    found: list[Suspect] = []
    asked = getattr(error, "obj", None)
    key, part = filler.key_of(asked)
    if key and isinstance(error, AttributeError):
        found.append(Suspect(key, asked, str(error.name), part))
    if _OF_GROUPS in str(error):
        found += [Suspect(key, value) for key, value in filler.optimizers().items()]
    frame = _frame(error, file)
    if frame is None:
        return found
    text = str(error)
    here = []
    source = getattr(statement, "value", None)
    nodes = [*(ast.walk(source) if isinstance(source, ast.AST) else ()), *ast.walk(statement)]
    for node in nodes:
        value = _value(node, frame)
        key, part = filler.key_of(value)
        if value is not None and key:
            here.append(Suspect(key, value, "", part))
    here.sort(key=lambda s: f"'{_called(s.value)}'" not in text and _called(s.value) not in text)
    return found + [s for s in here if s.key not in {f.key for f in found}]


def _called(value: object) -> str:
    return type(value).__name__


def _frame(error: BaseException, file: str) -> FrameType | None:
    trace, frame = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            frame = trace.tb_frame
        trace = trace.tb_next
    return frame


def _value(node: ast.AST, frame: FrameType) -> object:
    """What a name, or an attribute of one that is there already, holds in the frame."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, frame)
        if isinstance(owner, (nn.Module, Plain, Thing)):
            inside = vars(owner)
            parts = [inside, *(inside.get(n, {}) for n in ("_modules", "_parameters", "_buffers"))]
            return next((part[node.attr] for part in parts if node.attr in part), None)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        owner = _value(node.value, frame)
        if isinstance(owner, dict):
            return dict.get(owner, node.slice.value)
    return None


_WANTS = (
    (r"too many values to unpack \(expected (\d+)", "tuple:{}"),
    (r"not enough values to unpack \(expected (\d+)", "tuple:{}"),
    (r"cannot unpack non-iterable", "tuple:2"),
    (r"indices must be integers or slices, not str", "dict"),
    (r"list indices must be|is not subscriptable|does not support item assignment|tuple indices must be", "tensor"),
    (r"unsupported operand|must be Tensor, not|bad operand", "tensor"),
    (r"argument 'input' .* must be Tensor|expected Tensor as|but got (list|Tiny|Thing|Plain|Dict)", "tensor"),
    (
        r"dtype int32/int64 for index|tensors used as indices|must be .*LongTensor|expected .*(Long|long|int64)",
        "indices",
    ),
    (
        r"cannot be interpreted as an integer|must be int|integer scalar|slice indices must be|must be tuple of ints",
        "int",
    ),
    (r"Boolean value of Tensor|truth value of an array|infer dtype of", "int"),
    (r"broadcast|shape mismatch|expanded size|size of tensor a", "scalar tensor"),
    (r"only one element|must be real number, not|converted to Python scalars|only length-1 arrays", "float"),
    (r"to be a boolean tensor|must be bool|BoolTensor", "flags"),
    (r"object is not callable", "module"),
    (r"is not iterable|has no len\(\)", "tensors"),
    (r"Expected state_dict to be dict-like", "state dict"),
)
_NOT_FOR = {"int": (int,), "float": (int, float), "tensor": (torch.Tensor,), "tensors": (list, tuple)}
_OF_GROUPS = "doesn't match the size of optimizer's group"
_OPTIMIZERS = ("optimizer:2", "optimizer:1", "optimizer:4", "optimizer:3", "optimizer:6")
_SEVERAL = {"module": "modules", "tensor": "tensors", "dict": "dicts", "state dict": "state dicts"}
_HAS: tuple[tuple[str, type], ...] = (
    ("tensor", torch.Tensor),
    ("module", nn.Module),
    ("optimizer", torch.optim.SGD),
    ("dict", dict),
    ("tensors", list),
    ("str", str),
)


def better(error: str, suspect: Suspect) -> tuple[str, ...]:
    """The kinds that would not have led to this error, likeliest first; () where that is not plain."""
    found = _better(error, suspect)
    return tuple(_SEVERAL[kind] for kind in found if kind in _SEVERAL) if suspect.part else found


def _better(error: str, suspect: Suspect) -> tuple[str, ...]:
    if suspect.missing:
        fits = tuple(k for k, made in _HAS if hasattr(made, suspect.missing) and not isinstance(suspect.value, made))
        return fits[:1] or (("module",) if suspect.missing in ("weight", "bias") else ("thing",))
    if _OF_GROUPS in error:
        return _OPTIMIZERS if isinstance(suspect.value, torch.optim.Optimizer) else ()
    if isinstance(suspect.value, Tiny):
        several = re.search(r"values to unpack \(expected (\d+)", error)
        return (f"module:{several[1]}",) if several else ()
    for pattern, kind in _WANTS:
        if match := re.search(pattern, error):
            wanted = kind.format(*match.groups())
            if wanted == "scalar tensor" and not (isinstance(suspect.value, torch.Tensor) and suspect.value.dim()):
                return ()
            return () if isinstance(suspect.value, _NOT_FOR.get(wanted, ())) else (wanted,)
    return ()
