"""Modules, optimizers, and what trains: constructors and methods."""

from __future__ import annotations

import re

from torchcopylint.domain.family import Family, OfClass
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import Conversion, TakeHow
from torchcopylint.domain.value import Named
from torchcopylint.models import dtype
from torchcopylint.models.annotation import of_class
from torchcopylint.models.effect import MEDIUM, Effect, Model, Shape
from torchcopylint.models.layer import layer, run
from torchcopylint.models.tensor import names_dtype


def constructor(name: str, shape: Shape) -> Effect | None:
    """What calling a class or function of torch.nn, torch.optim or a model zoo makes."""
    if name.startswith("torch.nn.init.") and name.endswith("_"):
        return Effect("same", Kind.TENSOR, writes=(0,), grad="never")
    prefix, _, last = name.rpartition(".")
    if name.startswith("torch.nn.") and of_class(name).kind in (Kind.MODULE, Kind.TENSOR):
        return layer(last, shape)
    if name.startswith("torch.optim.lr_scheduler."):
        return Effect("fresh", Kind.SCHEDULER, of=(), certain=True)
    if prefix == "torch.optim" and last[:1].isupper():
        return Effect("fresh", Kind.OPTIMIZER, of=(), act="holds", on=(0,), family=OfClass(last), certain=True)
    if last == "from_pretrained" and name.startswith("torch.nn."):
        return layer(prefix.rpartition(".")[2], shape)
    loaded = last == "from_pretrained" and re.search(r"Model|For[A-Z]|Net$|Transformer", prefix)
    if prefix.startswith("torchvision.models") or loaded:
        return Effect("fresh", Kind.MODULE, MEDIUM, of=())
    return None


def _load(shape: Shape) -> Effect:
    if shape.flag("assign"):
        return Effect("unknown", act="relinks", on=(0,))
    return Effect("unknown", act="loads", on=(0, 1), writes=(0,), takes=(TakeHow.COPIES, 1))


def _requires(shape: Shape) -> Effect:
    return Effect("same", act="freezes" if shape.const(1, "requires_grad") is False else "requires", on=(0,))


def _lacks(remedy: str) -> Effect:
    """A method that there is not; the expression to write instead, "{}" for the receiver."""
    return Effect("unknown", act="lacks", on=(0,), remedy=remedy)


_DEEP = "copy.deepcopy({})"


def _copy(shape: Shape) -> Effect:
    """Of modules only `nn.ParameterDict` has it: another one with the same parameters."""
    return Effect("unknown") if Layout.COPYABLE in shape.traits else _lacks(_DEEP)


_SAME = "train eval type share_memory apply requires_grad_".split()
_LOW = frozenset({"half", "float16", "bfloat16"})


def _converts(conversion: Conversion | None, takes: TakeHow | None = None, to: str = "") -> Effect:
    """A move or a cast of the module itself; None where it only comes to where it is used. to: the dtype it gets."""
    return Effect(
        "same",
        act="converts",
        on=(0,),
        conversion=conversion,
        takes=(takes, 0) if takes is not None else None,
        layout=dtype.flag(to),
    )


def _to(shape: Shape) -> Effect:
    """A move to another device, or a change of dtype, of the module itself."""
    if "dtype" in shape.keywords or len(shape.args) > 2 or names_dtype(shape):
        given = [e for value in (*shape.args[1:], *shape.keywords.values()) for e in value]
        low = any(isinstance(e, Named) and e.name.rpartition(".")[2] in _LOW for e in given)
        return _converts(Conversion.CAST if low else None, to=dtype.wanted("to", shape))
    cpu = shape.const(1, "device") == "cpu"
    return _converts(Conversion.MOVED, TakeHow.MOVES_TO_CPU) if cpu else _converts(None, TakeHow.MOVES)


_LIVE = "parameters named_parameters".split()

