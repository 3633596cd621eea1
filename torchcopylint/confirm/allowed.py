"""What a program may say: its syntax tree is checked, name by name, before any of it runs."""

from __future__ import annotations

import ast
import keyword
import re
import types
from collections.abc import Iterator
from functools import cache

from torchcopylint.models.array import NDARRAY, NUMPY
from torchcopylint.models.container import COPYING, DICT, LIST
from torchcopylint.models.layer import HOLDERS, STATELESS
from torchcopylint.models.module import MODULE, OPTIMIZER, SCALER, SCHEDULER
from torchcopylint.models.table import names as table_names

BUILTINS = frozenset(
    "abs all any bool dict enumerate float frozenset int isinstance len list max min range reversed round set "
    "slice sorted str sum super tuple zip RuntimeError ValueError object".split()
)
OURS = frozenset(
    "given rounds test mark copied detached refreshed relinked trained give_gradients apart gathered anew "
    "repacked stepped noted Own Plain CPU".split()
)
MODULES = frozenset({"torch", "nn", "F", "np", "copy", "math", "collections"})
LONGEST_TEXT = 60
LARGEST = 100_000
_MOST_NODES = 6000
_METHODS_BY_PYTHON = frozenset({"__init__", "__getitem__", "__call__", "__iter__", "__len__", "__next__"})
_WORDS = re.compile(r"[\w .,:;/\-+*()\[\]`'=>|]*")

_REACHES_OUT = frozenset(
    "torch.load torch.save torch.compile torch.from_file torch.frombuffer torch.from_dlpack torch.to_dlpack torch.fork "
    "torch.wait torch.import_ir_module torch.import_ir_module_from_buffer torch.parse_ir torch.parse_schema "
    "torch.get_file_path torch.prepare_multiprocessing_environment torch.set_num_threads "
    "torch.set_num_interop_threads torch.init_num_threads torch.set_printoptions torch.cond torch.while_loop "
    "torch.classproperty torch.set_default_device torch.set_default_dtype torch.set_default_tensor_type "
    "torch.set_warn_always torch.use_deterministic_algorithms torch.vmap torch.typename".split()
)
"""Names of torch that open files, start processes, compile, or change the interpreter for good."""
_LEAVES = frozenset(
    "compile share_memory share_memory_ storage untyped_storage data_ptr const_data_ptr tofile tobytes dumps dump "
    "setflags record_stream pin_memory register_hook register_forward_hook register_post_accumulate_grad_hook "
    "module_load volatile reinforce storage_type byteswap apply_ map_ map2_ set_ apply".split()
)
"""Methods that open files, make memory others see, compile, or hand out what is not a tensor."""

_LAYERS = STATELESS | frozenset(
    "Linear Bilinear LazyLinear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d BatchNorm1d "
    "BatchNorm2d BatchNorm3d LayerNorm GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d RMSNorm Embedding "
    "EmbeddingBag LSTM GRU RNN LSTMCell GRUCell RNNCell MultiheadAttention TransformerEncoderLayer Transformer "
    "TransformerEncoder TransformerDecoderLayer TransformerDecoder PReLU SyncBatchNorm "
    "MSELoss L1Loss SmoothL1Loss HuberLoss CrossEntropyLoss NLLLoss BCELoss BCEWithLogitsLoss KLDivLoss "
    "CosineEmbeddingLoss TripletMarginLoss MarginRankingLoss PoissonNLLLoss Parameter Module Buffer".split()
)
_OPTIMIZERS = (
    "SGD Adam AdamW Adamax Adadelta Adagrad NAdam RAdam RMSprop Rprop ASGD LBFGS SparseAdam Adafactor Muon".split()
)
_INITS = (
    "uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ xavier_normal_ "
    "kaiming_uniform_ kaiming_normal_ orthogonal_ sparse_"
).split()
_DTYPES = (
    "float float16 float32 float64 half double bfloat16 int int8 int16 int32 int64 long short uint8 bool "
    "complex64 complex128 preserve_format contiguous_format channels_last strided"
).split()
_TYPES = "Tensor Size FloatTensor LongTensor IntTensor BoolTensor DoubleTensor ByteTensor".split()
_MATH = "pi e inf nan sqrt log exp sin cos floor ceil pow".split()


