"""Random small programs of leaves, views, layers and writes: what hangs on the graph does so in the analysis."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, example, given, reject, settings
from test_soundness import NAMES, PROGRAMS, block, seen

from torchcopylint.domain.heap import MAYBE, NO, YES, State
from torchcopylint.domain.value import Value, refs_of

START = """\
import copy
import torch
from torch import nn
from torch.nn import functional as F

def same(t):
    return t

def fresh(t):
    return t * 2

def both(t, u):
    return t + u

def cut(t):
    return t.detach()

def put(t, u):
    t[0] = u[0]
    return t

def mark(t):
    t.requires_grad_()

def perhaps(t, u):
    if t.sum() > 3:
        t = u
    return t + 1

def rounds(t, u):
    for n in range(2):
        r = t + 1
        t = u
    return r

@torch.no_grad()
def quiet(t):
    return t * 2

class Box:
    def __init__(self, t):
        self.t = t

    def swap(self, t):
        old = self.t
        self.t = t
        return old

flag = torch.ones(1).sum() > 0
a, b, c, d = torch.ones(4), torch.zeros(4), torch.ones(4, requires_grad=True), torch.randn(4, requires_grad=True)
items = [a, c]
table = {"a": b, "b": d}
box = Box(a)
lin = nn.Linear(4, 4)
act = nn.ReLU()
norm = nn.LayerNorm(4)
seq = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
"""
SIMPLE = (
    "{x} = {y}",
    "{x} = {y}[0:4]",
    "{x} = {y}.view(-1)",
    "{x} = {y}.reshape(-1)",
    "{x} = {y}.to(torch.float32)",
    "{x} = {y}.float()",
    "{x} = {y}.contiguous()",
    "{x} = {y}.expand(4)",
    "{x} = {y}.detach()",
    "{x} = {y}.data",
    "{x} = {y}.clone()",
    "{x} = {y}.detach().clone()",
    "{x} = {y}.clone().detach_()",
    "{x}.detach_()",
    "{x} = {y} * {z}",
    "{x} = {y} + 1",
    "{x} = {y} // 2",
    "{x} = {y} % 2",
    "{x} = -{y}",
    "{x} = ({y} > 0).float()",
    "{x} = {y}.round()",
    "{x} = {y}.sign()",
    "{x} = {y}.argsort().float()",
    "{x} = torch.relu({y})",
    "{x} = F.relu({y})",
    "{x} = F.softmax({y}, dim=0)",
    "{x} = {y}.sort()[0]",
    "{x} = {y}.sort()[1].float()",
    "{x}, i = {y}.sort()",
    "{x} = {y}.sort().values",
    "{x} = torch.cat([{y}, {z}])[:4]",
    "{x} = torch.stack([{y}, {z}]).sum(0)",
    "{x} = torch.where({w} > 0, {y}, {z})",
    "{x} = torch.zeros_like({y})",
    "{x} = torch.tensor([1.0, 2.0, 3.0, 4.0])",
    "{x} = torch.ones(4, requires_grad=True)",
    "{x} = torch.as_tensor({y})",
    "{x} = {y}.long().float()",
    "{x} = nn.Parameter({y})",
    "{x} = nn.Parameter({y}, requires_grad=False)",
    "{x} = copy.deepcopy({y})",
    "{x}.requires_grad_()",
    "{x} = {y}.clone().requires_grad_()",
    "{x} = {y}.detach().requires_grad_()",
    "{x}.requires_grad_(False)",
    "{x}.requires_grad = True",
    "{x}.requires_grad = False",
    "{x}.requires_grad = bool(flag)",
    "{x} = {y}.unbind()[0] * {z}",
    "{x}.mul_(2)",
    "{x} += {y}",
    "{x}.add_({y})",
    "{x}[0] = {y}[0]",
    "{x}[0:2] = 1",
    "{x}.copy_({y})",
    "{x}.view(-1).add_({y})",
    "{x}.detach().zero_()",
    "{x}.data.add_({y}.data)",
    "{x}.data = {y}.detach().clone()",
    "F.relu({x}, inplace=True)",
    "{x} = same({y})",
    "{x} = fresh({y})",
    "{x} = both({y}, {z})",
    "{x} = cut({y})",
    "{x} = put({y}, {z})",
    "mark({y})",
    "{x} = perhaps({y}, {z})",
    "{x} = rounds({y}, {z})",
    "{x} = quiet({y})",
    "{x} = box.t",
    "box.t = {y}",
    "{x} = box.swap({y})",
    "items.append({y})",
    "{x} = items[0]",
    "{x} = items[-1]",
    "{x} = sum(items)",
    "table['a'] = {y}",
    "{x} = table['a']",
    "{x} = lin({y})",
    "{x} = lin.weight",
    "{x} = lin.weight[0]",
    "{x} = lin.weight.data[0]",
    "{x} = act({y})",
    "{x} = norm({y})",
    "{x} = seq({y})",
    "{x} = next(lin.parameters())[0]",
    "{x} = lin.state_dict()['weight'][0]",
    "lin.requires_grad_(False)",
    "lin.requires_grad_()",
    "for p in lin.parameters(): p.requires_grad = False",
    "for n, p in lin.named_parameters(): p.requires_grad = 'w' in n",
    "seq[0].requires_grad_(False)",
    "lin = copy.deepcopy(lin)",
    "{x} = {y} if flag else {z}",
)
SETTINGS = settings(max_examples=PROGRAMS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def attached(state: State, value: Value) -> int:
    """Whether the analysis has a value hang on the graph; what is more than references may."""
    refs = refs_of(value)
    found = {state.heap[ref.obj].attached for ref in refs}
    return found.pop() if len(found) == 1 and len(refs) == len(value) else MAYBE


def leaf(state: State, value: Value) -> int:
    """Whether the analysis has a value for a leaf, if it hangs on the graph."""
    found = {state.heap[ref.obj].leaf for ref in refs_of(value)}
    return found.pop() if len(found) == 1 else MAYBE


def check(lines: list[str]) -> None:
    """Execute and interpret the program, and compare what each name is at its end."""
    source = START + "\n".join(lines) + "\n"
    names: dict[str, Any] = {"copy": copy}
    try:
        exec(compile(source, "<program>", "exec"), names)
    except (RuntimeError, IndexError, KeyError, TypeError):
        reject()
    state = seen(source)
    for name in NAMES:
        tensor, known = names[name], attached(state, state.env[name])
        said = {YES: "hangs on the graph", NO: "hangs on none"}.get(known, "")
        assert known == MAYBE or tensor.requires_grad == (known == YES), f"{name} {said}?\n{source}"
        if known == YES:
            place = leaf(state, state.env[name])
            assert place == MAYBE or tensor.is_leaf == (place == YES), f"{name} leaf: {place}?\n{source}"


@SETTINGS
@given(block(simple=SIMPLE))
@example(["with torch.no_grad():", "    c = c[0:4]", "    c.requires_grad_(False)"])
def test_what_hangs_on_the_graph_may_do_so_in_the_analysis(lines: list[str]) -> None:
    check(lines)