MODULE: dict[str, Model] = {
    **{name: Effect("same") for name in _SAME},
    **{name: _converts(Conversion.CAST, to=dtype.WORDS[name]) for name in ("half", "bfloat16")},
    **{name: _converts(None, to=dtype.WORDS[name]) for name in ("float", "double")},
    "to_empty": Effect("same", act="renews", on=(0,)),
    "cpu": _converts(Conversion.MOVED, TakeHow.MOVES_TO_CPU),
    "cuda": _converts(None, TakeHow.MOVES),
    "to": _to,
    "requires_grad_": _requires,
    **{name: Effect("live", Kind.PARAMS, sharing=Sharing.LIVE_WEIGHT) for name in _LIVE},
    "buffers": Effect("live", Kind.PARAMS, grad="never", sharing=Sharing.LIVE_WEIGHT),
    "named_buffers": Effect("live", Kind.PARAMS, grad="never", sharing=Sharing.LIVE_WEIGHT),
    "children": Effect("live", Kind.MODULES),
    "modules": Effect("live", Kind.MODULES),
    "named_children": Effect("live", Kind.MODULES),
    "named_modules": Effect("live", Kind.MODULES),
    "state_dict": Effect("live", Kind.STATE_DICT, sharing=Sharing.LIVE_STATE),
    "load_state_dict": _load,
    "zero_grad": Effect("none", act="zeroes", on=(0,)),
    "register_buffer": Effect("none", act="registers", on=(0, 1, 2)),
    "register_parameter": Effect("none", act="registers", on=(0, 1, 2)),
    "add_module": Effect("none", act="registers", on=(0, 1, 2)),
    "compile": Effect("none"),
    "update_parameters": Effect("none", writes=(0,)),
    "backward": Effect("none", act="backward", on=(1,)),
    **{name: _lacks(_DEEP) for name in ("clone", "deepcopy")},
    "copy": _copy,
    "__call__": run,
    "forward": run,
}
OPTIMIZER: dict[str, Model] = {
    "step": Effect("none", act="steps", on=(0,)),
    "zero_grad": Effect("none", act="zeroes", on=(0,)),
    "state_dict": Effect("live", Kind.STATE_DICT, sharing=Sharing.LIVE_OPTIMIZER_STATE),
    "load_state_dict": Effect("none", act="shares state", on=(0, 1)),
    "add_param_group": Effect("none", act="holds more", on=(0, 1)),
    **{name: _lacks("") for name in ("clone", "copy", "deepcopy")},
}
STATE: dict[str, Model] = {"clone": _lacks(_DEEP), "deepcopy": _lacks(_DEEP)}
SCHEDULER: dict[str, Model] = {
    "step": Effect("none"),
    "state_dict": Effect("fresh"),
    "load_state_dict": Effect("none"),
}
SCALER: dict[str, Model] = {
    "scale": Effect("perhaps", Kind.TENSOR, of=(1,), sharing=Sharing.ARGUMENT),
    "step": Effect("none", act="steps", on=(1,)),
    "update": Effect("none"),
    "unscale_": Effect("none"),
}
_REPARAMETRISED = (
    "weight_norm spectral_norm remove_weight_norm remove_spectral_norm parametrizations.weight_norm "
    "parametrizations.spectral_norm parametrize.register_parametrization "
    "parametrize.remove_parametrizations prune.l1_unstructured prune.random_unstructured prune.remove"
).split()
_AVERAGING = "get_ema_multi_avg_fn get_ema_avg_fn get_swa_multi_avg_fn get_swa_avg_fn".split()
FUNCTIONS: dict[str, Model] = {
    "torch.compile": Effect("wrapped", Kind.MODULE),
    "torch.jit.script": Effect("wrapped", Kind.MODULE),
    "torch.nn.utils.parameters_to_vector": Effect("fresh", Kind.TENSOR),
    "torch.nn.utils.vector_to_parameters": Effect("none", writes=(1,)),
    "torch.nn.utils.clip_grad_norm_": Effect("scalar", act="asks"),
    "torch.nn.utils.clip_grad_value_": Effect("none", act="asks"),
    **{f"torch.nn.utils.{name}": Effect("same", Kind.MODULE) for name in _REPARAMETRISED},
    "torch.nn.utils.parametrizations.orthogonal": Effect("same", Kind.MODULE, writes=(0,)),
    "torch.nn.utils.fuse_conv_bn_eval": Effect("copied", Kind.MODULE),
    "torch.nn.utils.fuse_linear_bn_eval": Effect("copied", Kind.MODULE),
    "torch.nn.utils.rnn.pad_sequence": Effect("fresh", Kind.TENSOR),
    "torch.nn.utils.rnn.pad_packed_sequence": Effect("several", Kind.TENSOR),
    "torch.optim.swa_utils.AveragedModel": Effect("copied", Kind.MODULE),
    **{f"torch.optim.swa_utils.{name}": Effect("scalar", grad="never") for name in _AVERAGING},
    "torch.optim.swa_utils.SWALR": Effect("fresh", Kind.SCHEDULER, of=()),
    "torch.optim.swa_utils.update_bn": Effect("none", writes=(1,)),
    "torch.amp.GradScaler": Effect("fresh", Kind.SCALER, of=()),
    "torch.cuda.amp.GradScaler": Effect("fresh", Kind.SCALER, of=()),
    "torch.amp.grad_scaler.GradScaler": Effect("fresh", Kind.SCALER, of=()),
    "torch.utils.data.DataLoader": Effect("held", Kind.LOADER, of=(0,)),
    "torch.utils.data.TensorDataset": Effect("held", Kind.DATASET, of=tuple(range(8))),
    "torch.utils.data.Subset": Effect("held", Kind.DATASET, of=(0,)),
    "torch.utils.data.ConcatDataset": Effect("held", Kind.DATASET, of=(0,)),
    "torch.utils.data.StackDataset": Effect("held", Kind.DATASET, of=tuple(range(8))),
    "torch.utils.data.random_split": Effect("held", Kind.LIST, of=(0,)),
    "torch.utils.data.default_collate": Effect("fresh", Kind.UNKNOWN, of=(0,)),
    "torch.utils.data.default_convert": Effect("perhaps", Kind.UNKNOWN, sharing=Sharing.ARGUMENT),
    "torch.device": Effect("scalar"),
    "torch.no_grad": Effect("context", family=Family.GRAD_OFF),
    "torch.inference_mode": Effect("context", family=Family.GRAD_OFF),
    "torch.enable_grad": Effect("context", family=Family.GRAD_ON),
    "torch.autograd.no_grad": Effect("context", family=Family.GRAD_OFF),
    "torch.set_grad_enabled": lambda shape: Effect(
        "context",
        family={False: Family.GRAD_OFF, True: Family.GRAD_ON}.get(shape.const(0, "mode") is True)
        if isinstance(shape.const(0, "mode"), bool)
        else Family.GRAD_PERHAPS,
    ),
}
