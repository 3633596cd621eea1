"""Modules, optimizers, and what trains: constructors and methods."""

from __future__ import annotations

import re
from dataclasses import replace

from torchcopylint.domain.family import Family, OfClass
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import Conversion, TakeHow
from torchcopylint.domain.value import Named
from torchcopylint.models import dtype
from torchcopylint.models.annotation import of_class
from torchcopylint.models.effect import MEDIUM, Effect, Model, Shape
from torchcopylint.models.language import Act, Gives, Grad
from torchcopylint.models.layer import layer, run
from torchcopylint.models.tensor import names_dtype


def constructor(name: str, shape: Shape) -> Effect | None:
    """What calling a class or function of torch.nn, torch.optim or a model zoo makes."""
    if name.startswith("torch.nn.init.") and name.endswith("_"):
        return Effect(Gives.SAME, Kind.TENSOR, writes=(0,), grad=Grad.NEVER)
    prefix, _, last = name.rpartition(".")
    if name.startswith("torch.nn.") and of_class(name).kind in (Kind.MODULE, Kind.TENSOR):
        return layer(last, shape)
    if name.startswith("torch.optim.lr_scheduler."):
        return Effect(Gives.RECORD, Kind.SCHEDULER, of=(), fields=(("optimizer",),), certain=True)
    if prefix == "torch.optim" and last[:1].isupper():
        return Effect(Gives.FRESH, Kind.OPTIMIZER, of=(), act=Act.HOLDS, on=(0,), family=OfClass(last), certain=True)
    if last == "from_pretrained" and name.startswith("torch.nn."):
        return replace(layer(prefix.rpartition(".")[2], shape), result=Gives.HELD, of=(0,))
    loaded = last == "from_pretrained" and re.search(r"Model|For[A-Z]|Net$|Transformer", prefix)
    if prefix.startswith("torchvision.models") or loaded:
        return Effect(Gives.FRESH, Kind.MODULE, MEDIUM, of=())
    return None


def _load(shape: Shape) -> Effect:
    if shape.flag("assign"):
        return Effect(Gives.UNKNOWN, act=Act.RELINKS, on=(0,))
    return Effect(Gives.UNKNOWN, act=Act.LOADS, on=(0, 1), writes=(0,), takes=(TakeHow.COPIES, 1))


def _requires(shape: Shape) -> Effect:
    return Effect(Gives.SAME, act=Act.FREEZES if shape.const(1, "requires_grad") is False else Act.REQUIRES, on=(0,))


def _lacks(remedy: str) -> Effect:
    """A method that there is not; the expression to write instead, "{}" for the receiver."""
    return Effect(Gives.UNKNOWN, act=Act.LACKS, on=(0,), remedy=remedy)


_DEEP = "copy.deepcopy({})"


def _copy(shape: Shape) -> Effect:
    """Of modules only `nn.ParameterDict` has it: another one with the same parameters."""
    return Effect(Gives.UNKNOWN) if Layout.COPYABLE in shape.traits else _lacks(_DEEP)


_SAME = "train eval type share_memory apply requires_grad_".split()
_LOW = frozenset({"half", "float16", "bfloat16"})