@cache
def functions() -> frozenset[str]:
    """The dotted names, by the names that a program gives the modules, that may be called or read."""
    found = {n for n in table_names() if n.startswith("torch.") and n not in _REACHES_OUT and "._" not in n}
    found |= {f"torch._foreach_{n}" for n in ("copy_", "add_", "mul_", "lerp_", "sub_", "zero_", "clone")}
    found |= {f"torch.nn.{name}" for name in _LAYERS | {holder.name for holder in HOLDERS}}
    found |= {f"torch.optim.{name}" for name in _OPTIMIZERS}
    found |= {f"torch.nn.init.{name}" for name in _INITS}
    found |= {f"torch.{name}" for name in (*_DTYPES, *_TYPES)}
    found |= {f"torch.{name}" for name in "no_grad enable_grad inference_mode set_grad_enabled device".split()}
    found |= {f"torch.nn.utils.{name}" for name in "clip_grad_norm_ clip_grad_value_ parameters_to_vector".split()}
    found |= {"torch.nn.utils.vector_to_parameters", "torch.autograd.grad", "torch.autograd.backward"}
    found |= {"torch.optim.swa_utils.AveragedModel", "torch.Tensor.clone", "torch.Tensor.detach"}
    found |= {f"numpy.{n}" for n in NUMPY if not n.startswith(("save", "frombuffer", "from_dlpack", "set", "lib"))}
    found |= {"numpy.ndarray", "numpy.newaxis", "numpy.float_", "numpy.pi", "numpy.inf", "numpy.nan"}
    found |= {name for name in COPYING if name.startswith(("copy.copy", "copy.deepcopy", "collections."))}
    found |= {f"math.{name}" for name in _MATH}
    return frozenset(_short(name) for name in found)


def _short(name: str) -> str:
    for full, short in (("torch.nn.functional.", "F."), ("torch.nn.", "nn."), ("numpy.", "np.")):
        if name.startswith(full):
            return short + name.removeprefix(full)
    return name


def spelled(name: str) -> str:
    """A full dotted name as programs write it, or "" where they may not."""
    if name.startswith("torch.functional."):
        name = "torch." + name.removeprefix("torch.functional.")
    for longer in ("torch.optim.", "torch.nn."):
        if name.startswith(longer) and name.count(".") > longer.count("."):
            last = longer + name.rpartition(".")[2]
            name = last if _short(name) not in functions() and _short(last) in functions() else name
    if name == "torch.autograd.Variable":
        return "torch.Tensor.detach"
    short = _short(name)
    return short if short in functions() else ""


@cache
def methods() -> frozenset[str]:
    """The attributes and methods of tensors, arrays, modules, optimizers and containers that may be used."""
    found = {name.removeprefix("Tensor.") for name in table_names() if name.startswith("Tensor.")}
    for rows in (MODULE, OPTIMIZER, SCHEDULER, SCALER, NDARRAY, LIST, DICT):
        found |= set(rows)
    found |= set("weight bias running_mean running_var training param_groups state add_module fromkeys".split())
    found |= set("num_batches_tracked named_buffers in_features out_features keys split strip most_common".split())
    return frozenset(n for n in found if not n.startswith("_") and n not in _LEAVES)


@cache
def reserved() -> frozenset[str]:
    """Attributes that Python's own objects have: no attribute of a program's own may be called so."""

    def generator() -> Iterator[int]:
        yield 1

    async def coroutine() -> None: ...

    waiting = coroutine()
    waiting.close()
    try:
        raise ValueError
    except ValueError as error:
        caught, trace = error, error.__traceback__
    kinds: list[object] = [generator, generator(), waiting, generator.__code__, trace, caught, types, "", b"", 1, 1.5]
    kinds += [[], {}, set(), (), type, object, slice(1), range(1), print, "".join, memoryview(b""), ast, 1j]
    kinds += [trace.tb_frame] if trace is not None else []
    found = {name for kind in kinds for name in dir(kind)} | _LEAVES
    found |= set("ops classes hub os sys distributed multiprocessing cuda jit serialization package utils".split())
    return frozenset(found - methods())


def is_own(name: str) -> bool:
    """Whether an attribute of a program's own may be called so."""
    return name.isascii() and name.isidentifier() and not name.startswith("_") and name not in reserved()


def is_variable(name: str) -> bool:
    """Whether a variable may be called so."""
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and "__" not in name
    return plain and name not in BUILTINS | OURS | MODULES | {"program"}


