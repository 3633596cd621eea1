"""A program and its control are run with one stand-in after another, until the harm is seen or nothing is left."""

from __future__ import annotations

import ast
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from torchcopylint.confirm.worker.names import Program, count_copies
from torchcopylint.confirm.worker.probe import Facts, Run, came_by, harm, outcomes_differ, past, touched
from torchcopylint.confirm.worker.standin import Choice, Filler, Kinds, Own

FILE = "<snippet>"
_MOST_REPAIRS = 24
BUDGET = 2.0
"""Seconds for one finding, after which no further stand-in is begun."""


class Text:
    """A program's syntax tree, which of its lines must run as they stand, and what was cut out of the others."""

    def __init__(self, text: str, lines: list[int], hints: dict[str, Kinds]) -> None:
        self.tree = ast.parse(text)
        self.lines = frozenset(lines)
        self.hints = hints
        self.kinds: dict[str, int] = {}
        self.cut: list[int] = []
        keys = [n.slice for n in ast.walk(self.tree) if isinstance(n, ast.Subscript)]
        self.words = tuple(dict.fromkeys(k.value for k in keys if isinstance(k, ast.Constant) and type(k.value) is str))
        self.spare: Any = None
        self.by_line: dict[int, tuple[list[ast.stmt], ast.stmt]] = {}
        for node in ast.walk(self.tree):
            for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                for statement in block if isinstance(block, list) else ():
                    self.by_line[statement.lineno] = (block, statement)  # type: ignore[assignment]

    def run(self, choice: Choice, graph: bool = False, measure: bool = False) -> Run:
        """One run; an exception is part of the answer."""
        filler = Filler(choice, self.kinds, self.hints)
        filler.words = self.words
        program = Program(filler, graph, measure, self.spare if measure else None)
        Own.filler = filler
        names = program.names()
        torch.manual_seed(0)
        torch.set_grad_enabled(True)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                exec(compile(self.tree, FILE, "exec"), names)
                names["program"]()
            except Exception as error:
                program.run.line = _line_of(error)
                program.run.error = f"{type(error).__name__}: {_first(error)}"
        self.spare = program.spare
        program.run.warned = [_first(w.message) for w in caught if issubclass(w.category, UserWarning)]
        return program.run

    def repair(self, run: Run) -> bool:
        """Change what kept a run from its end; False where nothing is left to change."""
        if len(self.cut) + sum(self.kinds.values()) > _MOST_REPAIRS or run.line not in self.by_line:
            return False
        block, statement = self.by_line[run.line]
        if run.line in self.lines:
            return self._other_kind(statement)
        return self._cut(block, statement)

    def _other_kind(self, statement: ast.stmt) -> bool:
        """Another guess at what one of the names on the line is, least tried first."""
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        keys = [
            key for key in self.hints if key.partition(".")[0].partition("[")[0] in names or self._gives(key, names)
        ]
        keys = [key for key in keys if self.kinds.get(key, 0) + 1 < len(self.hints[key]) + 6]
        if not keys:
            return False
        key = min(keys, key=lambda k: self.kinds.get(k, 0))
        self.kinds[key] = self.kinds.get(key, 0) + 1
        return True

    def _gives(self, key: str, names: set[str]) -> bool:
        """Whether a name is bound to the stand-in of this key."""
        for _, statement in self.by_line.values():
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                value = statement.value
                if statement.targets[0].id in names and isinstance(value, ast.Call) and value.args:
                    first = value.args[0]
                    if isinstance(first, ast.Constant) and first.value == key:
                        return True
        return False

    def _cut(self, block: list[ast.stmt], statement: ast.stmt) -> bool:
        """Put a stand-in where the line computes something, or take the line out."""
        line = statement.lineno
        if line in self.cut:
            return self._other_kind(statement)
        made = _instead(statement)
        if made is None:
            return self._other_kind(statement)
        ast.copy_location(made, statement)
        ast.fix_missing_locations(made)
        block[block.index(statement)] = made
        self.by_line[line] = (block, made)
        self.cut.append(line)
        return True

    def shown(self) -> str:
        """The program as it was run in the end."""
        return ast.unparse(self.tree)


def _instead(statement: ast.stmt) -> ast.stmt | None:
    if isinstance(statement, ast.Assign):
        if any(isinstance(n, ast.Call) and getattr(n.func, "id", "") == "given" for n in ast.walk(statement.value)):
            return None
        key = ast.unparse(statement.targets[0])
        if isinstance(statement.targets[0], ast.Tuple):
            parts = [_given(ast.unparse(part)) for part in statement.targets[0].elts]
            return ast.Assign(statement.targets, ast.Tuple(parts, ast.Load()), lineno=statement.lineno)
        return ast.Assign(statement.targets, _given(key), lineno=statement.lineno)
    if isinstance(statement, ast.Return):
        return ast.Return(_given("what is returned"))
    if isinstance(statement, ast.For):
        items: list[ast.expr] = [_given(f"an item of the loop at line {statement.lineno}") for _ in range(2)]
        return ast.For(statement.target, ast.List(items, ast.Load()), statement.body, [])
    if isinstance(statement, ast.With):
        return ast.With([ast.withitem(ast.parse("torch.enable_grad()", mode="eval").body)], statement.body)
    if isinstance(statement, (ast.Expr, ast.AugAssign, ast.Delete)):
        return ast.Pass()
    return None