def _converts(conversion: Conversion | None, takes: TakeHow | None = None, to: str = "") -> Effect:
    """A move or a cast of the module itself; None where it only comes to where it is used. to: the dtype it gets."""
    return Effect(
        Gives.SAME,
        act=Act.CONVERTS,
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
    **{name: Effect(Gives.SAME) for name in _SAME},
    **{name: _converts(Conversion.CAST, to=dtype.WORDS[name]) for name in ("half", "bfloat16")},
    **{name: _converts(None, to=dtype.WORDS[name]) for name in ("float", "double")},
    "to_empty": Effect(Gives.SAME, act=Act.RENEWS, on=(0,)),
    "cpu": _converts(Conversion.MOVED, TakeHow.MOVES_TO_CPU),
    "cuda": _converts(None, TakeHow.MOVES),
    "to": _to,
    "requires_grad_": _requires,
    **{name: Effect(Gives.LIVE, Kind.PARAMS, sharing=Sharing.LIVE_WEIGHT) for name in _LIVE},
    "buffers": Effect(Gives.LIVE, Kind.PARAMS, grad=Grad.NEVER, sharing=Sharing.LIVE_WEIGHT),
    "named_buffers": Effect(Gives.LIVE, Kind.PARAMS, grad=Grad.NEVER, sharing=Sharing.LIVE_WEIGHT),
    "children": Effect(Gives.LIVE, Kind.MODULES),
    "modules": Effect(Gives.LIVE, Kind.MODULES),
    "named_children": Effect(Gives.LIVE, Kind.MODULES),
    "named_modules": Effect(Gives.LIVE, Kind.MODULES),
    "state_dict": Effect(Gives.LIVE, Kind.STATE_DICT, sharing=Sharing.LIVE_STATE),
    "load_state_dict": _load,
    "zero_grad": Effect(Gives.NONE, act=Act.ZEROES, on=(0,)),
    "register_buffer": Effect(Gives.NONE, act=Act.REGISTERS, on=(0, 1, 2)),
    "register_parameter": Effect(Gives.NONE, act=Act.REGISTERS, on=(0, 1, 2)),
    "add_module": Effect(Gives.NONE, act=Act.REGISTERS, on=(0, 1, 2)),
    "compile": Effect(Gives.NONE),
    "module": Effect(Gives.SAME),
    "_modules": Effect(Gives.SAME),
    "update_parameters": Effect(Gives.NONE, writes=(0,)),
    "backward": Effect(Gives.NONE, act=Act.BACKWARD, on=(1,)),
    **{name: _lacks(_DEEP) for name in ("clone", "deepcopy")},
    "copy": _copy,
    "__call__": run,
    "forward": run,
}
PROPERTIES = frozenset({"_modules"})
"""Of a module: the table of its layers stands for the module itself, whose parts are read and set through it."""
OPTIMIZER: dict[str, Model] = {
    "step": Effect(Gives.NONE, act=Act.STEPS, on=(0,)),
    "zero_grad": Effect(Gives.NONE, act=Act.ZEROES, on=(0,)),
    "state_dict": Effect(Gives.LIVE, Kind.STATE_DICT, sharing=Sharing.LIVE_OPTIMIZER_STATE),
    "load_state_dict": Effect(Gives.NONE, act=Act.SHARES_STATE, on=(0, 1)),
    "add_param_group": Effect(Gives.NONE, act=Act.HOLDS_MORE, on=(0, 1)),
    **{name: _lacks("") for name in ("clone", "copy", "deepcopy")},
}
STATE: dict[str, Model] = {"clone": _lacks(_DEEP), "deepcopy": _lacks(_DEEP)}
SCHEDULER: dict[str, Model] = {
    "step": Effect(Gives.NONE, act=Act.SCHEDULES, on=(0,)),
    "state_dict": Effect(Gives.FRESH),
    "load_state_dict": Effect(Gives.NONE),
}
SCALER: dict[str, Model] = {
    "scale": Effect(Gives.PERHAPS, Kind.TENSOR, of=(1,), sharing=Sharing.ARGUMENT),
    "step": Effect(Gives.NONE, act=Act.STEPS, on=(1,)),
    "update": Effect(Gives.NONE),
    "unscale_": Effect(Gives.NONE, act=Act.CLIPS, on=(1,)),
}
_REPARAMETRISED = (
    "weight_norm spectral_norm parametrizations.weight_norm parametrizations.spectral_norm "
    "parametrize.register_parametrization prune.l1_unstructured prune.random_unstructured prune.identity"
).split()
_RESTORED = "remove_weight_norm remove_spectral_norm parametrize.remove_parametrizations prune.remove".split()


def _weight_is(act: Act) -> Model:
    """What a function does to the weight of a module; to a tensor of another name nothing is known to be done."""

    def effect(shape: Shape) -> Effect:
        name = next(
            (n for n in (shape.const(1, "name"), shape.const(99, "tensor_name")) if isinstance(n, str)), "weight"
        )
        return Effect(Gives.SAME, Kind.MODULE, act=act if name == "weight" else None, on=(0,))

    return effect


