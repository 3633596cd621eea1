"""A finding's event → the question that torch is asked: two programs and what to look for in them, as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from torchcopylint.checks import judged
from torchcopylint.confirm.allowed import complaint
from torchcopylint.confirm.asked import Cure, Probe
from torchcopylint.confirm.expression import spelled_path
from torchcopylint.confirm.line import ask
from torchcopylint.confirm.plan import Plan, not_here, plan
from torchcopylint.confirm.reach import Reach, Unwritable
from torchcopylint.confirm.slice import Index, self_of
from torchcopylint.confirm.substitute import substitute
from torchcopylint.confirm.write import Writer, Written
from torchcopylint.domain.event import Event
from torchcopylint.domain.finding import Change, Judgement, Span
from torchcopylint.interpret import Look
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Function, Instruction, LoadAttr, Loop, Module, StoreAttr, syntax
from torchcopylint.ir.site import Site, under
from torchcopylint.parse.concrete import spans_of


def asking(
    tree: syntax.Module, asked: list[Judgement], wanted: Callable[[Judgement], bool], complaints: list[str]
) -> Look:
    """What looks at a file's events: adds every judgement on them to `asked`, the wanted ones with their trials.

    A trial is the question about the event, and in it, as "line", the one about what its line does in any case. What
    goes wrong in a plugin is added to the complaints.
    """

    def look(module: Module, program: Program, events: tuple[Event, ...]) -> None:
        asker = Asker(module, program)
        every = list(judged(events, complaints))
        chosen = [judgement for _, judgement in every if wanted(judgement)]
        spans = places(asker.index, tree, [judgement.node for judgement in chosen]) if chosen else {}
        for event, judgement in every:
            trial = ""
            if wanted(judgement):
                question = asker.ask(event, judgement.changes, judgement.slug)
                line = spans[judgement.node].line if judgement.node in spans else 0
                trial = json.dumps({**question, "line": ask(asker.index, program, spans, line, judgement.slug)})
            asked.append(replace(judgement, trial=trial))

    return look


def places(index: Index, tree: syntax.Module, more: Sequence[object]) -> dict[object, Span]:
    """Where the syntax of a file's instructions stands, and more of its syntax."""
    return spans_of(tree, [node for node in (*more, *index.at) if isinstance(node, Site)])


class Asker:
    """Asks about the findings of one file, whose code and interpretation it keeps at hand."""

    def __init__(self, module: Module, program: Program) -> None:
        self._program = program
        self.index = Index.of(module)

    def ask(self, event: Event, changes: Sequence[Change] = (), slug: str = "") -> dict[str, Any]:
        """The question about an event; if there is none, why. changes: the fix that the finding proposes."""
        if why := not_here(event, slug):
            return {"why": why}
        chosen = plan(event, slug)
        if chosen is None:
            return {"why": "there is no probe for this kind of finding"}
        asked: list[dict[str, object]] = []
        why = ""
        for narrow, said in enumerate(_NARROW):
            question = self._question(chosen, changes, narrow)
            if isinstance(question, str):
                why = why or question
            elif all(question["written"] != other["written"] for other in asked):
                asked.append({**question, "said": said})
        if not asked:
            return {"why": why}
        if why:
            asked[0]["why not"] = why
        return {"kind": chosen.kind.value, **asked[0], "narrower": asked[1:]}

    def _question(self, chosen: Plan, changes: Sequence[Change], narrow: int) -> dict[str, object] | str:
        """The two programs, at one of the widths, with all that belongs to them; a text: why there are none."""
        try:
            whole = (
                [chosen.node] if chosen.fix in (Cure.THROUGH, Cure.DEEPCOPY) else [change.node for change in changes]
            )
            measured = [key for node in whole for key in under(node)] if chosen.kind is Probe.COST else []
            chosen = (
                replace(chosen, begin=frozenset(measured)) if chosen.fix in (Cure.THROUGH, Cure.DEEPCOPY) else chosen
            )
            written = self._program_of(self.index, replace(chosen, begin=frozenset(measured)), False, narrow)
            changed = self._with_changes(chosen, changes, narrow)
            if changed is None and chosen.fix is Cure.CHANGES:
                raise Unwritable("the fix is not an expression that can replace it")
            fixed = changed or self._program_of(self.index, chosen, True, narrow)
        except Unwritable as error:
            return str(error)
        except Exception as error:  # a finding without a trial is still a finding
            return f"the slice could not be extracted: {type(error).__name__}: {error}"[:200]
        for one in (written, fixed):
            if said := complaint(one.text):
                return f"the slice may not be run: {said}"
        return {**_as_data(chosen, written, fixed), "by_fix": changed is not None}

    def _with_changes(self, chosen: Plan, changes: Sequence[Change], narrow: int) -> Written | None:
        """The program with the finding's own fix; None where there is none, or it cannot be written as a program."""
        made = substitute(self.index, changes) if changes else None
        if made is None:
            return None
        instead = made.instead
        watched = tuple((instead.get(node, node), tag) for node, tag in chosen.watched)
        others = tuple(instead.get(node, node) for node in chosen.others)
        node = instead.get(chosen.node, chosen.node)
        moved = replace(chosen, node=node, watched=watched, others=others, fix=Cure.NONE, at=None)
        if chosen.kind is Probe.COST:
            code = [i for one in made.index.codes.values() for i in one.every if i in made.new]
            moved = replace(moved, begin=frozenset(i.node for i in code))
        try:
            fixed = self._program_of(made.index, moved, True, narrow, made.new)
        except (Unwritable, RecursionError):
            return None
        return fixed if not complaint(fixed.text) else None

    def _program_of(
        self, index: Index, chosen: Plan, fixed: bool, narrow: int, new: frozenset[Instruction] = frozenset()
    ) -> Written:
        main = self._main(chosen, index)
        reach = Reach(index, self._program, chosen, main, narrow=narrow)
        seeds = reach.seeds(main) | reach.calls_on_the_path(main) | {i for i in index.code(main).every if i in new}
        if not seeds:
            raise Unwritable("it does not point at an instruction")
        reach.include(main, seeds)
        self._sisters(reach, chosen, main)
        owner = self._program.owner_of(main)
        if owner is not None and narrow < 2:
            init = owner.method("__init__")
            init = init if init is not None and init in self.index.codes else None
            wanted = self._stored(init, reach, main) if init is not None else set()
            if init is not None and wanted:
                reach.include(init, wanted)
        return Writer(reach, chosen, fixed).write()

    def _sisters(self, reach: Reach, chosen: Plan, main: Function) -> None:
        """Other methods of the class that the path goes by: they are called after the one that the event lies in."""
        owner = self._program.owner_of(main)
        nodes = [node for node, _ in chosen.watched] + list(chosen.others)
        for node in nodes:
            for function, _ in reach.index.at.get(node, ()):
                if owner is not None and function not in reach.functions and self._program.owner_of(function) is owner:
                    if function.name == "__init__":
                        continue
                    reach.include(function, reach.seeds(function))
                    reach.sisters.append(function)

    def _stored(self, init: Function, reach: Reach, main: Function) -> set[Instruction]:
        """The stores of `__init__` into attributes that the slice reads off `self`."""
        read = set()
        for function in reach.functions:
            code = reach.index.code(function)
            kept = reach.kept[function]
            me = self_of(function)
            read |= {i.attr for i in code.every if i in kept and isinstance(i, LoadAttr) and i.obj == me and me}
        code = reach.index.code(init)
        me = init.parameters[0].name if init.parameters else ""
        return {i for i in code.every if isinstance(i, StoreAttr) and i.obj == me and i.attr in read}

    def _main(self, chosen: Plan, index: Index) -> Function:
        nodes = [chosen.node, chosen.at, *(node for node, _ in chosen.watched)]
        for node in nodes:
            for function, instruction in index.at.get(node, ()):
                if not isinstance(instruction, Loop):
                    return function
        raise Unwritable("it does not point at an instruction")


