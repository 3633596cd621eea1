"""What a stand-in should be: guesses, likeliest first, from what the interpreter knew and from how a name is used."""

from __future__ import annotations

import re

from torchcopylint.confirm.allowed import methods
from torchcopylint.confirm.key import plain_default
from torchcopylint.confirm.slice import Code
from torchcopylint.domain.family import Family
from torchcopylint.domain.heap import YES, Cell
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.value import Const, Ref, Value, refs_of
from torchcopylint.interpret.events.path import cell_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir import Build, Call, Compare, LoadAttr, LoadItem, Loop, Operand, Parameter, StoreItem, Unpack
from torchcopylint.models.annotation import read
from torchcopylint.models.evidence import kind_from_name, kind_from_uses

_SPOKEN = {
    Kind.STATE_DICT: "state dict",
    Kind.OPTIMIZER: "optimizer",
    Kind.SCHEDULER: "thing",
    Kind.SCALER: "thing",
    Kind.ACCELERATOR: "thing",
    Kind.DISTRIBUTION: "thing",
    Kind.NDARRAY: "ndarray",
    Kind.DICT: "dict",
    Kind.TUPLE: "tuple",
    Kind.LOADER: "batches",
    Kind.PARAMS: "parameters",
    Kind.MODULES: "modules",
    Kind.DATASET: "batches",
    Kind.MODULE: "module",
}
_BY_NAME = (
    ("device", r"device$|^dev$"),
    ("dtype", r"dtype$"),
    ("optimizer", r"optim|^opt\d?$"),
    ("module", r"model|net$|criterion|loss_f|policy|critic|actor"),
    ("float", r"^(lr|eps|alpha|beta|gamma|tau|p|rate|momentum|decay|scale|sigma|std|temperature|lambda_?)$"),
    ("int", r"^(n|k|i|j|idx|index|size|dim|num|epochs?|steps?|length|width|height)$|_(size|dim|num|len)$|^(n|num)_"),
    ("batches", r"loader|dataloader"),
    ("mask", r"mask"),
    ("modules", r"^(models|modules|networks|nets|clients|layers|members|workers|agents|experts)$"),
)


def guesses(frame: Frame | None, code: Code, operand: Operand) -> str:
    """The kinds that an operand may be, as text with bars between, likeliest first; "" where nothing is known."""
    found = [*_annotated(code, operand), *_asked(code, operand)]
    found += _known(frame, operand) if frame is not None else []
    found += [*_by_use(code, operand), *by_name(operand)]
    said = _annotated(code, operand)
    first = [kind for kind in ("mask", "one") if kind in found and (not said or (kind, said) == ("mask", ["tensor"]))]
    return "|".join(dict.fromkeys([*first, *found]))


def sure(frame: Frame | None, code: Code, parameter: Parameter) -> bool:
    """Whether it is certain of what kind a parameter is: by its annotation, a test, or what it is made of."""
    if parameter.annotation or plain_default(parameter) is not None or _asked(code, parameter.name):
        return True
    given = frame.symbols.get(parameter.name) if frame is not None else None
    cell = frame.given.get(given) if frame is not None and given is not None else None
    return cell is not None and cell.kind is not Kind.UNKNOWN and cell.proof == _CERTAIN


_CERTAIN = 3
_SEVERAL = {
    Kind.MODULE: "modules",
    Kind.STATE_DICT: "state dicts",
    Kind.TENSOR: "tensors",
    Kind.NDARRAY: "ndarrays",
}
_ANNOTATED = frozenset({"int", "float", "bool", "str", "device"})
_TYPES = {Kind.TENSOR: "tensor", Kind.MODULE: "module", Kind.NDARRAY: "ndarray", Kind.OPTIMIZER: "optimizer"}
_OF_NUMBERS = re.compile(r"^[Ll]ist\[(int|float)\]$")


