"""The calls that prove the rows written by hand: a word for the memory of the result, and calls that show it.

The words: "same" (the very object), "view" (other object, same memory), "perhaps" (a view for some of the calls, new
memory for others), "fresh" (new memory), "nothing" (it gives none), "unknown". `f` is what the row is about; the other
names are bound in `conduct.py` and `test_models.py`: `x`, `y` tensors, `a`, `v`, `c`, `sq` arrays (a matrix, a vector,
a complex one, a square one), `leaf` a tensor that requires a gradient, `model` a module, `file` a saved one.
"""

from __future__ import annotations

from numpy_cases import ARRAY_CASES, NUMPY_CASES, Case

_LOSSES = "mse_loss l1_loss smooth_l1_loss huber_loss soft_margin_loss poisson_nll_loss kl_div".split()
_LEGACY = ["", *"Float Double Half BFloat16 Long Int Short Byte Char Bool".split()]
_FACTORIES = (
    "rand randn randperm arange eye zeros ones empty".split(),
    "rand_like randn_like zeros_like ones_like empty_like".split(),
)
_TORCH: dict[str, Case] = {
    **{f"torch.{name}": ("fresh", "f(3)") for name in _FACTORIES[0]},
    **{f"torch.{name}": ("fresh", "f(x)") for name in _FACTORIES[1]},
    "torch.randint": ("fresh", "f(3, (2,))"),
    "torch.randint_like": ("fresh", "f(x, 3)"),
    "torch.full_like": ("fresh", "f(x, 3)"),
    "torch.full": ("fresh", "f((2,), 3)"),
    "torch.linspace": ("fresh", "f(0, 1, 3)"),
    "torch.logspace": ("fresh", "f(0, 1, 3)"),
    "torch.normal": ("fresh", "f(x, x.abs())"),
    "torch.tensor": ("fresh", "f(x)", "f(a)", "f([1.0])"),
    **{f"torch.{name}Tensor": ("fresh", "f([1, 2])") for name in _LEGACY},
    "torch.from_numpy": ("view", "f(a)"),
    "torch.as_tensor": ("perhaps", "f(x, dtype=torch.float32)", "f(x, dtype=torch.float64)"),
    "torch.asarray": ("perhaps", "f(a, dtype=torch.float64)", "f(a, dtype=torch.float32)"),
    "torch.cartesian_prod": ("view", "f(x[0])"),
    "torch.einsum": ("perhaps", 'f("ij->ji", x)', 'f("ij->i", x)'),
    "torch.autograd.grad": ("fresh", "f((leaf * leaf).sum(), leaf)"),
    **{f"torch.nn.functional.{name}": ("fresh", "f(x, y)") for name in _LOSSES},
    "torch.nn.functional.binary_cross_entropy": ("fresh", "f(y, y)"),
    "torch.nn.functional.binary_cross_entropy_with_logits": ("fresh", "f(x, y)"),
    "torch.nn.functional.cross_entropy": ("fresh", "f(x, torch.tensor([0, 1]))"),
    "torch.nn.functional.nll_loss": ("fresh", "f(x, torch.tensor([0, 1]))"),
    "torch.nn.functional.gaussian_nll_loss": ("fresh", "f(x, y, y)"),
    "torch.compile": ("view", "f(model)"),
    "torch.jit.script": ("view", "f(model)"),
    "torch.fx.symbolic_trace": ("view", "f(model)"),
    "torch.load": ("fresh", "f(file)"),
    "torch.amp.GradScaler": ("fresh", "f('cpu')"),
    "torch.amp.grad_scaler.GradScaler": ("fresh", "f('cpu')"),
    "torch.cuda.amp.GradScaler": ("fresh", "f(enabled=False)"),
    "torch.optim.swa_utils.SWALR": ("fresh", "f(optimizer, 0.1)"),
    "torch.nn.utils.parameters_to_vector": ("fresh", "f(model.parameters())", "f([leaf])"),
    "torch.nn.utils.rnn.pad_sequence": ("fresh", "f(tensors)", "f(tensors[:1])"),
    "torch.nn.utils.rnn.pad_packed_sequence": ("fresh", "f(torch.nn.utils.rnn.pack_sequence(tensors))"),
    "torch.nn.utils.fuse_conv_bn_eval": (
        "fresh",
        "f(torch.nn.Conv1d(2, 2, 1).eval(), torch.nn.BatchNorm1d(2).eval())",
    ),
    "torch.nn.utils.fuse_linear_bn_eval": (
        "fresh",
        "f(torch.nn.Linear(2, 2).eval(), torch.nn.BatchNorm1d(2).eval())",
    ),
    "torch.nn.utils.remove_weight_norm": ("same", "f(torch.nn.utils.weight_norm(model[0]))"),
    "torch.nn.utils.remove_spectral_norm": ("same", "f(torch.nn.utils.spectral_norm(model[0]))"),
    **{
        f"torch.nn.utils.{name}": ("same", "f(model[0])")
        for name in "weight_norm spectral_norm parametrizations.weight_norm parametrizations.spectral_norm "
        "parametrizations.orthogonal".split()
    },
    "torch.nn.utils.parametrize.register_parametrization": ("same", "f(model[0], 'weight', torch.nn.Identity())"),
    "torch.nn.utils.parametrize.remove_parametrizations": (
        "same",
        "f(torch.nn.utils.parametrizations.weight_norm(model[0]), 'weight')",
    ),
    "torch.nn.utils.prune.l1_unstructured": ("same", "f(model[0], 'weight', 0.0)"),
    "torch.nn.utils.prune.random_unstructured": ("same", "f(model[0], 'weight', 0.0)"),
    "torch.nn.utils.prune.identity": ("same", "f(model[0], 'weight')"),
    "torch.nn.utils.prune.remove": ("same", "f(torch.nn.utils.prune.identity(model[0], 'weight'), 'weight')"),
    "torch.optim.swa_utils.AveragedModel": ("fresh", "f(model)"),
    "torch.optim.swa_utils.update_bn": ("nothing", "f([torch.rand(4, 3)], model)"),
    "torch.utils.data.DataLoader": ("view", "f(data)"),
    "torch.utils.data.TensorDataset": ("view", "f(x, y)"),
    "torch.utils.data.Subset": ("view", "f(data, [0])"),
    "torch.utils.data.ConcatDataset": ("view", "f([data])"),
    "torch.utils.data.StackDataset": ("view", "f(data, data)"),
    "torch.utils.data.random_split": ("view", "f(data, [2, 2])"),
    "torch.utils.data.default_collate": ("fresh", "f(tensors)", "f(tensors[:1])", "f([(v, 1)])"),
    "torch.utils.data.default_convert": ("perhaps", "f(x)", "f([1.0])"),
    "torch.nn.Parameter": ("view", "f(x)"),
    "torch.nn.Buffer": ("view", "f(x)"),
    "torch.nn.init.zeros_": ("same", "f(x)"),
    "torch.nn.init.kaiming_normal_": ("same", "f(x)"),
    "torch.nn.Linear": ("fresh", "f(2, 2)"),
    "torch.nn.Sequential": ("view", "f(model[0], model[1])"),
    "torch.nn.ModuleList": ("view", "f([model])"),
    "torch.optim.SGD": ("view", "f([torch.rand(2)], 0.1)"),
}
_PYTHON: dict[str, Case] = {
    "copy.deepcopy": ("fresh", "f(x)", "f(model)", "f(tensors)", "f(a)", "f(optimizer)", "f(model.state_dict())"),
    "pickle.loads": ("fresh", *(f"f(__import__('pickle').dumps({what}))" for what in ("x", "model", "tensors", "a"))),
    "copy.copy": ("view", "f(x)", "f(model)", "f(tensors)", "f(optimizer)", "f(model.state_dict())"),
    "dataclasses.replace": ("view", "f(record)"),
    "dataclasses.asdict": ("fresh", "f(record)"),
    "dataclasses.astuple": ("fresh", "f(record)"),
    "itertools.cycle": ("view", "f(tensors)"),
    "collections.OrderedDict": ("view", "f(named)"),
    "collections.deque": ("view", "f(tensors)"),
    "collections.defaultdict": ("fresh", "f(list)"),
    "collections.Counter": ("fresh", "f([1, 1])"),
    "itertools.chain": ("view", "f(tensors, tensors)"),
    "itertools.islice": ("view", "f(tensors, 1)"),
    "itertools.zip_longest": ("view", "f(tensors, tensors)"),
    "itertools.product": ("view", "f(tensors, tensors)"),
    "itertools.takewhile": ("view", "f(lambda one: True, tensors)"),
    "itertools.dropwhile": ("view", "f(lambda one: False, tensors)"),
    "itertools.filterfalse": ("view", "f(lambda one: False, tensors)"),
    **{f"builtins.{name}": ("view", "f(tensors)") for name in "list tuple set sorted reversed iter frozenset".split()},
    "builtins.sorted": ("view", "f(tensors, key=len)"),
    "builtins.dict": ("view", "f(named)"),
    "builtins.enumerate": ("view", "f(tensors)"),
    "builtins.zip": ("view", "f(tensors, tensors)"),
    "builtins.filter": ("view", "f(lambda one: True, tensors)"),
    "builtins.next": ("view", "f(iter(tensors))"),
    "builtins.range": ("fresh", "f(3)"),
    "builtins.sum": ("fresh", "f(tensors)"),
    "builtins.abs": ("fresh", "f(x)", "f(a)"),
}
FUNCTIONS: dict[str, Case] = {
    **{f"numpy.{name}": case for name, case in NUMPY_CASES.items()},
    **_TORCH,
    **_PYTHON,
}