_NARROW = (
    "",
    "with stand-ins for functions that are not on its path",
    "with stand-ins for everything that its path does not name",
)
"""What is said of a verdict that a narrower program gave."""


_BOUND_HERE = frozenset(
    {Probe.STALE, Probe.REPLICATED, Probe.ADRIFT, Probe.ALIKE, Probe.LEAF, Probe.TARGET, Probe.KEPT}
)
"""Kinds of harm that are looked for in whatever the program binds where it is watched."""


def _as_data(chosen: Plan, written: Written, fixed: Written) -> dict[str, object]:
    """Two programs as plain data, with what the probe must know."""
    facts = dict(chosen.facts)
    source = str(facts.get("source", ""))
    written.paths[:] = [p for p in written.paths if p != source]
    if facts.get("handed"):
        facts["paths"] = ["handed"]
    elif facts.get("through"):
        facts["paths"] = [facts["source"]]
    elif "paths" not in facts or chosen.kind in _BOUND_HERE:
        known = [str(path) for path in facts.get("paths", ())]  # type: ignore[attr-defined]
        both = [*known, *written.paths] if chosen.kind is Probe.KEPT else [*written.paths, *known]
        facts["paths"] = list(dict.fromkeys(both))
    for key in ("path", "source"):
        if key in facts:
            facts[key] = spelled_path(str(facts[key]))
    for key in ("paths", "others"):
        if key in facts:
            facts[key] = [spelled_path(str(path)) for path in facts[key]]  # type: ignore[attr-defined]
    return {
        "facts": facts,
        "written": written.text,
        "fixed": fixed.text,
        "written_lines": written.lines,
        "fixed_lines": fixed.lines,
        "tests": max(written.tests, fixed.tests),
        "written_needs": written.needs,
        "fixed_needs": fixed.needs,
        "needs": bool(written.needs),
        "test_words": written.words,
        "hints": {k: [x for x in v.split("|") if x] for k, v in {**fixed.hints, **written.hints}.items()},
        "written_whole": written.whole,
        "fixed_whole": fixed.whole,
        "left_out": list(dict.fromkeys([*written.left_out, *fixed.left_out])),
        "unsure": list(dict.fromkeys([*written.unsure, *fixed.unsure])),
        "shapes": [*dict.fromkeys([*written.shapes, *fixed.shapes])][:6],
    }