def _annotated(code: Code, operand: Operand) -> list[str]:
    """A plain type that a parameter is annotated with, or several of it."""
    text = next((p.annotation for p in code.function.parameters if p.name == operand), "")
    said, numbers = read(text), _OF_NUMBERS.match(text)
    if numbers is not None:
        return [f"{numbers[1]}s"]
    if said.kind in (Kind.LIST, Kind.ITEMS) and said.of is Kind.MODULE:
        return ["modules"]
    last = said.name.rpartition(".")[2]
    if last in _ANNOTATED:
        return [last]
    return [_TYPES[said.kind]] if said.kind in _TYPES else []


_CLASSES = {"Tensor": "tensor", "Module": "module", "dict": "dict", "list": "tensors", "tuple": "tensors"}


def _asked(code: Code, operand: Operand) -> list[str]:
    """What the code itself asks whether it is: `isinstance(x, torch.Tensor)`."""
    calls = [i for i in code.every if isinstance(i, Call) and i.func == "isinstance" and len(i.args) == 2]
    names = [code.root(i.args[1].value) for i in calls if i.args[0].value == operand]
    kinds = [_CLASSES.get((path or (root,))[-1], "") for root, path in names]
    return [kind for kind in kinds if kind]


def _known(frame: Frame, operand: Operand) -> list[str]:
    value: Value = frame.temps.get(operand, ())
    for state in (frame.state, *frame.exits):
        if not value and state is not None:
            value = state.env.get(operand, ())
    given = frame.symbols.get(operand)
    if given is not None and given in frame.given:
        return _of_cell(frame, frame.given[given], 2)
    found: list[str] = []
    for element in value:
        if isinstance(element, Ref):
            found += _of_cell(frame, cell_of(frame, element.obj, element.hand), 2)
        elif isinstance(element, Const):
            found.append(_of_const(element.value))
    return found


def _of_const(value: object) -> str:
    return {bool: "bool", int: "int", float: "float", str: "str", type(None): "none"}.get(type(value), "int")


def _of_cell(frame: Frame, cell: Cell, depth: int) -> list[str]:
    if cell.kind is Kind.TENSOR:
        if cell.family is Family.PARAMETER:
            return ["parameter"]
        if Layout.MASK in cell.layout:
            return ["mask", "tensor"]
        return ["attached", "tensor"] if cell.attached == YES and not cell.leaf else ["tensor"]
    if cell.kind in (Kind.LIST, Kind.TUPLE) and depth:
        inner = [k for r in refs_of(cell.rest) for k in _of_cell(frame, cell_of(frame, r.obj, r.hand), 0)]
        plural = {"tensor": "tensors", "module": "modules", "state dict": "state dicts", "ndarray": "ndarrays"}
        return [plural.get(inner[0], "tensors") if inner else "tensors"]
    if cell.kind in _SPOKEN:
        return [_SPOKEN[cell.kind]]
    return []


def _by_use(code: Code, operand: Operand) -> list[str]:
    found = []
    attributes = code.function.uses.get(operand, frozenset())
    kind, _ = kind_from_uses(attributes)
    if kind is not Kind.UNKNOWN:
        found.append(_SPOKEN.get(kind, str(kind.value)))
    read = [attribute for attribute in attributes if attribute.isidentifier()]
    if kind is Kind.UNKNOWN and any(attribute not in methods() for attribute in read):
        found.append("thing")
    if "items" in attributes or "keys" in attributes:
        found.append("state dict" if "state" in operand else "dict")
    if _picks(code, operand):
        found.append("labels")
    for instruction in code.every:
        if isinstance(instruction, (Loop, LoadItem)) and (several := _of_parts(code, instruction, operand)):
            found.append(several)
        if isinstance(instruction, Loop) and instruction.iterable == operand:
            parts = next((len(i.dsts) for i in instruction.body[:1] if isinstance(i, Unpack)), 0)
            found.append(f"batches:{parts}" if parts else "tensors")
        elif isinstance(instruction, Call) and instruction.func == operand:
            found.append("module")
        elif isinstance(instruction, Unpack) and instruction.src == operand:
            found.append(f"tuple:{len(instruction.dsts)}")
        elif (isinstance(instruction, LoadItem) and instruction.index == operand) or (
            isinstance(instruction, Build) and _in_index(code, instruction, operand)
        ):
            found.append("one")
        elif isinstance(instruction, Call) and any(a.value == operand for a in instruction.args):
            found += _as_argument(code, instruction, operand)
        elif isinstance(instruction, LoadItem) and instruction.obj == operand:
            index = code.definition(instruction.index)
            if isinstance(getattr(index, "value", None), str):
                found.append("dict")
            elif isinstance(getattr(index, "value", None), int):
                found.append("tensor")
        elif isinstance(instruction, Compare) and operand in (instruction.left, instruction.right):
            found += ["float"] if instruction.op in ("<", ">", "<=", ">=") else []
        elif isinstance(instruction, LoadAttr) and instruction.obj == operand and instruction.attr == "shape":
            found.append("tensor")
    return found


