"""Instructions → the Python that says them: names, calls, stores; and where the fix of the control goes."""

from __future__ import annotations

import re
from collections import Counter

from torchcopylint.confirm.allowed import BUILTINS, LARGEST, is_text, is_variable, methods, spelled
from torchcopylint.confirm.asked import Cure, Tag
from torchcopylint.confirm.called import Calls
from torchcopylint.confirm.key import key_path, plain_default
from torchcopylint.confirm.reach import own_name
from torchcopylint.confirm.remedy import PLACE, Remedy
from torchcopylint.confirm.slice import Code, self_of, used
from torchcopylint.confirm.writing import Writing
from torchcopylint.ir import (
    Append,
    Argument,
    Augment,
    Binary,
    Build,
    BuildDict,
    Call,
    Compare,
    Const,
    Discard,
    Function,
    Instruction,
    LoadAttr,
    LoadItem,
    Loop,
    MakeClass,
    MakeFunction,
    Move,
    Operand,
    Return,
    Slice,
    StoreAttr,
    StoreItem,
    Unary,
    Unpack,
    Yield,
)
from torchcopylint.ir.kind import TAKES_MORE, BuildKind, ParameterKind
from torchcopylint.ir.question import text_of

_BIGGEST, _SMALL = 64, 8
_DEVICE = re.compile(r"^(cuda|mps|xpu|gpu)(:\d+)?$")
_REGISTERING = frozenset({"register_buffer", "register_parameter", "add_module", "register_module"})
_FACTORIES = frozenset(f"torch.{name}" for name in "zeros ones empty rand randn full".split())
_OF_DIMENSIONS: dict[int, tuple[int, ...]] = {1: (4,), 3: (2, 4, 4), 4: (2, 3, 8, 8), 5: (2, 3, 4, 4, 4)}


def spelled_variable(name: str) -> str:
    """A variable of the user's as programs may spell it."""
    plain = name.replace("~", "_")
    if is_variable(plain) and not plain.startswith("_t"):
        return plain
    safe = re.sub(r"\W", "", plain, flags=re.ASCII).strip("_")
    while "__" in safe:
        safe = safe.replace("__", "_")
    return f"{safe}_own" if safe and is_variable(f"{safe}_own") else "own"


def spelled_path(path: str) -> str:
    """A place in the user's words as programs spell it: its variable may have another name there."""
    root = re.match(r"[A-Za-z_]\w*", path)
    if root is None or re.fullmatch(r"_t\d+|_r|_w", root[0]):
        return path
    return spelled_variable(root[0]) + path[root.end() :]


