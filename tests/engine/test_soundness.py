"""Random small tensor programs, interpreted and executed: what shares memory on torch is seen as may-alias at least."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import Any

import torch
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from torchcopylint.domain.heap import State
from torchcopylint.domain.identity import Region, overlap
from torchcopylint.domain.value import Value, refs_of
from torchcopylint.files.source import Source
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.state.program import Program
from torchcopylint.interpret.transfer import run
from torchcopylint.lower import lower
from torchcopylint.parse.concrete import parse

NAMES = ("a", "b", "c", "d")
START = """\
import torch

def same(t):
    return t

def part(t):
    return t[1:3]

def fresh(t):
    return t + 1

def put(box, t):
    box.t = t
    return box.t

def either(t, u):
    if t.sum() > 3:
        return t
    return u

class Box:
    def __init__(self, t):
        self.t = t

    def swap(self, t):
        old = self.t
        self.t = t
        return old

flag = torch.ones(1).sum() > 0
a, b, c, d = torch.ones(4), torch.zeros(4), torch.ones(4), torch.ones(4)
items = [a, b]
table = {"a": a, "b": c}
box = Box(d)
"""
SIMPLE = (
    "{x} = {y}",
    "{x} = {y}[0:2]",
    "{x} = {y}[2:4]",
    "{x} = {y}[1:]",
    "{x} = {y}.view(-1)",
    "{x} = {y}.detach()",
    "{x} = {y}.clone()",
    "{x} = {y} + 1",
    "{x} = {y}.reshape(-1)",
    "{x} = {y}.to(torch.float32)",
    "{x} = {y}.contiguous()",
    "{x} = {y}[{y} > 5]",
    "{x} = {y}[[]]",
    "{x} = torch.cat([{y}, {z}])",
    "{x}, {w} = {y}, {z}",
    "{x}, {w} = {y}.unsqueeze(0).repeat(2, 1).unbind()",
    "{x} = same({y})",
    "{x} = part({y})",
    "{x} = fresh({y})",
    "{x} = put(box, {y})",
    "{x} = either({y}, {z})",
    "{x} = box.t",
    "box.t = {y}",
    "box = Box({y})",
    "{x} = box.swap({y})",
    "items.append({y})",
    "{x} = items[0]",
    "{x} = items[-1]",
    "items[0] = {y}",
    "items = [t for t in items]",
    "items = [t.clone() for t in items]",
    "{x} = items.pop() if len(items) > 2 else {y}",
    "table['a'] = {y}",
    "{x} = table['a']",
    "{x} = table.get('b')",
    "table = dict(table)",
    "{x} += 1",
    "{x}[0:1] = 2",
    "{x}.mul_(2)",
    "{x} = {x} * 2",
    "({x} := {y})",
    "{x} = (lambda t: t)({y})",
    "{x} = {y} if flag else {z}",
)


def statement(draw: Any, simple: Sequence[str]) -> list[str]:
    """One simple statement with names filled in."""
    x, w, y, z = (draw(st.sampled_from(NAMES)) for _ in range(4))
    return [draw(st.sampled_from(simple)).format(x=x, w=w, y=y, z=z)]


@st.composite
def block(draw: Any, depth: int = 2, simple: Sequence[str] = SIMPLE) -> list[str]:
    """Some statements; up to `depth` levels of branches, loops, try and with among them."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["simple"] * 6 + ["if", "for", "try", "with", "while"])) if depth else "simple"
        if kind == "simple":
            lines += statement(draw, simple)
            continue
        head = {
            "if": f"if {draw(st.sampled_from(['flag', 'not flag', 'len(items) > 2']))}:",
            "for": draw(
                st.sampled_from(["for n in range(3):", "for a in list(items)[:3]:", "for k, b in table.items():"])
            ),
            "while": "for n in (1, 2):",
            "try": "try:",
            "with": "with torch.no_grad():",
        }[kind]
        lines += [head, *("    " + line for line in draw(block(depth - 1, simple)))]
        if kind == "if" and draw(st.booleans()):
            lines += ["else:", *("    " + line for line in draw(block(depth - 1, simple)))]
        if kind == "try":
            lines += ["finally:", *("    " + line for line in draw(block(depth - 1, simple)))]
    return lines


def seen(source: str) -> State:
    """What the analysis knows at the end of a program."""
    program = Program(run)
    frame = enter(program, lower(parse(Source("a.py", source))).top)
    assert frame is not None and frame.state is not None, program.skipped
    return frame.state


def regions(state: State, value: Value) -> frozenset[Region]:
    """Where a value's data may lie; a value that is more than references may lie anywhere."""
    return frozenset(r for ref in refs_of(value) for r in state.heap[ref.obj].regions)


def may_share(state: State, one: Value, two: Value) -> bool:
    """Whether the analysis allows two values to share memory."""
    if any(len(refs_of(value)) < len(value) for value in (one, two)):
        return True
    return any(overlap(r, s) for r in regions(state, one) for s in regions(state, two))


def must_share(state: State, one: Value, two: Value) -> bool:
    """Whether the analysis says that two values lie in the very same place: one object each, of this round."""
    places: list[frozenset[Region]] = []
    for value in (one, two):
        refs = refs_of(value)
        if len(refs) != 1 or len(value) != 1 or state.heap[refs[0].obj].sure != "must":
            return False
        places.append(state.heap[refs[0].obj].regions)
    (first, *others) = places[0]
    exact = not others and places[0] == places[1] and "*" not in first
    return exact and all(not part & 1 for part in first if isinstance(part, int))


def touches(one: torch.Tensor, two: torch.Tensor) -> bool:
    """Whether two contiguous tensors have an element in common."""
    first, second = one.data_ptr(), two.data_ptr()
    return first < second + two.nbytes and second < first + one.nbytes


def check(lines: list[str]) -> None:
    """Execute and interpret the program, and compare every two names at its end."""
    source = START + "\n".join(lines) + "\n"
    names: dict[str, Any] = {}
    try:
        exec(compile(source, "<program>", "exec"), names)
    except (RuntimeError, IndexError, KeyError):
        reject()
    state = seen(source)
    for one, two in itertools.combinations(NAMES, 2):
        if touches(names[one], names[two]):
            assert may_share(state, state.env[one], state.env[two]), f"{one} and {two} share memory:\n{source}"
        elif names[one].nbytes and names[two].nbytes:
            assert not must_share(state, state.env[one], state.env[two]), f"{one} and {two} do not share:\n{source}"


PROGRAMS = int(os.environ.get("TORCHCOPYLINT_PROGRAMS", "1000"))
"""How many random programs each test of soundness tries; more with `TORCHCOPYLINT_PROGRAMS=20000`."""


@settings(max_examples=PROGRAMS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(block())
@example(["items.append(a)", "for n in range(3):", "    b = items[-1]", "    items[0] = c", "    c = b"])
@example(["for n in range(3):", "    a = b", "    b = c", "    c = d"])
@example(["if flag:", "    a = box.swap(a)", "box = Box(a)", "a = box.t"])
def test_what_shares_memory_may_share_in_the_analysis(lines: list[str]) -> None:
    check(lines)