_AVERAGING = "get_ema_multi_avg_fn get_ema_avg_fn get_swa_multi_avg_fn get_swa_avg_fn".split()
FUNCTIONS: dict[str, Model] = {
    "torch.compile": Effect(Gives.WRAPPED, Kind.MODULE),
    "torch.jit.script": Effect(Gives.WRAPPED, Kind.MODULE),
    "torch.jit.trace": lambda shape: Effect(Gives.WRAPPED, Kind.MODULE) if shape.kind(0) is Kind.MODULE else None,
    "torch.fx.symbolic_trace": Effect(Gives.WRAPPED, Kind.MODULE),
    "torch.export.export": lambda shape: Effect(Gives.WRAPPED, Kind.MODULE) if shape.kind(0) is Kind.MODULE else None,
    "torch.nn.utils.parameters_to_vector": Effect(Gives.FRESH, Kind.TENSOR),
    "torch.nn.utils.vector_to_parameters": Effect(Gives.NONE, act=Act.ADOPTS, on=(0, 1)),
    "torch.nn.utils.clip_grad_norm_": Effect(Gives.SCALAR, act=Act.CLIPS, on=(0,)),
    "torch.nn.utils.clip_grad_value_": Effect(Gives.NONE, act=Act.CLIPS, on=(0,)),
    "torch.nn.utils.clip_grads_with_norm_": Effect(Gives.NONE, act=Act.CLIPS, on=(0,)),
    **{f"torch.nn.utils.{name}": _weight_is(Act.REPARAMETRISES) for name in _REPARAMETRISED},
    **{f"torch.nn.utils.{name}": _weight_is(Act.RESTORES) for name in _RESTORED},
    "torch.nn.utils.parametrizations.orthogonal": Effect(Gives.SAME, Kind.MODULE, writes=(0,)),
    "torch.nn.utils.fuse_conv_bn_eval": Effect(Gives.COPIED, Kind.MODULE),
    "torch.nn.utils.fuse_linear_bn_eval": Effect(Gives.COPIED, Kind.MODULE),
    "torch.nn.utils.rnn.pad_sequence": Effect(Gives.FRESH, Kind.TENSOR),
    "torch.nn.utils.rnn.pad_packed_sequence": Effect(Gives.SEVERAL, Kind.TENSOR),
    "torch.optim.swa_utils.AveragedModel": Effect(Gives.COPIED, Kind.MODULE),
    **{f"torch.optim.swa_utils.{name}": Effect(Gives.SCALAR, grad=Grad.NEVER) for name in _AVERAGING},
    "torch.optim.swa_utils.SWALR": Effect(Gives.FRESH, Kind.SCHEDULER, of=()),
    "torch.optim.swa_utils.update_bn": Effect(Gives.NONE, writes=(1,)),
    "torch.amp.GradScaler": Effect(Gives.FRESH, Kind.SCALER, of=()),
    "torch.cuda.amp.GradScaler": Effect(Gives.FRESH, Kind.SCALER, of=()),
    "torch.amp.grad_scaler.GradScaler": Effect(Gives.FRESH, Kind.SCALER, of=()),
    "torch.utils.data.DataLoader": Effect(Gives.HELD, Kind.LOADER, of=(0,)),
    "torch.utils.data.TensorDataset": Effect(Gives.HELD, Kind.DATASET, of=tuple(range(8))),
    "torch.utils.data.Subset": Effect(Gives.HELD, Kind.DATASET, of=(0,)),
    "torch.utils.data.ConcatDataset": Effect(Gives.HELD, Kind.DATASET, of=(0,)),
    "torch.utils.data.StackDataset": Effect(Gives.HELD, Kind.DATASET, of=tuple(range(8))),
    "torch.utils.data.random_split": Effect(Gives.HELD, Kind.LIST, of=(0,)),
    "torch.utils.data.default_collate": Effect(Gives.FRESH, Kind.UNKNOWN, of=(0,)),
    "torch.utils.data.default_convert": Effect(Gives.PERHAPS, Kind.UNKNOWN, sharing=Sharing.ARGUMENT),
    "torch.device": Effect(Gives.SCALAR),
    "torch.no_grad": Effect(Gives.CONTEXT, family=Family.GRAD_OFF),
    "torch.inference_mode": Effect(Gives.CONTEXT, family=Family.GRAD_OFF),
    "torch.enable_grad": Effect(Gives.CONTEXT, family=Family.GRAD_ON),
    "torch.autograd.no_grad": Effect(Gives.CONTEXT, family=Family.GRAD_OFF),
    "torch.set_grad_enabled": lambda shape: Effect(
        Gives.CONTEXT,
        family={False: Family.GRAD_OFF, True: Family.GRAD_ON}.get(shape.const(0, "mode") is True)
        if isinstance(shape.const(0, "mode"), bool)
        else Family.GRAD_PERHAPS,
    ),
}