class Speller(Remedy):
    """The Python of one program's instructions: what each operand is called, in which function."""

    def __init__(self, writer: Writing) -> None:
        self.writer = writer
        self.texts: dict[Operand, str] = {}
        self.counts: Counter[Operand] = Counter()
        self.names: dict[Function, str] = {}
        self.shapes: list[tuple[int, ...]] = []
        self.layers: list[str] = []
        self.nearest: list[tuple[int, ...]] = []
        self.first: list[str] = []
        self.last: list[str] = []
        self._function: Function | None = None
        self._taken: set[str] = set()

    def enter(self, code: Code, counts: Counter[Operand]) -> None:
        """From here on operands are those of this function."""
        if code.function is not self._function:
            self.texts, self._function = {}, code.function
        self.counts = counts

    def variable(self, name: str) -> str:
        """A variable of the user's as programs may spell it."""
        return spelled_variable(name)

    def function(self, function: Function) -> str:
        """The name of a function of the user's, one for each."""
        known = self.names.get(function)
        if known is None:
            plain = function.name.strip("_<>") or "function"
            known = plain = self.variable(plain)
            number = 2
            while known in self._taken or known in BUILTINS:
                known, number = f"{plain}_{number}", number + 1
            self._taken.add(known)
            self.names[function] = known
        return known

    def temporary(self, name: Operand) -> str:
        """A name for what the user gave none."""
        self.texts[name] = variable = f"_t{name[1:]}"
        return variable

    def item(self, code: Code, loop: Loop) -> str:
        """What a loop binds in each iteration."""
        return self._target(code, loop.item)

    def _target(self, code: Code, name: Operand) -> str:
        """The variable that takes a temporary at once, or a name of its own."""
        kept = self.writer.reach.kept[code.function]
        takers = [i for i in code.every if i in kept and name in used(i)]
        if len(takers) == 1 and isinstance(takers[0], Move) and takers[0].dst[:1] != "%":
            self.texts[name] = self.variable(takers[0].dst)
            return self.texts[name]
        return self.temporary(name)

    def operand(self, code: Code, name: Operand) -> str:
        """An operand as text."""
        if name in self.texts:
            return self.texts[name]
        if name[:1] == "%":
            defining = code.by_name.get(name)
            if defining and all(d in self.writer.reach.kept[code.function] for d in defining):
                return f"_t{name[1:]}"
            return self.writer.unknown(code, name, "something")
        full = self.writer.reach.dotted(code, name)
        if full:
            return spelled(full) or self.writer.unknown(code, name, full)
        return self._name(code, name)

    def _name(self, code: Code, name: Operand) -> str:
        reach = self.writer.reach
        target = reach.index.named(code.function, name)
        if isinstance(target, Function) and target in reach.functions:
            return self.function(target)
        if isinstance(target, MakeClass) and target in reach.classes:
            return self.variable(target.cls.name)
        if name in code.function.bound or code.function.name == "<module>":
            kept = reach.kept.get(code.function, set())
            binds = code.by_name.get(name, ())
            if any(i in kept for i in binds) or any(p.name == name for p in code.function.parameters):
                return self.variable(name)
        elif name in BUILTINS and not self._global(name):
            return name
        spelling = self.variable(name)
        top = reach.index.module.top
        if not (self._global(name) and reach.kept.get(top)):
            self.writer.free.setdefault(spelling, self.writer.unknown(code, name, name))
        return spelling

    def _global(self, name: str) -> bool:
        return name in self.writer.reach.index.code(self.writer.reach.index.module.top).by_name

    def value(self, code: Code, i: Instruction) -> str | None:
        """The expression of what computes a value; None where there is nothing to say."""
        match i:
            case Const():
                return self.constant(i.value)
            case LoadAttr():
                return self._attribute(code, i)
            case LoadItem():
                if i.aug:
                    return None
                self._note_dimensions(code, i)
                return self.wrapped(i, f"{self.operand(code, i.obj)}[{self._index(code, i.index)}]")
            case Call():
                return self._call(code, i)
            case Binary():
                text = f"({self.operand(code, i.left)} {i.op} {self.operand(code, i.right)})"
                return self.wrapped(i, text)
            case Compare():
                return f"({self.operand(code, i.left)} {i.op} {self.operand(code, i.right)})"
            case Unary():
                return f"({i.op} {self.operand(code, i.src)})"
            case Build():
                return self.wrapped(i, self._build(code, i))
            case BuildDict():
                items = (
                    f"**{self.operand(code, v)}" if k is None else f"{self.operand(code, k)}: {self.operand(code, v)}"
                    for k, v in i.items
                )
                return self.wrapped(i, f"{{{', '.join(items)}}}")
            case Slice():
                return ":".join(self._bound(code, part) for part in i.parts).removesuffix(":")
            case MakeFunction():
                if i.function in self.writer.reach.functions:
                    return self.function(i.function)
                return self.writer.unknown(code, i.dst, i.function.name.strip("<>")) if i.dst[:1] == "%" else None
            case _:
                return None

    def constant(self, value: object) -> str:
        """A literal; a large number becomes a small one, a device this machine's."""
        if isinstance(value, bool) or value is None:
            return repr(value)
        if value is ...:
            return "..."
        if isinstance(value, int):
            return str(value) if abs(value) <= _BIGGEST else str(_SMALL if value > 0 else -_SMALL)
        if isinstance(value, float):
            if value != value or value in (float("inf"), float("-inf")):
                return "math.inf" if value > 0 else "(-math.inf)" if value < 0 else "math.nan"
            return repr(value) if abs(value) <= LARGEST else "1000.0"
        if isinstance(value, str):
            if _DEVICE.match(value):
                return "'cpu'"
            return repr(value) if is_text(value) else "'text'"
        return "None"

    def _note_dimensions(self, code: Code, i: LoadItem | StoreItem) -> None:
        """An index of several parts says how many dimensions what it is into has at least."""
        found = code.definition(i.index)
        bounds = [code.definition(part) for part in found.parts[:2]] if isinstance(found, Slice) else [found]
        most = max((b.value for b in bounds if isinstance(b, Const) and type(b.value) is int), default=0)
        if 4 < most <= _BIGGEST:
            self.nearest.append((most, 4))
        if isinstance(found, Build) and found.kind is BuildKind.TUPLE:
            parts = [code.definition(a.value) for a in found.items]
            values = [part.value for part in parts if isinstance(part, Const)]
            number = len(parts) - values.count(None) - values.count(...)
            watched = i.node in self.writer.tags or any(i.node is node for node in self.writer.plan.others)
            if number in _OF_DIMENSIONS:
                (self.nearest if watched else self.shapes).append(_OF_DIMENSIONS[number])

    def _bound(self, code: Code, part: Operand) -> str:
        found = code.definition(part)
        return "" if isinstance(found, Const) and found.value is None else self.operand(code, part)

    def _index(self, code: Code, index: Operand) -> str:
        found = code.definition(index)
        if isinstance(found, Build) and found.kind is BuildKind.TUPLE and index in self.texts:
            return self.texts[index].removeprefix("(").removesuffix(")")
        return self.operand(code, index)

    def _build(self, code: Code, i: Build) -> str:
        items = ["*" * a.star + self.operand(code, a.value) for a in i.items]
        if i.kind is BuildKind.TEXT:
            return "'text'"
        if i.kind is BuildKind.TUPLE:
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        if i.kind is BuildKind.SET and items:
            return f"{{{', '.join(items)}}}"
        return f"[{', '.join(items)}]"

    def _attribute(self, code: Code, i: LoadAttr) -> str:
        full = self.writer.reach.dotted(code, i.dst)
        if full:
            name = spelled(full)
            if name:
                return name
            calls = any(isinstance(c, Call) and c.func == i.dst for c in code.every)
            deeper = any(isinstance(a, LoadAttr) and a.obj == i.dst for a in code.every)
            return full if calls or deeper else self.writer.unknown(code, i.dst, full)
        obj = self.operand(code, i.obj)
        attr = i.attr if i.attr in methods() else own_name(i.attr)
        root, _ = code.root(i.dst)
        if attr not in methods() or self._is_self(code, root):
            self.writer.hint(code, i, key_path(code, i))
        return self.wrapped(i, f"{obj}.{attr}")

    def _is_self(self, code: Code, name: Operand) -> bool:
        return self_of(code.function) == name

    def arguments(self, code: Code, args: tuple[Argument, ...]) -> list[str]:
        """The arguments of a call as text."""
        return [("*" * a.star) + (f"{a.keyword}=" if a.keyword else "") + self.operand(code, a.value) for a in args]

    def _call(self, code: Code, i: Call) -> str:
        kind, name, target = self.writer.reach.callee(code, i)
        source = (
            self.packed(code, i) if self.writer.plan.fix is Cure.DEEPCOPY and i.node is self.writer.plan.node else None
        )
        if source is not None:
            return f"{'copy.deepcopy' if self.writer.fixed else 'repacked'}({self.operand(code, source)})"
        if kind is Calls.UNKNOWN:
            change = Tag.CHANGE in self.writer.tags.get(i.node, ())
            if change and self.writer.plan.facts.get("trained"):
                receiver = code.definition(i.func)
                extra = [self.operand(code, receiver.obj)] if isinstance(receiver, LoadAttr) else []
                return f"trained({', '.join([*extra, *(self.operand(code, a.value) for a in i.args if not a.star)])})"
            return self.wrapped(i, self.writer.unknown(code, i.dst, text_of(i.node)))
        args = self.arguments(code, i.args)
        if kind is Calls.METHOD and name in _REGISTERING and args:
            args[0] = self._registered(args[0])
        if kind is Calls.FUNCTION and isinstance(target, Function):
            func = self.function(target)
            if self_of(target) and self.writer.reach.program.owner_of(target) is not None:
                found = code.definition(i.func)
                args = [self.operand(code, found.obj) if isinstance(found, LoadAttr) else "Plain()", *args]
            args = self._filled(target, args)
        elif kind is Calls.FUNCTION and isinstance(target, MakeClass):
            init = target.cls.methods.get("__init__")
            func = self.variable(target.cls.name)
            args = self._filled(init, ["self", *args])[1:] if init is not None else []
        elif kind in (Calls.TORCH, Calls.BUILTIN):
            func = name
            self._note_shape(name, args)
            if self.writer.plan.facts.get("history") and name.startswith("torch.optim."):
                return f"stepped({name}({', '.join(args)}))"
        else:
            func = self.operand(code, i.func)
        if kind is Calls.METHOD and name == "cuda":
            func, args = func.removesuffix("cuda") + "cpu", []
        return self.fixed_call(code, i, func, args)

    def _registered(self, text: str) -> str:
        """The name that something is registered by, as programs read it."""
        plain = text.strip("'")
        return repr(own_name(plain)) if plain.isidentifier() and plain not in methods() else text

    def _filled(self, target: Function, args: list[str]) -> list[str]:
        """The arguments, with a stand-in or the default for each parameter that gets none."""
        if any(a.startswith("*") for a in args):
            return args
        positional = [a for a in args if not re.match(r"[A-Za-z_]\w*=[^=]", a)]
        given = {a.partition("=")[0] for a in args if a not in positional}
        for number, parameter in enumerate(target.parameters):
            if parameter.kind in TAKES_MORE:
                continue
            if (number >= len(positional) or parameter.kind is ParameterKind.KEYWORD) and parameter.name not in given:
                default = plain_default(parameter) or (
                    "None" if parameter.default else f'given("{self.variable(parameter.name)}")'
                )
                args.append(f"{self.variable(parameter.name)}={default}")
        return args

    def _note_shape(self, name: str, args: list[str]) -> None:
        """A layer's first number says what it takes."""
        if name in _FACTORIES and len(args) > 1 and all(a.isdigit() for a in args if "=" not in a):
            self.shapes.append(tuple(int(a) or 4 for a in args if "=" not in a))
        if name.startswith("nn.") and args and all(a.isdigit() and len(a) < 4 for a in args):
            self.layers.append(":".join((name.removeprefix("nn."), *args)))
        if name.startswith("nn.") and args and (args[0].isdigit() or "2d" in name):
            size = int(args[0]) if args[0].isdigit() else 4
            if "Conv2d" in name or name.endswith("Norm2d"):
                self.shapes.append((2, size, 8, 8))
            elif "1d" in name:
                self.shapes += [(2, size, 8), (4, size)]
            elif "3d" in name:
                self.shapes.append((2, size, 4, 4, 4))
            elif name in ("nn.Linear", "nn.LayerNorm", "nn.LSTM", "nn.GRU", "nn.RNN"):
                self.shapes += [(4, size), (2, 4, size), (4, 2, size), (2, 2, size)]

    def statement(self, code: Code, i: Instruction) -> str | None:
        """The line of an instruction that binds, stores, returns or drops a value; None where none is needed."""
        match i:
            case Move():
                return self._move(code, i)
            case Unpack():
                return self._unpack(code, i)
            case StoreAttr():
                attr = i.attr if i.attr in methods() else own_name(i.attr)
                place = f"{self.operand(code, i.obj)}.{attr}"
                return self._store(code, i, place)
            case StoreItem():
                self._note_dimensions(code, i)
                return self._store(code, i, f"{self.written(code, i, i.obj)}[{self._index(code, i.index)}]")
            case Return():
                return f"return {self.wrapped(i, self.operand(code, i.src))}" if i.src else "return"
            case Yield():
                self.texts[i.dst] = "None"
                return f"yield {self.operand(code, i.src)}" if i.src else "yield"
            case Discard():
                return self._discard(code, i)
            case Append():
                return self._append(code, i)
            case Augment():
                return self._augment(code, i)
            case _:
                return None

    def _move(self, code: Code, i: Move) -> str | None:
        source = self.operand(code, i.src)
        target = self.variable(i.dst) if i.dst[:1] != "%" else f"_t{i.dst[1:]}"
        if i.dst[:1] == "%":
            self.texts.pop(i.dst, None)
        if source == target:
            return None
        return f"{target} = {self.wrapped(i, source)}"

    def _unpack(self, code: Code, i: Unpack) -> str:
        read = code.definition(i.src)
        if isinstance(read, LoadAttr) and read.attr == "shape" and len(i.dsts) in _OF_DIMENSIONS and i.star < 0:
            self.shapes.append(_OF_DIMENSIONS[len(i.dsts)])
        if self._of_unknown(code, i):
            parts = []
            for dst in i.dsts:
                target = self._target(code, dst)
                takers = [m.dst for m in code.every if isinstance(m, Move) and m.src == dst]
                parts.append((target, self.writer.unknown(code, takers[0] if takers else dst, target)))
            return f"{', '.join(t for t, _ in parts)}{',' * (len(parts) == 1)} = ({', '.join(v for _, v in parts)},)"
        names = [("*" if n == i.star else "") + self._target(code, dst) for n, dst in enumerate(i.dsts)]
        return f"{', '.join(names)}{',' if len(names) == 1 else ''} = {self.operand(code, i.src)}"

    def _of_unknown(self, code: Code, i: Unpack) -> bool:
        """Whether what is unpacked is the item of a loop over something that only a stand-in stands for."""
        loop = next((x for x in code.every if isinstance(x, Loop) and x.item == i.src), None)
        if loop is None or i.star >= 0:
            return False
        root, _ = code.root(loop.iterable)
        if any(p.name == root for p in code.function.parameters) and root not in code.by_name:
            return True
        found = code.definition(root)
        return found is not None and self.writer.reach.stops(code, found)

    def _store(self, code: Code, i: StoreAttr | StoreItem, place: str) -> str:
        aug = code.definition(i.src) if i.aug else None
        if isinstance(aug, Augment):
            value = self.operand(code, aug.value)
            return f"{place} {aug.op} {self.detached(i, value)}"
        if self.at(i) and self.writer.plan.fix is Cure.LAND and place.endswith("]") and "state_dict()[" in place:
            return f"{place}.copy_({self.operand(code, i.src)})"
        return f"{place} = {self.wrapped(i, self.operand(code, i.src))}"

    def _discard(self, code: Code, i: Discard) -> str | None:
        text = self.operand(code, i.src)
        plan = self.writer.plan
        if self.writer.fixed and plan.fix is Cure.KEEP and i.node is plan.at:
            call = code.definition(i.src)
            func = code.definition(call.func) if isinstance(call, Call) else None
            place = self.operand(code, func.obj) if isinstance(func, LoadAttr) else ""
            if isinstance(call, Call) and not place and call.args:
                place = self.operand(code, call.args[0].value)
            place = place if PLACE.fullmatch(place) and not place.startswith("_t") else plan.name
            return f"{place} = {text}" if PLACE.fullmatch(place) else f"_kept = {text}"
        return text if not re.fullmatch(r"_t\d+", text) else None

    def _append(self, code: Code, i: Append) -> str:
        container = self.operand(code, i.container)
        value = self.wrapped(i, self.operand(code, i.value))
        if i.key:
            return f"{container}[{self.operand(code, i.key)}] = {value}"
        return f"{container}.append({value})"

    def _augment(self, code: Code, i: Augment) -> str | None:
        if i.item or i.target[:1] == "%":
            self.texts[i.dst] = self.texts.get(i.target, "None")
            return None
        target = self.variable(i.target)
        self.texts[i.dst] = target
        if self.at(i) and self.writer.plan.fix is Cure.COPY_WRITTEN:
            self.first.append(f"{target} = copied({target})")
        return f"{target} {i.op} {self.detached(i, self.operand(code, i.value))}"
