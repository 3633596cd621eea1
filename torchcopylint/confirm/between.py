"""What else happens to the objects of a path between its first and its last step: a program without it proves nothing.

A write that undoes the harm, a conversion that gives a module other storage, a call of the project's own: whatever may
refute a finding belongs in the program that is to confirm it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torchcopylint.confirm.asked import Probe
from torchcopylint.confirm.called import Calls
from torchcopylint.confirm.slice import Code, in_place, self_of, used
from torchcopylint.ir import (
    Append,
    Augment,
    Call,
    Discard,
    Import,
    Instruction,
    LoadAttr,
    Loop,
    MakeClass,
    MakeFunction,
    Move,
    Operand,
    StoreAttr,
    StoreItem,
    Unpack,
)

Calling = Callable[[Code, Call], Calls]
"""Which kind of thing a call calls, as `Reach.callee` says it."""

_CONVERTS = frozenset(
    "double float half bfloat16 to cuda cpu type to_empty load_state_dict requires_grad_ copy_ detach_".split()
)
_LEARNS = frozenset({"backward", "step"})
_GRAPH = frozenset({Probe.SPOILT})
"""Kinds of harm that are over once backward has been."""
_ONLY_SHOWS = frozenset(
    "print info debug warning error exception log log_dict write set_postfix set_description add_scalar add_scalars "
    "add_histogram save dump dumps isinstance len id type repr str format".split()
)
"""Names of functions that show or write out what they are given, and do nothing to it."""
_MOST_LINKS = 8


def between(code: Code, seeds: set[Instruction], kind: Probe, calls: Calling) -> set[Instruction]:
    """The instructions of a function, between the first and the last of the seeds, that do something to their objects.

    kind: of harm; what only touches the graph is of interest to some. calls: what kind of thing a call calls.
    """
    own = [i for i in code.every if i in seeds]
    if not own:
        return set()
    objects = {name for i in own for name in _objects(code, used(i))}
    later = objects | _derived(code, objects)
    learns = _LEARNS if kind in _GRAPH else frozenset({"step"})
    here = [i for i in code.every if i not in seeds and _within(code, i, own)]
    return {i for i in here if _touches(code, i, objects, later, learns, calls)}


def shows_only(name: str) -> bool:
    """Whether a function of that name, though it is not known, does nothing to what it is given."""
    return name.rpartition(".")[2] in _ONLY_SHOWS


def _within(code: Code, i: Instruction, own: list[Instruction]) -> bool:
    """Whether an instruction may run between two of these: it stands there, or in a loop around one of them."""
    place = code.order[i]
    if code.order[own[0]] < place < code.order[own[-1]]:
        return True
    mine = {outer for outer in code.above[i] if isinstance(outer, Loop)}
    return any(outer in mine for one in own for outer in code.above[one])


def _touches(
    code: Code, i: Instruction, objects: set[str], later: set[str], learns: frozenset[str], calls: Calling
) -> bool:
    match i:
        case Move():
            return i.dst in objects and i.dst[:1] != "%" and not isinstance(code.definition(i.src), Loop)
        case Unpack():
            return any(name in objects for name in i.dsts) and not isinstance(code.definition(i.src), Loop)
        case Augment():
            return not _objects(code, (i.target,)).isdisjoint(objects)
        case StoreAttr():
            return not i.aug and not _objects(code, (i.obj,), i.attr).isdisjoint(objects)
        case StoreItem() | Append():
            container = i.obj if isinstance(i, StoreItem) else i.container
            return not _objects(code, (container,)).isdisjoint(objects)
        case Discard():
            call = code.definition(i.src)
            return isinstance(call, Call) and _dropped_call_touches(code, call, objects, later, learns, calls)
        case Call():
            return _call_touches(code, i, objects, later, learns, calls)
        case _:
            return False


def _dropped_call_touches(
    code: Code, call: Call, objects: set[str], later: set[str], learns: frozenset[str], calls: Calling
) -> bool:
    """A call whose result nobody takes is made for what it does to the object that it is made on."""
    func = code.definition(call.func)
    if not isinstance(func, LoadAttr):
        return _call_touches(code, call, objects, later, learns, calls)
    if func.attr in _LEARNS:
        return func.attr in learns and not _objects(code, (func.obj,)).isdisjoint(later)
    on = not _objects(code, (func.obj,)).isdisjoint(objects)
    return (on and not shows_only(func.attr)) or _call_touches(code, call, objects, later, learns, calls)


def _call_touches(
    code: Code, call: Call, objects: set[str], later: set[str], learns: frozenset[str], calls: Calling
) -> bool:
    func = code.definition(call.func)
    given = not _objects(code, (a.value for a in call.args)).isdisjoint(objects)
    if isinstance(func, LoadAttr):
        if func.attr in learns or in_place(func.attr) or func.attr in _CONVERTS:
            return not _objects(code, (func.obj,)).isdisjoint(later)
        if shows_only(func.attr):
            return False
    elif shows_only(call.func):
        return False
    if any(a.keyword == "out" and not _objects(code, (a.value,)).isdisjoint(objects) for a in call.args):
        return True
    return given and calls(code, call) in (Calls.FUNCTION, Calls.UNKNOWN)


def _derived(code: Code, objects: set[str]) -> set[str]:
    """The names of what is made of these objects: an optimizer of a module's parameters, a loss of its output."""
    found: set[str] = set()
    for _ in range(_MOST_LINKS):
        more = {
            i.dst
            for i in code.every
            if isinstance(i, Move) and i.dst[:1] != "%" and not _objects(code, (i.src,)).isdisjoint(objects | found)
        }
        if more <= found:
            break
        found |= more
    return found


def _objects(code: Code, operands: Iterable[Operand], attr: str = "") -> set[str]:
    """The variables that operands are read off or made of; of `self` the attribute, for it has many."""
    found: set[str] = set()
    waiting: list[tuple[Operand, int]] = [(operand, 0) for operand in operands if operand]
    while waiting:
        operand, depth = waiting.pop()
        root, path = code.root(operand)
        if root[:1] != "%" and _is_variable(code, root):
            whole = (*path, attr) if attr and not depth else path
            found.add(f"{root}.{whole[0]}" if root == self_of(code.function) and whole else root)
        elif root[:1] == "%" and depth < _MOST_LINKS and (made := code.definition(root)) is not None:
            waiting += [(name, depth + 1) for name in used(made) if name]
    return found


def _is_variable(code: Code, name: Operand) -> bool:
    """Whether a name is bound here to a value: no module, function or class of the file."""
    if any(parameter.name == name for parameter in code.function.parameters):
        return True
    bound = code.by_name.get(name, ())
    return bool(bound) and not any(isinstance(i, (Import, MakeFunction, MakeClass)) for i in bound)
