"""A program as text, run as often as it takes: what keeps it from its end is mended, line by line, with stand-ins."""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import torch

from torchcopylint.confirm.worker.names import Program
from torchcopylint.confirm.worker.pretend import Own
from torchcopylint.confirm.worker.probe import Run
from torchcopylint.confirm.worker.standin import Choice, Filler, Kinds
from torchcopylint.confirm.worker.suspect import Suspect, better, suspects
from torchcopylint.confirm.worker.watch import Watch

FILE = "<snippet>"
_MOST_REPAIRS = 40
ALTERNATIVES = {"float": "a number", "tensors": "a list of tensors", "dict": "a dict of tensors", "ndarray": "an array"}
"""What something may be as well whose kind is not certain."""
_MAKES = re.compile(r"^(make|build|create|get|load|new|init)_|factory|builder|maker|_(cls|class|fn)$")
_ALIKE = {
    "int": ("float", "ndarray"), "one": ("float", "ndarray"), "batches": ("batches", "tensors"),
    "tuple": ("tuple", "tensors"), "state dict": ("state dict", "dict"),
}  # fmt: skip
_OF_SHAPE = re.compile(
    r"too many indices|out of range|out of bounds|[Ss]hape|size of tensor|must match|mat1|dimension|\d-?D\b"
    r"|should contain \d+ elements|input_size|[Ss]izes of tensors|number of dims"
)
_OF_GRADIENTS = re.compile(
    r"derivative for .* is not implemented|does not require grad|leaf Variable that requires grad"
)
"""What torch says where stand-ins that require a gradient, or require none, would do."""
_OF_A_RULE = "To copy construct from a tensor"
"""What torch warns of that a rule speaks of too."""


@dataclass(frozen=True)
class State:
    """The changes that were made to a program: the guesses it is at, those that were tried, the lines cut out."""

    kinds: dict[str, int]
    hints: dict[str, Kinds]
    tried: dict[str, set[int]]
    cut: list[int]