_ITSELF = ("same", "f(model)")
_LIVE = (
    "parameters named_parameters buffers named_buffers children modules named_children named_modules state_dict"
).split()
_MODULE: dict[str, Case] = {
    **dict.fromkeys("train eval cpu float double half bfloat16 share_memory requires_grad_".split(), _ITSELF),
    "to": ("same", "f(model, torch.float64)"),
    "type": ("same", "f(model, torch.float64)"),
    "apply": ("same", "f(model, lambda part: None)"),
    **dict.fromkeys(_LIVE, ("view", "f(model)")),
    "load_state_dict": (
        "unknown",
        "f(torch.nn.Sequential(torch.nn.Linear(3, 3)), {'0.' + k: v for k, v in model[0].state_dict().items()})",
    ),
    "update_parameters": ("nothing", "f(torch.optim.swa_utils.AveragedModel(other), model)"),
    "__call__": ("fresh", "f(model.eval(), x)"),
    "forward": ("fresh", "f(model.eval(), x)"),
}
_LIST: dict[str, Case] = {
    "copy": ("view", "f(tensors)"),
    "pop": ("view", "f([*tensors, *tensors])"),
    "popleft": ("view", "f(__import__('collections').deque([*tensors, *tensors]))"),
    "union": ("view", "f(set(tensors), set(tensors))"),
}
_DICT: dict[str, Case] = {
    "items": ("view", "f(named)"),
    "values": ("view", "f(named)"),
    "get": ("view", "f(named, 'one')"),
    "pop": ("view", "f({**named, 'three': named['one']}, 'three')"),
    "setdefault": ("view", "f(named, 'one')"),
    "copy": ("view", "f(named)"),
}
_TENSOR: dict[str, Case] = {
    "new_tensor": ("fresh", "f(x, x)"),
    "new_zeros": ("fresh", "f(x, 3)"),
    "new_ones": ("fresh", "f(x, 3)"),
    "new_empty": ("fresh", "f(x, 3)"),
    "new_full": ("fresh", "f(x, (3,), 1.0)"),
    "requires_grad_": ("same", "f(x)", "f(x, False)"),
    "share_memory_": ("same", "f(x)"),
    "expand": ("view", "f(x, 4, 2, 3)", "f(x, -1, -1)"),
    "__array__": ("view", "f(x)"),
    "tolist": ("fresh", "f(x)"),
}
_SCALER = "torch.amp.GradScaler"
METHODS: dict[tuple[str, str], Case] = {
    (kind, name): case
    for kind, cases in (
        ("ndarray", ARRAY_CASES),
        ("module", _MODULE),
        ("optimizer", {"state_dict": ("view", "f(optimizer)")}),
        ("tensor", _TENSOR),
        (
            "scaler",
            {"scale": ("perhaps", "f(torch.amp.GradScaler(enabled=False), x)", "f(torch.amp.GradScaler('cpu'), x)")},
        ),
        ("list", _LIST),
        ("dict", _DICT),
    )
    for name, case in cases.items()
}

