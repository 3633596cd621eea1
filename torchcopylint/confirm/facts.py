"""What must be known of a line to ask what it does: what it writes through, binds, and what is read after it."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.confirm.expression import spelled_variable
from torchcopylint.confirm.reach import own_name
from torchcopylint.confirm.slice import Code, defined, in_place, self_of, used
from torchcopylint.ir import (
    Append,
    Augment,
    Call,
    Compare,
    Const,
    If,
    Instruction,
    LoadAttr,
    Loop,
    Move,
    Operand,
    Return,
    StoreAttr,
    StoreItem,
    Unpack,
    walk,
)
from torchcopylint.ir.kind import LoopKind

_PUTS = frozenset("append extend insert add update setdefault appendleft".split())
CHAINS = {"clone-before-detach": ("clone", "detach"), "data-attribute-copy": ("data", "clone")}
"""Rules about one attribute that is read off another."""


def facts(code: Code, mine: frozenset[Instruction]) -> dict[str, object]:
    """What the probe must know of the line and of what comes after it."""
    me = self_of(code.function)
    return {
        "self": spelled_variable(me) if me else "",
        "function": code.function.name,
        "parameters": [spelled_variable(p.name) for p in code.function.parameters if p.name != me],
        "targets": sorted({_spelled(code, o) or _spelled(code, _receiver(code, o)) for o in _targets(code, mine)}),
        "binds": sorted({*_binds(code, mine)}),
        "moves": sorted({*_moves(code, mine)}),
        "writes": _writes(code, mine),
        "expands": any((isinstance(i, LoadAttr) and "expand" in i.attr) or "broadcast" in str(i) for i in code.every),
        "alive": sorted({spelled_variable(name) for name in _alive(code, mine)}),
        "compared": sorted({_spelled(code, o) for o in _compared(code, mine)} - {""}),
        "loop": _loop(code, mine),
        "few": any(isinstance(o, Loop) and _few(code, o) for i in mine for o in code.above[i]),
        "memo": any(_copies_into(code, i) for i in mine),
        "out": any(isinstance(i, Call) and any(a.keyword == "out" for a in i.args) for i in mine),
        "listed": any(isinstance(i, LoadAttr) and i.attr == "tolist" for i in code.every),
        "guarded": any(isinstance(o, If) and _compares(code, o) for i in mine for o in code.above[i]),
        "grad_read": any(isinstance(i, LoadAttr) and _reads_gradients(code, i) for i in code.every),
    }


def _spelled(code: Code, operand: Operand) -> str:
    """The variable or attribute that an operand is read off, as programs spell it, "" where there is none."""
    root, path = code.root(operand)
    if root[:1] == "%":
        return ""
    return ".".join([spelled_variable(root), *(own_name(p) for p in path[:1] if p and root == self_of(code.function))])


def _loop(code: Code, mine: frozenset[Instruction]) -> bool:
    """Whether it is done again and again: it stands in a loop, or in what is called for every batch."""
    loops = any(isinstance(o, Loop) and o.kind is not LoopKind.COMPREHENSION for i in mine for o in code.above[i])
    return loops or code.function.name in _CALLED_OFTEN or code.function.name.startswith("on_")


def _few(code: Code, loop: Loop) -> bool:
    """Whether a loop has a few rounds, whatever the data."""
    made = code.definition(loop.iterable)
    if not isinstance(made, Call) or made.func != "range" or len(made.args) != 1:
        return False
    most = code.definition(made.args[0].value)
    return isinstance(most, Const) and isinstance(most.value, int) and most.value <= _FEW


_FEW = 8
_CALLED_OFTEN = frozenset("forward training_step step update learn act __getitem__ __call__".split())


def _compares(code: Code, test: If) -> bool:
    """Whether a test asks if something is better than the best so far: what it is compared with is bound anew."""
    found = code.definition(test.test)
    if not isinstance(found, Compare) or found.op not in ("<", ">", "<=", ">="):
        return False
    bound = {name for i in walk(test.body) for name in defined(i)}
    places = {_spelled(code, i.obj) + f".{i.attr}" for i in walk(test.body) if isinstance(i, StoreAttr)}
    roots = {_spelled(code, name) for name in (found.left, found.right)}
    return any(root in places or root in {spelled_variable(n) for n in bound if n[:1] != "%"} for root in roots)


def _reads_gradients(code: Code, i: LoadAttr) -> bool:
    """Whether an attribute is a gradient, or what an optimizer does with gradients."""
    return (i.attr == "grad" and not _module(code, i.obj)) or i.attr in ("step", "zero_grad")


def _copies_into(code: Code, i: Instruction) -> bool:
    """Whether it is a deep copy that is given something to copy into, as if it did."""
    func = code.definition(i.func) if isinstance(i, Call) else None
    name = func.attr if isinstance(func, LoadAttr) else getattr(i, "func", "")
    return isinstance(i, Call) and name == "deepcopy" and len(i.args) > 1


def _module(code: Code, operand: Operand) -> bool:
    """Whether an operand is something imported, or a part of it."""
    root, _ = code.root(operand)
    return root[:1] != "%" and root not in code.function.bound


def _targets(code: Code, mine: frozenset[Instruction]) -> Iterator[Operand]:
    """What the line writes through, as far as it shows."""
    for i in mine:
        if isinstance(i, Augment):
            yield i.target
        elif isinstance(i, StoreItem):
            yield i.obj
        elif isinstance(i, Call):
            func = code.definition(i.func)
            if isinstance(func, LoadAttr) and in_place(func.attr):
                yield func.obj
            yield from (a.value for a in i.args if a.keyword == "out")


def _writes(code: Code, mine: frozenset[Instruction]) -> bool:
    """Whether it shows that the line writes to a tensor: it says so, and it is no sum of plain numbers."""
    for i in mine:
        if isinstance(i, Augment) and not i.item:
            starts = [code.definition(m.src) for m in code.by_name.get(i.target, ()) if isinstance(m, Move)]
            if not any(isinstance(one, Const) for one in starts):
                return True
        elif isinstance(i, StoreItem) or (isinstance(i, LoadAttr) and in_place(i.attr)):
            return True
    return False


def _moves(code: Code, mine: frozenset[Instruction]) -> Iterator[str]:
    """The places that the line binds to something, or puts something into."""
    for i in mine:
        if isinstance(i, Move) and i.dst[:1] != "%" and not isinstance(code.definition(i.src), Augment):
            yield spelled_variable(i.dst)
        elif isinstance(i, Unpack):
            yield from (spelled_variable(name) for name in i.dsts if name[:1] != "%")
            yield from (spelled_variable(m.dst) for n in i.dsts for m in code.by_name_read(n))
        elif isinstance(i, StoreAttr) and not i.aug:
            yield f"{_spelled(code, i.obj)}.{own_name(i.attr)}"
        elif isinstance(i, Return):
            yield "_r"
        elif isinstance(i, Call):
            func = code.definition(i.func)
            if isinstance(func, LoadAttr) and func.attr in _PUTS and _spelled(code, func.obj):
                yield _spelled(code, func.obj)


def _receiver(code: Code, operand: Operand) -> Operand:
    """What a chain of calls begins with, as `x` in `x.diagonal().t()`."""
    for _ in range(8):
        root, _path = code.root(operand)
        made = code.definition(root) if root[:1] == "%" else None
        func = code.definition(made.func) if isinstance(made, Call) else None
        if not isinstance(func, LoadAttr):
            return operand
        operand = func.obj
    return operand


def _binds(code: Code, mine: frozenset[Instruction]) -> Iterator[str]:
    """The places in which the line leaves what it makes."""
    for i in mine:
        if isinstance(i, (Move, Augment)) and i.dst[:1] != "%":
            yield spelled_variable(i.dst)
        elif isinstance(i, Unpack):
            yield from (spelled_variable(name) for name in i.dsts if name[:1] != "%")
        elif isinstance(i, StoreAttr):
            yield f"{_spelled(code, i.obj)}.{own_name(i.attr)}"
        elif isinstance(i, Return):
            yield "_r"
        elif isinstance(i, StoreItem):
            yield _spelled(code, i.obj)
        elif isinstance(i, Append):
            yield _spelled(code, i.container)
        elif isinstance(i, Call):
            func = code.definition(i.func)
            if isinstance(func, LoadAttr) and (func.attr in _PUTS or in_place(func.attr)):
                yield _spelled(code, func.obj)


def _alive(code: Code, mine: frozenset[Instruction]) -> set[str]:
    """The variables that are read after the line, or before it in a loop around it."""
    last = max(code.order[i] for i in mine)
    loops = {outer for i in mine for outer in code.above[i] if isinstance(outer, Loop) and outer not in mine}
    again = {inner for loop in loops for inner in walk((*loop.head, *loop.body))}
    read = {name for i in code.every if i not in mine and (code.order[i] > last or i in again) for name in used(i)}
    return {name for name in read if name[:1] != "%"}


def _compared(code: Code, mine: frozenset[Instruction]) -> Iterator[Operand]:
    """The targets of the losses on the line."""
    for i in mine:
        if isinstance(i, Call):
            named = next((a.value for a in i.args if a.keyword in ("target", "targets")), None)
            plain = [a.value for a in i.args if not a.keyword and not a.star]
            func = code.definition(i.func)
            name = func.attr if isinstance(func, LoadAttr) else i.func
            if named is not None:
                yield named
            elif len(plain) >= 2 and any(word in name.lower() for word in _LOSSES):
                yield plain[1]


_LOSSES = "loss criterion cross_entropy div mse huber consistency kd nll bce".split()


def chains(code: Code, mine: frozenset[Instruction], inner: str, outer: str) -> int:
    """How often the one is read off the other, or off what calling it gives."""
    found = 0
    for i in mine:
        if isinstance(i, LoadAttr) and i.attr == outer:
            made = code.definition(i.obj)
            made = code.definition(made.func) if isinstance(made, Call) else made
            found += isinstance(made, LoadAttr) and made.attr == inner
    return found