def is_text(text: str) -> bool:
    """Whether a string may stand in a program as it is."""
    return len(text) <= LONGEST_TEXT and text.isascii() and _WORDS.fullmatch(text) is not None and "__" not in text


_STATEMENTS: tuple[type[ast.AST], ...] = (
    ast.Module, ast.FunctionDef, ast.ClassDef, ast.Return, ast.Assign, ast.AugAssign, ast.For, ast.If, ast.With,
    ast.Expr, ast.Pass, ast.Delete, ast.Break, ast.Continue, ast.Nonlocal,
)  # fmt: skip
_EXPRESSIONS: tuple[type[ast.AST], ...] = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Constant, ast.Attribute, ast.Subscript,
    ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Slice, ast.keyword, ast.arguments, ast.arg,
    ast.withitem, ast.Load, ast.Store, ast.Del, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.Yield,
)  # fmt: skip


def complaint(text: str) -> str:
    """Why a program may not be run, or "": the first thing in its syntax tree that is not on the lists."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"it is no program: {type(error).__name__}"
    bound = _bound(tree) | BUILTINS | OURS | MODULES
    for count, node in enumerate(ast.walk(tree)):
        said = _complaint(node)
        if isinstance(node, ast.Name) and node.id not in bound:
            said = f"the name {node.id!r} may not be used"
        if said or count > _MOST_NODES:
            return said or "it is too long"
    return _module_alone(tree)


def _bound(tree: ast.Module) -> set[str]:
    """The names that a program itself binds."""
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    names |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return names | {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def _complaint(node: ast.AST) -> str:
    if not isinstance(node, (*_STATEMENTS, *_EXPRESSIONS)):
        return f"{type(node).__name__} may not be used"
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and _definition(node):
        return _definition(node)
    if isinstance(node, ast.Name) and not _known(node):
        return f"the name {node.id!r} may not be used"
    if isinstance(node, ast.arg) and not is_variable(node.arg):
        return f"the name {node.arg!r} may not be used"
    if isinstance(node, ast.keyword) and node.arg is not None and (node.arg.startswith("_") or not node.arg.isascii()):
        return f"the keyword {node.arg!r} may not be used"
    if isinstance(node, ast.Attribute):
        return _attribute(node)
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        return "" if isinstance(node.left.value, (int, float)) else "a text may not be formatted"
    return ""


def _definition(node: ast.FunctionDef | ast.ClassDef) -> str:
    if node.decorator_list:
        return "a decorator may not be used"
    if isinstance(node, ast.ClassDef):
        bases = {getattr(base, "id", "?") for base in node.bases}
        return "" if is_variable(node.name) and bases <= {"Own", "Plain"} and not node.keywords else "a class"
    if node.args.defaults or any(node.args.kw_defaults) or node.returns is not None:
        return "a default or an annotation may not be used"
    ours = node.name in _METHODS_BY_PYTHON or node.name == "program"
    return "" if ours or is_variable(node.name) else f"the name {node.name!r} may not be used"


def _known(node: ast.Name) -> bool:
    if isinstance(node.ctx, ast.Load):
        return is_variable(node.id) or node.id in BUILTINS | OURS | MODULES | {"program"}
    return is_variable(node.id)


def _attribute(node: ast.Attribute) -> str:
    dotted = ast.unparse(node)
    root = dotted.partition(".")[0]
    if root in MODULES:
        chain = [dotted]
        known = functions()
        return (
            ""
            if any(name in known or any(k.startswith(name + ".") for k in known) for name in chain)
            else (f"{dotted} may not be used")
        )
    if node.attr == "__init__" and ast.unparse(node.value) == "super()":
        return ""
    return "" if node.attr in methods() or is_own(node.attr) else f"the attribute {node.attr!r} may not be used"


def _constant(value: object) -> str:
    if isinstance(value, str):
        return "" if is_text(value) else "this text may not be used"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "" if abs(value) <= LARGEST or value in (float("inf"), float("-inf")) else "so large a number"
    return "" if value is None or value is ... or isinstance(value, bool) else f"{type(value).__name__} constants"


def _module_alone(tree: ast.Module) -> str:
    """A module may be named only to name something in it that is on the list: it is never a value."""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    known = functions()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in MODULES and id(node) not in inner:
            return f"the module {node.id!r} may not be a value"
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            dotted = ast.unparse(node)
            if dotted.partition(".")[0] in MODULES and dotted not in known:
                return f"{dotted} may not be used"
    return ""