def _given(key: str) -> ast.expr:
    return ast.parse(f"given({key!r}, 'cut')", mode="eval").body


def _line_of(error: BaseException) -> int:
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _first(error: object) -> str:
    text = str(error).split(" If you were attempting")[0]
    return " ".join(text.split())[:160]


def choices(job: dict[str, Any]) -> Iterator[Choice]:
    """The ways to fill in the program, likeliest first."""
    tests = ["on"] + (["first", "off", "later"] if job["tests"] else [])
    tests += [f"except {n}" for n in range(min(job["tests"], 4))] + [f"only {n}" for n in range(min(job["tests"], 4))]
    grads = (True, False) if job["kind"] in ("kept", "target", "raise") else (False, True)
    shapes: list[tuple[int, ...]] = [(4, 4), *map(tuple, job.get("shapes", ())), (2, 3, 8, 8), (4,), (2, 4, 4), (1, 4)]
    base = Choice(requires_grad=grads[0])
    yield from (replace(base, tests=words) for words in tests)
    if job["kind"] == "stale":
        yield from (replace(base, graded=True, tests=words) for words in tests[:2])
    for words in tests[:2]:
        yield from (replace(base, shape=shape, tests=words) for shape in shapes[1:])
        yield replace(base, requires_grad=grads[1], tests=words)
        yield replace(base, dtype="int64", tests=words)
        yield replace(base, layout="transposed", tests=words)
        yield replace(base, dtype="bool", tests=words)
        yield replace(base, dtype="float64", tests=words)
        yield replace(base, scale=100.0, tests=words)
        yield replace(base, number=1, tests=words)
        yield replace(base, number=2, tests=words)
    yield replace(base, shape=(4, 4), requires_grad=grads[1], layout="transposed")
    yield replace(base, shape=(2, 3, 8, 8), requires_grad=grads[1])


def trial(job: dict[str, Any]) -> dict[str, Any]:
    """What became of a job: outcome, reason, the program in the end, the stand-ins with which it was decided."""
    torch.set_num_threads(1)
    sys.setrecursionlimit(600)
    if job["kind"] == "cost":
        return _cost(job)
    hints = {key: tuple(kinds) for key, kinds in job["hints"].items()}
    written, fixed = (Text(job[which], job[f"{which}_lines"], dict(hints)) for which in ("written", "fixed"))
    graph = job["kind"] in ("kept", "target")
    end = time.monotonic() + job.get("budget", BUDGET)
    ran, clean, met, why, control = 0, 0, False, "", ""
    for choice in choices(job):
        if time.monotonic() > end:
            break
        run = _made_to_run(written, choice, job, "written", graph, end)
        if not came_by(job["kind"], _facts(job, "written"), run):
            why = run.error or why or "the program never comes to the place"
            continue
        ran += 1
        clean += not written.cut
        met = met or touched(job["kind"], run)
        if job["kind"] == "outcome":
            check = _made_to_run(fixed, choice, job, "fixed", graph, end)
            if came_by("outcome", _facts(job, "fixed"), check) and (seen := outcomes_differ(job["facts"], run, check)):
                return _answer("confirmed", seen, written, fixed, choice)
            control = control or (check.error and f"the fixed program does not run: {check.error}")
            continue
        seen = harm(job["kind"], _facts(job, "written"), run)
        if not seen:
            continue
        fixed.kinds.update({k: v for k, v in written.kinds.items() if k not in fixed.kinds})
        check = _made_to_run(fixed, choice, job, "fixed", graph, end)
        if not came_by(job["kind"], _facts(job, "fixed"), check):
            control = f"{seen}, but the fixed program does not run: {check.error or 'it never comes to the place'}"
            continue
        if left := harm(job["kind"], _facts(job, "fixed"), check):
            control = f"{seen}, but so it is with the fix: {left}"
            continue
        return _answer("confirmed", f"{seen}; not so with the fix", written, fixed, choice)
    if control:
        return _answer("inconclusive", control, written, fixed)
    if not ran:
        return _answer("inconclusive", f"the slice does not run: {why}", written, fixed)
    if not met:
        return _answer("inconclusive", "the write met no element of any stand-in", written, fixed)
    if written.cut and clean < 3:
        lines = "a line" if len(written.cut) == 1 else f"{len(written.cut)} lines"
        return _answer("inconclusive", f"no harm seen, but {lines} had to be replaced by stand-ins", written, fixed)
    return _answer("refuted", f"ran with {ran} stand-ins and did no harm", written, fixed)


