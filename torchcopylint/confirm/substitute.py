"""The finding's own fix, applied to the code that a program is made of: its text takes the place of instructions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from torchcopylint.confirm.slice import Code, Index, defined, used
from torchcopylint.domain.finding import Change
from torchcopylint.ir import (
    Argument,
    Block,
    Function,
    Instruction,
    Loop,
    MakeClass,
    MakeFunction,
    Move,
    Operand,
    blocks_of,
    walk,
)
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site, under, within
from torchcopylint.ir.syntax import Statement
from torchcopylint.lower import lower_within
from torchcopylint.parse.concrete import parse_part


@dataclass(frozen=True, slots=True)
class Substituted:
    """The code with the changes made: its index, the new instructions, and which syntax now stands for which."""

    index: Index
    new: frozenset[Instruction]
    instead: dict[object, object]


def substitute(index: Index, changes: Sequence[Change]) -> Substituted | None:
    """The file's code with these changes made, None where one of them is not about instructions."""
    codes, at = dict(index.codes), {key: list(value) for key, value in index.at.items()}
    new: set[Instruction] = set()
    instead: dict[object, object] = {}
    for change in changes:
        inside = under(change.node)
        function = next((f for one in within(change.node) for f, _ in at.get(one, ())), None) or _around(
            at, change.node
        )
        if function is None:
            return None
        statement = isinstance(change.node, Statement)
        code = parse_part(change.text, statement)
        made, value = lower_within(function, code) if code is not None else ((), "")
        if not made and (not value or statement):
            return None
        renamed = _names_inside(codes[function], inside)
        made, value = tuple(with_names(i, renamed) for i in made), renamed.get(value, value)
        body, block = _replaced(codes[function].body, change.node, inside, made, value)
        if not block and value and text_of(change.node).isidentifier():
            body, block = _used_by_name(codes[function], change.node, made, value, renamed)
        if not block:
            return None
        codes[function] = Code.of(function, body)
        new |= set(walk(block))
        _note(at, function, block)
        instead.update(dict.fromkeys(inside, block[-1].node))
    imports = {"copy": "copy", **index.imports}
    return Substituted(replace(index, codes=codes, at=at, imports=imports), frozenset(new), instead)


def _around(at: dict[object, list[tuple[Function, Instruction]]], node: object) -> Function | None:
    """The function in which a name stands that is no instruction of its own."""
    if not text_of(node).isidentifier():
        return None
    found = [pair for pairs in at.values() for pair in pairs if node in under(pair[1].node)]
    plain = [(f, i) for f, i in found if not isinstance(i, (MakeFunction, MakeClass))]
    return min(plain, key=lambda pair: len(under(pair[1].node)))[0] if plain else None


def _used_by_name(
    code: Code, node: object, made: Block, value: Operand, renamed: Mapping[Operand, Operand]
) -> tuple[Block, Block]:
    """The block with a name that is read replaced where it stands, and what now stands there."""
    name = renamed.get(text_of(node), text_of(node))
    found = [i for i in code.every if name in used(i) and node in under(i.node) and not isinstance(i, Loop)]
    if not found:
        return code.body, ()
    user = min(found, key=lambda i: len(under(i.node)))
    changed = _reading(user, name, value)
    return _put(code.body, user, (*made, changed)), (*made, changed)


def _reading(instruction: Instruction, name: Operand, value: Operand) -> Instruction:
    """The instruction, with another operand for one that it reads; what it binds is bound as before."""
    bound = frozenset({"dst", "dsts"})
    plain = {f.name: getattr(instruction, f.name) for f in fields(instruction) if f.name in bound}
    changed = with_names(instruction, {name: value})
    return type(instruction)(**{f.name: plain.get(f.name, getattr(changed, f.name)) for f in fields(instruction)})


def _put(block: Block, old: Instruction, new: Block) -> Block:
    """The block with some instructions instead of one, however deep that lies."""
    found: list[Instruction] = []
    for instruction in block:
        if instruction is old:
            found += new
            continue
        for name in ("head", "body", "orelse", "final"):
            inner = getattr(instruction, name, None)
            if isinstance(inner, tuple) and inner and inner in blocks_of(instruction):
                changed = _put(inner, old, new)
                instruction = _with(instruction, name, changed) if changed != inner else instruction
        found.append(instruction)
    return tuple(found)


def _names_inside(code: Code, inside: frozenset[Site]) -> dict[Operand, Operand]:
    """What the variables of a comprehension are called in the code, by what they are called in the source."""
    here = [name for i in code.every if i.node in inside for name in (*used(i), *defined(i))]
    return {name.partition("~")[0]: name for name in here if "~" in name}


def with_names(instruction: Instruction, names: Mapping[Operand, Operand]) -> Instruction:
    """An instruction, and those nested in it, with some of its operands called otherwise."""
    if not names:
        return instruction

    def changed(value: object) -> Any:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, Argument):
            return replace(value, value=names.get(value.value, value.value))
        if isinstance(value, Instruction):
            return with_names(value, names)
        return tuple(changed(inner) for inner in value) if isinstance(value, tuple) else value

    plain = ("node", "attr", "kind", "op", "name")
    values: dict[str, Any] = {f.name: getattr(instruction, f.name) for f in fields(instruction)}
    return type(instruction)(**{k: v if k in plain else changed(v) for k, v in values.items()})


def _note(at: dict[object, list[tuple[Function, Instruction]]], function: Function, block: Block) -> None:
    for instruction in walk(block):
        at.setdefault(instruction.node, []).append((function, instruction))


def _replaced(block: Block, node: object, inside: frozenset[Site], made: Block, value: str) -> tuple[Block, Block]:
    """The block with what lies inside the node replaced; and what now stands there, () where nothing did."""
    spots = [n for n, i in enumerate(block) if i.node in inside]
    if spots:
        if value:
            last = block[spots[-1]]
            dst = getattr(last, "dst", "") if last.node is node else ""
            if not dst:
                return block, ()
            made = (*made, Move(last.node, dst, value))
        kept = [i for n, i in enumerate(block) if n not in spots]
        where = spots[0]
        return (*kept[:where], *made, *kept[where:]), made
    for number, instruction in enumerate(block):
        for name in ("head", "body", "orelse", "final"):
            inner = getattr(instruction, name, None)
            if isinstance(inner, tuple) and inner and inner in blocks_of(instruction):
                changed, there = _replaced(inner, node, inside, made, value)
                if there:
                    return (*block[:number], _with(instruction, name, changed), *block[number + 1 :]), there
    return block, ()


def _with(instruction: Instruction, name: str, block: Block) -> Instruction:
    values = {field.name: getattr(instruction, field.name) for field in fields(instruction)}
    return type(instruction)(**{**values, name: block})
