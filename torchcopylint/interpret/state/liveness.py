"""Whether a name is read again after a place in a function: liveness of one name, backwards over the nested code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from torchcopylint import ir
from torchcopylint.ir import Spot
from torchcopylint.ir.kind import JumpKind
from torchcopylint.ir.site import Site

_WRITTEN = frozenset({"dst", "dsts", "item", "bound", "node"})
_WORDS = frozenset({"kind", "op", "attr", "annotation", "name", "qualname"})


def read_later(function: ir.Function, node: Site, name: str) -> bool:
    """Whether a name is read after the node that binds it, or after a statement, before it is bound anew."""
    if seen_inside(function, name):
        return True
    search = _Search(node, name)
    search.block(function.body, False, _Ways())
    return search.found


def seen_inside(function: ir.Function, name: str) -> bool:
    """Whether a function defined in this one reads a name of it."""
    return any(_sees(inner, name) for inner in _inner(function.body))


@dataclass(frozen=True, slots=True)
class _Ways:
    """Whether the name is read where `break`, `continue` or an exception leads."""

    broken: bool = False
    continued: bool = False
    handled: bool = False


@dataclass(slots=True)
class _Search:
    node: Site
    name: str
    found: bool = False

    def block(self, block: ir.Block, live: bool, ways: _Ways) -> bool:
        """Whether the name is read from the start of a block on, given whether it is read after it."""
        for i in reversed(block):
            live = self._before(i, live, ways)
        return live

    def _before(self, i: ir.Instruction, live: bool, ways: _Ways) -> bool:
        if isinstance(i, ir.If):
            return self.block(i.body, live, ways) | self.block(i.orelse, live, ways) or i.test == self.name
        if isinstance(i, ir.Loop):
            return self._loop(i, live, ways)
        if isinstance(i, ir.Try):
            after = self.block(i.final, live, ways) if i.final else live
            handlers = [self.block(handler, after, ways) for handler in i.handlers]
            inside = _Ways(ways.broken, ways.continued, ways.handled or any(handlers))
            return any([self.block(i.body, self.block(i.orelse, after, ways), inside), *handlers])
        if isinstance(i, ir.With):
            return self.block(i.body, live, ways) or i.context == self.name
        if isinstance(i, ir.Jump):
            return {JumpKind.BREAK: ways.broken, JumpKind.CONTINUE: ways.continued}.get(i.kind, ways.handled)
        if isinstance(i, ir.Return):
            return i.src == self.name or ways.handled
        binds = self.name in _bound(i)
        self.found |= live and i.node is self.node and (binds or isinstance(i, ir.Discard))
        if binds:
            live = ways.handled
        return live or self.name in set(_read(i))

    def _loop(self, i: ir.Loop, live: bool, ways: _Ways) -> bool:
        after = self.block(i.orelse, live, ways)
        top = after
        for _ in range(2):
            inside = _Ways(live, top, ways.handled)
            top = self.block(i.head, after | self.block(i.body, top, inside), inside) or i.test == self.name
            top |= after
        return top or i.iterable == self.name


def _bound(i: ir.Instruction) -> tuple[str, ...]:
    """The names that an instruction binds."""
    if isinstance(i, ir.Delete):
        return (i.name,)
    return (*getattr(i, "dsts", ()), getattr(i, "dst", ""))


def _read(i: ir.Instruction) -> Iterator[str]:
    """The operands that an instruction reads."""
    if isinstance(i, ir.Const):
        return
    for field in fields(i):
        if field.name not in _WRITTEN and field.name not in _WORDS:
            yield from _leaves(getattr(i, field.name))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _leaves(part)
    elif isinstance(value, ir.Argument):
        yield value.value


def operands(block: ir.Block) -> set[str]:
    """Every operand read anywhere in a block, and in the functions defined in it."""
    found = {operand for i in _flat(block) for operand in _read(i)}
    return found.union(*(operands(inner.body) for inner in _inner(block)))


def _sees(function: ir.Function, name: str) -> bool:
    """Whether a function reads a name of the functions around it, itself or in one defined in it."""
    if name in function.bound or any(parameter.name == name for parameter in function.parameters):
        return False
    own = {operand for i in _flat(function.body) for operand in _read(i)}
    return name in own or seen_inside(function, name)


def _inner(block: ir.Block) -> Iterator[ir.Function]:
    """The functions defined in a block, and the methods of the classes."""
    for i in _flat(block):
        if isinstance(i, ir.MakeFunction):
            yield i.function
        elif isinstance(i, ir.MakeClass):
            yield from i.cls.methods.values()


def _flat(block: ir.Block) -> Iterator[ir.Instruction]:
    """The instructions of a block and of all blocks nested in it."""
    for i in block:
        yield i
        for part in ir.blocks_of(i):
            yield from _flat(part)


def loops_around(block: ir.Block, node: Spot | None, depth: int = 0) -> int:
    """How many loops of a block a node's instructions lie in; -1 where the block has none of that node."""
    for i in block:
        if i.node is node and not isinstance(i, ir.Loop):
            return depth
        deeper = depth + isinstance(i, ir.Loop)
        for part in ir.blocks_of(i):
            found = loops_around(part, node, deeper)
            if found >= 0:
                return found
    return -1