def _facts(job: dict[str, Any], which: str) -> Facts:
    return {**job["facts"], "lines": job[f"{which}_lines"]}


def _made_to_run(text: Text, choice: Choice, job: dict[str, Any], which: str, graph: bool, end: float) -> Run:
    run = text.run(choice, graph)
    while not came_by(job["kind"], _facts(job, which), run) and time.monotonic() < end:
        if not run.error or past(job["kind"], run) or not text.repair(run):
            break
        run = text.run(choice, graph)
    return run


def _answer(outcome: str, reason: str, written: Text, fixed: Text, choice: Choice | None = None) -> dict[str, Any]:
    """The answer as plain data."""
    return {
        "outcome": outcome,
        "reason": reason,
        "choice": {name: getattr(choice, name) for name in Choice.__dataclass_fields__} if choice else {},
        "with": str(choice) if choice else "",
        "written": written.shown(),
        "fixed": fixed.shown(),
        "kinds": written.kinds,
        "fixed_kinds": fixed.kinds,
        "hints": {key: list(kinds) for key, kinds in {**fixed.hints, **written.hints}.items()},
    }


_REPEATS = 12
"""Each time the one program and then the other, and the best of each counts: so both meet the same machine."""

_SIZES = ((8, 8), (64, 64), (512, 512))


def _cost(job: dict[str, Any]) -> dict[str, Any]:
    """Time and new memory of the program's copy against those of what replaces it, at two sizes."""
    hints = {key: tuple(kinds) for key, kinds in job["hints"].items()}
    written, fixed = (Text(job[which], job[f"{which}_lines"], dict(hints)) for which in ("written", "fixed"))
    texts = (written, fixed)
    end = time.monotonic() + job.get("budget", BUDGET)
    base = next((c for c in choices(job) if all(_runs(t, c, job, end) for t in texts)), None)
    if base is None:
        run = texts[0].run(Choice())
        error = run.error or texts[1].run(Choice()).error
        return _answer(
            "inconclusive", f"the slice does not run: {error or 'it never comes to the place'}", written, fixed
        )
    warned = [text.run(base).warned for text in texts]
    if warned[0] and not warned[1]:
        return _answer("confirmed", f"torch warns: {warned[0][0]}; not so with the fix", written, fixed, base)
    answers = []
    for attached in (base, replace(base, requires_grad=True)):
        said, words = _compared(written, fixed, attached, job, end)
        if said == "confirmed":
            return _answer(said, words, written, fixed, attached)
        answers.append((said, words))
    said, words = answers[0]
    return _answer(said, words, written, fixed)


def _compared(written: Text, fixed: Text, base: Choice, job: dict[str, Any], end: float) -> tuple[str, str]:
    """What the two programs cost with stand-ins of three sizes, and what that says."""
    texts = (written, fixed)
    sizes = _SIZES if len(base.shape) == 2 else tuple((n, *base.shape[1:]) for n in (4, 16, 64))
    ratios, copied = [], [(0, 0)]
    for size in sizes:
        choice = replace(base, shape=size, weights=size)
        if not all(_runs(text, choice, job, end) for text in texts):
            continue
        with count_copies():
            both = [text.run(choice, measure=True).costs[-1][1] for text in texts]
            copied.append((both[0], both[1]))
        rounds = [[text.run(choice, measure=True).costs[-1][0] for text in texts] for _ in range(_REPEATS)]
        best = [min(times) for times in zip(*rounds, strict=True)]
        ratios.append(best[0] / max(best[1], 1e-9))
    more, less = copied[-1]
    shown = ", ".join(f"{ratio:.1f}" for ratio in ratios)
    words = f"{more:,} bytes of new memory against {less:,}, and {shown} times the time, as it grows"
    slower = ratios and (min(ratios) > 1.2 or sum(ratio > 1.5 for ratio in ratios) > 1)
    if ratios and (more > 1.05 * less or slower):
        return "confirmed", words
    if ratios and more <= less and max(ratios) < 0.9:
        return "refuted", words
    return "inconclusive", f"too close to tell: {words}"


def _runs(text: Text, choice: Choice, job: dict[str, Any], end: float) -> bool:
    facts = {**job["facts"], "lines": []}
    run = text.run(choice)
    while not came_by("cost", facts, run) and time.monotonic() < end and run.error and text.repair(run):
        run = text.run(choice)
    return came_by("cost", facts, run)


def pattern(job: dict[str, Any]) -> dict[str, Any]:
    """Whether a rule's own example shows the harm on this torch: its Proof holds after its Bad."""
    names: dict[str, Any] = {"__name__": "card"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        try:
            for text in job["texts"]:
                exec(compile(text, "<card>", "exec"), names)
        except Exception as error:
            return {"outcome": "inconclusive", "reason": f"nor does the rule's own example run: {_first(error)}"}
    return {"outcome": "confirmed", "reason": "the rule's own example does the harm"}