class Text:
    """A program's syntax tree, which of its lines must run as they stand, and what was cut out of the others.

    needs: how tests must come out on the way to what is watched; patient: what fails for the shapes of stand-ins is not
    mended, for others may fit.
    """

    def __init__(
        self, text: str, lines: list[int], hints: dict[str, Kinds], needs: dict[int, bool] | None = None
    ) -> None:
        self._text = text
        self.tree = ast.parse(text)
        self.lines = frozenset(lines)
        self.hints = hints
        self.needs = needs or {}
        self.kinds: dict[str, int] = {}
        self.patient = True
        self._tried: dict[str, set[int]] = {}
        self.cut: list[int] = []
        self.suspects: list[Suspect] = []
        keys = [n.slice for n in ast.walk(self.tree) if isinstance(n, ast.Subscript)]
        self.special = _compared(self.tree)
        self.words = tuple(dict.fromkeys(k.value for k in keys if isinstance(k, ast.Constant) and type(k.value) is str))
        named = re.search(r"torch\.optim\.(SGD|Adam|AdamW|RMSprop|Adagrad|NAdam|RAdam)\(", text)
        self.optimizer_name = named[1] if named else "SGD"
        self.spare: Any = None
        self.given: set[str] = set()
        self._note_lines()

    def _note_lines(self) -> None:
        self.by_line: dict[int, tuple[list[ast.stmt], ast.stmt]] = {}
        for node in ast.walk(self.tree):
            for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                for statement in block if isinstance(block, list) else ():
                    self.by_line[statement.lineno] = (block, statement)  # type: ignore[assignment]

    def state(self) -> State:
        """What has been changed so far, to go back to."""
        return State(dict(self.kinds), dict(self.hints), {k: set(v) for k, v in self._tried.items()}, list(self.cut))

    def restore(self, state: State) -> None:
        """Undo what was changed since then."""
        self.kinds, self.hints = dict(state.kinds), dict(state.hints)
        self._tried = {key: set(tried) for key, tried in state.tried.items()}
        if self.cut != state.cut:
            self.tree, self.cut = ast.parse(self._text), []
            self._note_lines()
            for line in state.cut:
                self._cut(*self.by_line[line])

    def like(self, other: Text) -> None:
        """Start where another program has come to: the same guesses, and the lines cut out that were cut out there."""
        state = other.state()
        self.restore(State(state.kinds, {**self.hints, **state.hints}, state.tried, []))
        gone = [ast.unparse(statement) for line, statement in other.original() if line in state.cut]
        for line, statement in self.original():
            if (text := ast.unparse(statement)) in gone:
                gone.remove(text)
                self._cut(self.by_line[line][0], statement)

    def original(self) -> list[tuple[int, ast.stmt]]:
        """The statements as they were, by line."""
        tree = ast.parse(self._text) if self.cut else self.tree
        return [(node.lineno, node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]

    def run(
        self,
        choice: Choice,
        graph: bool = False,
        measure: str = "",
        gradients: bool = False,
        watch: Watch | None = None,
    ) -> Run:
        """One run; an exception is part of the answer. watch: what notes how things change between moments."""
        filler = Filler(choice, self.kinds, self.hints, self.needs)
        filler.words = self.words
        filler.special = self.special
        filler.optimizer_name = self.optimizer_name
        program = Program(filler, graph, measure, self.spare if measure else None, gradients)
        program.watch = watch
        Own.filler = filler
        names = program.names()
        torch.manual_seed(0)
        torch.set_grad_enabled(True)
        self.suspects = []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                exec(compile(self.tree, FILE, "exec"), names)
                with watch or nullcontext():
                    names["program"]()
            except Exception as error:
                program.run.line = _line_of(error)
                program.run.error = f"{type(error).__name__}: {first_line(error)}"
                if program.meter is not None:
                    program.meter.stop()
                if program.run.line in self.by_line:
                    statement = self.by_line[program.run.line][1]
                    self.suspects = suspects(error, FILE, statement, filler)
        self.spare = program.spare
        self.given = set(filler.gave)
        told = [first_line(w.message) for w in caught if issubclass(w.category, UserWarning)]
        program.run.warned = [words for words in told if words.startswith(_OF_A_RULE)]
        program.run.tests = dict(filler.came_out)
        return program.run

    def repair(self, run: Run) -> bool:
        """Change what kept a run from its end; False where nothing is left to change."""
        if len(self.cut) + len(self.kinds) > _MOST_REPAIRS or run.line not in self.by_line:
            return False
        block, statement = self.by_line[run.line]
        if self.patient and _OF_GRADIENTS.search(run.error):
            return False
        if _of_shape(run.error, statement) and (self.patient or "unpack" in run.error):
            return not self.patient and self._cut(block, statement)
        if self._better_kind(run.error):
            return True
        if run.line in self.lines:
            return self._other_kind(statement)
        return self._cut(block, statement)

    def _better_kind(self, error: str) -> bool:
        """The kind that the error itself asks for, of the stand-in that it speaks of."""
        for suspect in self.suspects:
            guesses = self._guesses(suspect.key)
            now = self.kinds.get(suspect.key, 0)
            tried = {guesses[n] for n in self._tried.setdefault(suspect.key, {now}) if n < len(guesses)}
            wanted = next((kind for kind in better(error, suspect) if kind not in tried), "")
            if not wanted:
                continue
            if wanted not in guesses:
                self.hints[suspect.key] = (*self.hints.get(suspect.key, ()), wanted)
                guesses = self._guesses(suspect.key)
            number = guesses.index(wanted)
            self._tried[suspect.key].add(number)
            self.kinds[suspect.key] = number
            return True
        return False

    def instead(self, key: str) -> Iterator[str]:
        """One after the other, the kinds that something may be as well, which it is in the next runs; in words."""
        guesses = self._guesses(key)
        now = guesses[min(self.kinds.get(key, 0), len(guesses) - 1)].partition(":")[0]
        more = {"maker": "something that makes modules"} if now == "module" and _MAKES.search(key) else {}
        for kind, words in {**ALTERNATIVES, **more}.items():
            if kind not in _ALIKE.get(now, (now,)):
                self.hints[key] = (*guesses, kind)
                self.kinds[key] = len(guesses)
                yield words

    def _guesses(self, key: str) -> Kinds:
        return Filler(Choice(), self.kinds, self.hints).guesses(key)

    def _other_kind(self, statement: ast.stmt) -> bool:
        """Another guess at what one of the names on the line is, least tried first."""
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        keys = [suspect.key for suspect in self.suspects if suspect.key in self.hints]
        keys += [
            key for key in self.hints if key.partition(".")[0].partition("[")[0] in names or self._gives(key, names)
        ]
        keys = [key for key in dict.fromkeys(keys) if key in self.given]
        keys = [key for key in keys if self.kinds.get(key, 0) + 1 < len(self.hints.get(key, ())) + 6]
        if not keys:
            return False
        key = min(keys, key=lambda k: self.kinds.get(k, 0))
        self.kinds[key] = self.kinds.get(key, 0) + 1
        self._tried.setdefault(key, set()).add(self.kinds[key])
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

    def shown_lines(self) -> list[int]:
        """The lines of it that must run as they stand."""
        now = [node for node in ast.walk(ast.parse(self.shown())) if isinstance(node, ast.stmt)]
        before = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        pairs = zip(now, before, strict=True)
        return [shown.lineno for shown, node in pairs if node.lineno in self.lines]


def _compared(tree: ast.Module) -> tuple[float, ...]:
    """The numbers that a program compares something with: as they stand there, or as defaults, or by name."""
    found: list[float] = []
    for node in ast.walk(tree):
        for side in (node.left, *node.comparators) if isinstance(node, ast.Compare) else ():
            with suppress(ValueError, TypeError, SyntaxError):
                value = ast.literal_eval(side)
                found += [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := _DEFAULT.match(node.value)):
            found.append(float(match[1]))
        if isinstance(node, ast.Attribute) and node.attr in _ODD:
            found.append(_ODD[node.attr])
    return tuple(dict.fromkeys(found))[:3]


_DEFAULT = re.compile(r"=(-\d+(?:\.\d+)?)\|")
_ODD = {"isnan": math.nan, "isfinite": math.inf, "isinf": math.inf, "nan_to_num": math.nan, "nan_to_num_": math.nan}


def of_complex(program: str) -> bool:
    """Whether a program does what one does with complex numbers."""
    return _OF_COMPLEX.search(program) is not None


_OF_COMPLEX = re.compile(r"\.(?:resolve_conj|conj|conj_physical|imag|angle|view_as_real|is_complex|polar)\b")


def _of_shape(error: str, statement: ast.stmt) -> bool:
    """Whether what fails would not with tensors of another shape."""
    if "values to unpack" in error:
        return isinstance(statement, ast.Assign) and ast.unparse(statement.value).endswith((".shape", ".size()"))
    return _OF_SHAPE.search(error) is not None


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


def first_line(error: object) -> str:
    """What an exception or a warning says, shortened."""
    text = str(error).split(" If you were attempting")[0]
    return " ".join(re.sub(r"\s+", " ", text).split())[:160]