LAYERS: dict[str, Case] = {
    **{
        f"{name}(inplace=True)": ("same", "train", "eval")
        for name in "CELU ELU Hardsigmoid Hardswish LeakyReLU Mish RReLU ReLU ReLU6 SELU SiLU Hardtanh".split()
    },
    **{f"{name}(inplace=True)": ("same", "train") for name in "Dropout Dropout1d Dropout2d Dropout3d".split()},
    "ReLU(True)": ("same", "train"),
    "LeakyReLU(0.2, True)": ("same", "train"),
    "Threshold(0.5, 0.0, True)": ("same", "train"),
    "Dropout(0.5, True)": ("same", "train"),
    **{
        f"{name}(inplace=False)": ("fresh", "train", "eval")
        for name in "CELU ELU Hardsigmoid Hardswish LeakyReLU Mish RReLU ReLU ReLU6 SELU SiLU Hardtanh".split()
    },
    "ReLU()": ("fresh", "train", "eval"),
    "Threshold(0.5, 0.0)": ("fresh", "train"),
    "Identity()": ("same", "train", "eval"),
    "Unflatten(1, (2, 2))": ("view", "train", "eval"),
    **{
        f"{name}()": ("perhaps", "train", "eval")
        for name in "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout".split()
    },
    "Softmax(-1)": ("fresh", "train", "eval"),
    "BatchNorm1d(4)": ("fresh", "train", "eval"),
    "Conv1d(4, 4, 1)": ("fresh", "train", "eval"),
}

