"""A line and a rule → the question that torch is asked about it, whatever the analysis saw there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torchcopylint.confirm.allowed import complaint
from torchcopylint.confirm.asked import Ask, Probe, Tag
from torchcopylint.confirm.control import in_order, noted, without_copies
from torchcopylint.confirm.facts import CHAINS, chains, facts
from torchcopylint.confirm.plan import Plan
from torchcopylint.confirm.reach import Unwritable
from torchcopylint.confirm.slice import Index
from torchcopylint.confirm.whole import Line, WholeReach, WholeWriter
from torchcopylint.domain.finding import Span
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import (
    Call,
    Function,
    Instruction,
    LoadAttr,
    Loop,
    MakeClass,
    MakeFunction,
    syntax,
)
from torchcopylint.ir.kind import LoopKind

ASKS: dict[str, Ask] = {
    **dict.fromkeys(
        (
            "write-to-view", "write-through-detach", "write-through-numpy", "write-to-residual",
            "dataset-item-written", "argument-written", "alias-written", "accumulate-into-first", "conditional-copy",
        ),
        Ask.WRITES,
    ),
    "write-to-expanded": Ask.EXPANDED,
    "write-breaks-backward": Ask.SPOILS,
    "write-through-data": Ask.SPOILS,
    "swap-through-views": Ask.ORDER,
    "overlapping-write": Ask.ORDER,
    "target-without-detach": Ask.TARGET,
    **dict.fromkeys(
        ("graph-kept-in-history", "recurrent-state-not-cut", "average-keeps-graph"), Ask.KEEPS_GRAPH
    ),
    "clone-is-not-a-leaf": Ask.LEAF,
    **dict.fromkeys(
        (
            "state-dict-snapshot", "shallow-state-copy", "shallow-copy-of-module", "parameter-snapshot",
            "gradient-snapshot", "live-buffer-kept", "shallow-container-copy",
        ),
        Ask.LIVE,
    ),
    **dict.fromkeys(("write-to-index-copy", "write-to-conditional-copy", "discarded-copy"), Ask.LOST),
    **dict.fromkeys(("deepcopy-of-non-leaf", "module-has-no-clone", "vmap-write-unbatched"), Ask.RAISES),
    **dict.fromkeys(("redundant-copy", "load-of-copy", "clone-before-detach", "data-attribute-copy"), Ask.NEEDED),
    "deepcopy-in-hot-loop": Ask.HOT,
    "cat-in-loop": Ask.GROWS,
    **dict.fromkeys(
        ("deepcopy-of-tensor", "tensor-of-tensor", "tensor-through-python", "deepcopy-then-move"), Ask.GIVEN
    ),
}  # fmt: skip
"""What is asked for each rule; the others cannot be asked without an event."""


def ask(index: Index, program: Program, spans: Mapping[object, Span], line: int, slug: str) -> dict[str, Any]:
    """The question about a line; if there is none, why."""
    wanted = ASKS.get(slug)
    if wanted is None:
        return {"why": "of this rule torch can be asked nothing without an event"}
    found = _line(index, spans, line)
    if found is None:
        return {"why": "no step of the program stands on this line"}
    try:
        return _question(index, program, found, wanted, slug)
    except Unwritable as error:
        return {"why": str(error)}
    except Exception as error:  # a claim without a program is still a claim
        said = f"the function could not be written as a program: {type(error).__name__}: {error}"
        return {"why": said[:200]}


def _line(index: Index, spans: Mapping[object, Span], line: int) -> Line | None:
    """What stands on a line: the statement that it belongs to."""
    best: tuple[tuple[int, ...], Span, Function] | None = None
    for code in index.codes.values():
        for i in code.every:
            span = spans.get(i.node)
            if span is None or isinstance(i, (MakeFunction, MakeClass)) or not _simple(i):
                continue
            if span.line <= line <= span.end_line:
                size = (-span.line, -span.column, span.end_line, span.end_column)
                if best is None or size > best[0]:
                    best = size, span, code.function
    if best is None:
        return None
    _, whole, function = best
    inside = [i for i in index.code(function).every if (s := spans.get(i.node)) is not None and _within(s, whole)]
    every = frozenset(i for i in inside if not isinstance(i, (MakeFunction, MakeClass)) and _simple(i))
    return Line(function, every)


def _simple(i: Instruction) -> bool:
    """Whether it is a step, or a loop or a test within an expression."""
    if isinstance(i, Loop):
        return i.kind is LoopKind.COMPREHENSION
    return not isinstance(i.node, syntax.Statement) or isinstance(i.node, syntax.SmallStatement)


def _within(span: Span, whole: Span) -> bool:
    begins = (whole.line, whole.column) <= (span.line, span.column)
    return begins and (span.end_line, span.end_column) <= (whole.end_line, whole.end_column)


def _question(index: Index, program: Program, line: Line, wanted: Ask, slug: str) -> dict[str, Any]:
    main = _entry(index, line.function)
    nodes = tuple(i.node for i in index.code(line.function).every if i in line.instructions)
    plan = Plan(Probe.LINE, nodes[0], others=nodes, end=Tag.END)
    reach = WholeReach(index, program, plan, main, line=line)
    reach.include(main, set())
    if line.function not in reach.functions:
        reach.include(line.function, set())
    owner = program.owner_of(main)
    init = owner.method("__init__") if owner is not None else None
    if init is not None and init in index.codes and init not in reach.functions:
        reach.include(init, set())
    reach.behind()
    writer = WholeWriter(reach, plan, False, line=line)
    written = writer.write()
    code = index.code(line.function)
    text, fixed, copies = _controlled(written.text, frozenset(written.lines), wanted, slug)
    if said := complaint(text) or complaint(fixed):
        raise Unwritable(f"the function may not be run: {said}")
    known = facts(code, line.instructions)
    known["loop"] = known["loop"] or _called_in_loop(index, line.function)
    if slug in CHAINS:
        copies = chains(code, line.instructions, *CHAINS[slug])
    return {
        "kind": Probe.LINE.value,
        "facts": {"ask": wanted.value, "rule": slug, "copies": copies, "backwards": text.count(".backward("), **known},
        "written": text,
        "written_lines": written.lines,
        "written_whole": written.whole,
        "written_needs": written.needs,
        "needs": bool(written.needs),
        "tests": written.tests,
        "test_words": written.words,
        "hints": {k: [x for x in v.split("|") if x] for k, v in written.hints.items()},
        "left_out": list(written.left_out),
        "unsure": list(written.unsure),
        "shapes": list(written.shapes)[:6],
        "fixed": fixed,
        "fixed_lines": [],
        "narrower": [],
    }


def _called_in_loop(index: Index, function: Function) -> bool:
    """Whether something of that name is called in a loop of the file."""
    for code in index.codes.values():
        for i in code.every:
            if isinstance(i, Call) and any(isinstance(o, Loop) for o in code.above[i]):
                func = code.definition(i.func)
                if function.name == (func.attr if isinstance(func, LoadAttr) else i.func):
                    return True
    return False


def _controlled(text: str, lines: frozenset[int], wanted: Ask, slug: str) -> tuple[str, str, int]:
    """The program, the one that it is compared with, and how many calls on the line the rule may be about."""
    if wanted is Ask.ORDER:
        return text, in_order(text, lines), 0
    if wanted is Ask.NEEDED:
        return text, *without_copies(text, lines)
    if wanted in (Ask.GIVEN, Ask.HOT):
        written, calls = noted(text, lines, slug)
        return written, _NONE, calls
    return text, _NONE, 0


_NONE = "def program():\n    pass\n"


def _entry(index: Index, function: Function) -> Function:
    """The function that is called: of one inside another the other."""
    home = function.qualname.rpartition(".")[0]
    while home and not function.owner:
        outer = index.functions.get(home)
        if outer is None:
            return function
        function, home = outer, outer.qualname.rpartition(".")[0]
    return function