def _in_index(code: Code, built: Build, operand: Operand) -> bool:
    """Whether an operand is one of the parts of an index."""
    if all(a.value != operand for a in built.items):
        return False
    return any(isinstance(i, (LoadItem, StoreItem)) and i.index == built.dst for i in code.every)


def _of_parts(code: Code, i: Loop | LoadItem, operand: Operand) -> str:
    """What the parts of an operand are, as the uses of one show it."""
    if operand != (i.iterable if isinstance(i, Loop) else i.obj):
        return ""
    part = i.item if isinstance(i, Loop) else i.dst
    names = [part, *(m.dst for m in code.by_name_read(part))]
    kinds = [kind_from_uses(code.function.uses.get(name, frozenset()))[0] for name in names]
    return next((_SEVERAL[kind] for kind in kinds if kind in _SEVERAL), "")


def _as_argument(code: Code, call: Call, operand: Operand) -> list[str]:
    """What an argument must be in the calls that take whole numbers or flags."""
    func = code.definition(call.func)
    name = func.attr if isinstance(func, LoadAttr) else call.func
    first = bool(call.args) and call.args[0].value == operand
    if name in _TAKES_INDICES and not first:
        return ["indices"]
    if name in _TAKES_LABELS and not first:
        return ["labels", "tensor"]
    if name in ("masked_fill", "masked_fill_", "masked_scatter", "masked_select", "masked_scatter_") and first:
        return ["flags"]
    if name in ("one_hot", "embedding") and first:
        return ["indices"]
    if name in _TAKES_SIZES or _LAYER.match(name):
        star = any(a.star == 1 for a in call.args if a.value == operand)
        return ["sizes" if star else "int"] if any(not a.keyword for a in call.args if a.value == operand) else []
    return ["int"] if name == "range" else []


def _picks(code: Code, operand: Operand) -> bool:
    """Whether an operand, with one dimension more, says which elements are taken."""
    for i in code.every:
        made = i.dst if isinstance(i, LoadItem) and i.obj == operand else ""
        if isinstance(i, Call):
            func = code.definition(i.func)
            made = i.dst if isinstance(func, LoadAttr) and func.obj == operand and func.attr == "unsqueeze" else ""
        if made and any(isinstance(c, Call) and "indices" in _as_argument(code, c, made) for c in code.every):
            return True
    return False


_TAKES_SIZES = frozenset("zeros ones empty rand randn".split())
_LAYER = re.compile(
    r"(Conv|ConvTranspose|BatchNorm|InstanceNorm)[123]d$|Linear$|LayerNorm$|GroupNorm$|(LSTM|GRU|RNN)(Cell)?$"
)
_TAKES_INDICES = frozenset("gather scatter scatter_ scatter_add scatter_add_ index_select take_along_dim".split())
_TAKES_LABELS = frozenset("cross_entropy nll_loss".split())


def by_name(operand: Operand) -> list[str]:
    name = operand.rpartition(".")[2].partition("~")[0].lower()
    found = [kind for kind, pattern in _BY_NAME if re.search(pattern, name)]
    kind, _ = kind_from_name(name)
    return [*found, _SPOKEN[kind]] if kind in _SPOKEN else found