_ABSENT = {
    "einops": "rearrange reduce repeat layers.torch.Rearrange layers.torch.Reduce",
    "torchvision.transforms.functional": "adjust_contrast adjust_gamma adjust_hue center_crop convert_image_dtype crop "
    "erase hflip invert normalize perspective resized_crop rgb_to_grayscale to_tensor vflip",
    "torchvision.transforms.v2.functional": "erase normalize",
    "accelerate": "Accelerator",
    "lightning": "Fabric fabric.Fabric pytorch.utilities.move_data_to_device",
    "lightning_fabric": "Fabric",
    "timm": "create_model models.create_model utils.ModelEma utils.ModelEmaV2 utils.ModelEmaV3 utils.unwrap_model",
    "tqdm": "tqdm auto.tqdm",
}
_WRAPPING = (
    "prepare prepare_model prepare_optimizer prepare_scheduler prepare_data_loader setup setup_module setup_optimizers "
    "setup_dataloaders unwrap_model get_state_dict gather gather_for_metrics pad_across_processes reduce all_reduce "
    "all_gather broadcast to_device"
).split()
NOT_EXECUTED: dict[str | tuple[str, str], str] = {
    **{
        f"{package}.{name}": f"{package.partition('.')[0]} is no requirement of the tests"
        for package, names in _ABSENT.items()
        for name in names.split()
    },
    **{("accelerator", name): "accelerate and lightning are no requirement of the tests" for name in _WRAPPING},
    "copy.replace": "Python 3.13 and later",
    "torch.from_file": "what it shares its memory with is a file",
    ("module", "cuda"): "needs a GPU",
    ("module", "module"): "of an exported program, which is no module of the tests' own: facts/asserted.md has it",
    ("module", "to_empty"): "other weights, without values: for what is asked here that is a write",
    ("module", "_modules"): "the dict of its layers: a place in it is a place in the module, which it counts as",
    ("tensor", "grad"): "live: the gradient is no argument",
    ("tensor", "pin_memory"): "needs a GPU",
}
