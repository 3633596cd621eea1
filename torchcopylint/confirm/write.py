"""A slice → Python: a program, as written or with the fix, in which every unknown is a stand-in."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from torchcopylint.confirm.allowed import methods
from torchcopylint.confirm.asked import Probe, Tag
from torchcopylint.confirm.called import Calls
from torchcopylint.confirm.expression import Speller
from torchcopylint.confirm.key import key_of, key_path, plain_default
from torchcopylint.confirm.kinds import by_name, guesses, sure
from torchcopylint.confirm.plan import Plan
from torchcopylint.confirm.reach import Reach, own_name
from torchcopylint.confirm.slice import Code, defined, self_of, used, walk
from torchcopylint.domain.kind import Kind
from torchcopylint.interpret.classes import attribute_kind
from torchcopylint.ir import (
    Append,
    Augment,
    Block,
    Build,
    Call,
    Const,
    Discard,
    Function,
    If,
    Instruction,
    Jump,
    LoadAttr,
    Loop,
    MakeClass,
    Move,
    Parameter,
    Return,
    Slice,
    StoreAttr,
    StoreItem,
    Try,
    Unpack,
    With,
    Yield,
    syntax,
)
from torchcopylint.ir.kind import TAKES_MORE, BuildKind, LoopKind, ParameterKind
from torchcopylint.ir.question import decorators, text_of
from torchcopylint.ir.site import Site

_AFTER = frozenset({Tag.TAKEN, Tag.TAKEN_TOO, Tag.CHANGED, Tag.KEPT, Tag.MADE})
_BINDING = frozenset({Tag.TAKEN, Tag.TAKEN_TOO, Tag.MADE, Tag.KEPT})
_BEFORE = frozenset({Tag.USED, Tag.COMPARED, Tag.STEPPED})
_MUST = frozenset({Tag.WRITE, Tag.TAKEN, Tag.KEPT, Tag.MADE, Tag.CHANGE})
_CONTEXTS = ("torch.no_grad", "torch.enable_grad", "torch.inference_mode", "torch.set_grad_enabled")
_PUTS = (Append, StoreItem, StoreAttr, Discard)
"""What may put a value into a container or an object."""
_LONG_TEST = 60
_MODES = ("no_grad", "inference_mode", "enable_grad")
_STEPPING = frozenset({Probe.STALE, Probe.LINK, Probe.COST, Probe.LINE})
_STARS = {ParameterKind.STAR: "*", ParameterKind.DOUBLE_STAR: "**"}
_TOLD = frozenset({Kind.TENSOR, Kind.MODULE, Kind.OPTIMIZER})
_PLACE = re.compile(r"[A-Za-z_][\w.]*(\[[^\[\]]*\])?")


@dataclass(frozen=True, slots=True)
class Written:
    """One program: its text, the lines that must run as they stand, the number of tests, the kinds of stand-ins.

    shapes: those of tensors that the layers in the code call for; paths: where what the event speaks of was bound.
    needs: how tests must come out on the way to what is watched; words: the tests as the user wrote them.
    whole: lines without which the program proves nothing; left_out: what may undo the harm and is not in it.
    unsure: parameters whose stand-ins are of kinds that are not certain.
    """

    text: str
    lines: tuple[int, ...]
    tests: int
    hints: dict[str, str]
    shapes: tuple[tuple[int, ...], ...]
    paths: list[str]
    needs: dict[int, bool]
    words: dict[int, str]
    whole: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(slots=True)
class Writer:
    """A program being written: its lines so far, and what waits for the next one."""

    reach: Reach
    plan: Plan
    fixed: bool
    lines: list[str] = field(default_factory=list)
    musts: list[int] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    tests: int = 0
    unsure: list[str] = field(default_factory=list)
    hints: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    free: dict[str, str] = field(default_factory=dict)
    pending: list[Tag] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    depth: int = 1
    tags: dict[object, list[Tag]] = field(default_factory=dict)
    told: set[Site] = field(default_factory=set)
    inlined: set[Site] = field(default_factory=set)
    begun: bool = False
    needs: dict[int, bool] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    marks: int = 0
    leaving: list[tuple[int, int]] = field(default_factory=list)
    speller: Speller = field(init=False)

    def __post_init__(self) -> None:
        self.speller = Speller(self)
        for node, tag in self.plan.watched:
            self.tags.setdefault(node, []).append(tag)

    def write(self) -> Written:
        """The whole program."""
        main = self.reach.main
        top = self.reach.index.module.top
        body: list[str] = []
        if self.plan.kind is Probe.DEFAULT and self.plan.facts["how"] == "attribute":
            self._line('shared_default = given("what is made once", "tensor")')
            self._line('mark("made")')
        for function in self.reach.functions:
            if function is not top and not self._in_class(function):
                self._function(function)
        for made in self.reach.classes:
            self._class(made)
        if top in self.reach.kept:
            self._body(self.reach.index.code(top), self.reach.index.code(top).body)
        body, self.lines = self.lines, []
        if main is not top:
            self._enter(main)
            for sister in self.reach.sisters:
                self._enter(sister, again=True)
            if self.plan.end is Tag.USED and self.plan.facts.get("trained"):
                self._train(main)
        if self.plan.end:
            self._line(f'mark("{self.plan.end.word}")')
        if self.plan.kind is Probe.STALE:
            self._line('mark("end")')
        free = [f"    {name} = {text}" for name, text in self.free.items()]
        shift = 1 + len(free)
        musts = [number + shift for number in self.musts]
        text = "\n".join(["def program():", *free, *body, *self.lines, ""])
        for layer in self.speller.layers[:1]:  # a module that is not made here may be such a one
            text = re.sub(r'(given\("[^"]*", "module)(?=["|])', rf"\1|layer:{layer}", text)
        shapes = tuple(dict.fromkeys([*self.speller.nearest, *self.speller.shapes]))
        whole = tuple(number + shift for number in self.whole)
        return Written(
            text,
            tuple(musts),
            self.tests,
            self.hints,
            shapes,
            self.paths,
            self.needs,
            self.words,
            whole,
            self._missing(),
            tuple(dict.fromkeys(self.unsure)),
        )

    def _missing(self) -> tuple[str, ...]:
        """What may undo the harm, and is not in the program, in the user's words."""
        lost = [
            text_of(i.node)
            for function in self.reach.functions
            for i in self.reach.index.code(function).every
            if i in self.reach.refuting and i.node not in self.told
        ]
        return tuple(dict.fromkeys([*self.reach.left_out, *lost]))

    def _in_class(self, function: Function) -> bool:
        return any(function in made.cls.methods.values() for made in self.reach.classes) and function.name in (
            "__init__", "forward", "__call__", "__getitem__",
        )  # fmt: skip

    def _function(self, function: Function, method: bool = False) -> None:
        """A function as a def of its own; without defaults and annotations, for it gets everything."""
        code = self.reach.index.code(function)
        names = []
        for parameter in function.parameters:
            name = self.speller.variable(parameter.name)
            names.append(_STARS.get(parameter.kind, "") + name)
        name = function.name if method else self.speller.function(function)
        self._line(f"def {name}({', '.join(names)}):")
        self.depth += 1
        start = len(self.lines)
        if method and function.name == "__init__":
            self._line("super().__init__()")
            if self._shares(function.owner):
                self._line(f"{function.parameters[0].name}.{own_name(self.plan.name)} = {self._one_for_all()}")
        context = self._decorated(function)
        if context:
            self._line(f"with {context}():")
            self.depth += 1
        inner = len(self.lines)
        self._body(code, code.body)
        self._passed_by()
        if self.plan.kind is Probe.STALE and self.plan.end and function is self.reach.main:
            self._at_the_end(f'mark("{self.plan.end.word}")')
        if context:
            self._close(inner)
        self._close(start)

    def _at_the_end(self, text: str) -> None:
        """A line at the end of a function, before what it returns."""
        last = self.lines.pop() if self.lines[-1].startswith("    " * self.depth + "return") else None
        self._line(text)
        if last is not None:
            self.lines.append(last)

    def _decorated(self, function: Function) -> str:
        """The context that a decorator runs a function in, where that is one of autograd's."""
        return next((f"torch.{name}" for name in decorators(function.node) if name in _MODES), "")

    def _passed_by(self) -> None:
        """What leaves a function before it comes to what is watched is not entered."""
        for number, marks in self.leaving:
            if self.marks > marks:
                self.needs.setdefault(number, False)
        self.leaving = []

    def _close(self, start: int) -> None:
        """End a block, which may not be empty."""
        if len(self.lines) == start:
            self._line("pass")
        self.depth -= 1

    def _class(self, made: MakeClass) -> None:
        kind = self.reach.program.kinds.get(made.cls.qualname)
        base = "Own" if kind is not None and kind.kind is Kind.MODULE else "Plain"
        self._line(f"class {self.speller.variable(made.cls.name)}({base}):")
        self.depth += 1
        start = len(self.lines)
        if self._shares(made.cls.name) and made.cls.methods.get("__init__") not in self.reach.functions:
            self._line("def __init__(self):")
            self._line("    super().__init__()")
            self._line(f"    self.{own_name(self.plan.name)} = {self._one_for_all()}")
        for name, method in made.cls.methods.items():
            if method in self.reach.functions and name in ("__init__", "forward", "__call__", "__getitem__"):
                self._function(method, method=True)
        self._close(start)

    def _train(self, main: Function) -> None:
        """What trains lies in no function of the slice: a stand-in for it."""
        source = str(self.plan.facts.get("source", ""))
        root = source.partition(".")[0]
        known = [self.speller.variable(p.name) for p in main.parameters]
        if root not in known:
            self._line(f"trained({', '.join(known)})")
        elif _PLACE.fullmatch(source):
            attrs = [own_name(part) if part not in methods() else part for part in source.split(".")[1:]]
            self._line(f"trained({'.'.join([root, *attrs])})")

    def _enter(self, main: Function, again: bool = False) -> None:
        """Call the function that the event lies in, with stand-ins; `again`: another method of the same object."""
        code = self.reach.index.code(main)
        owner = self.reach.program.owner_of(main) if self_of(main) else None
        args = []
        for number, parameter in enumerate(main.parameters):
            name = self.speller.variable(parameter.name)
            if owner is not None and number == 0 and again:
                name = self.speller.variable(self.reach.main.parameters[0].name)
            elif owner is not None and number == 0:
                base = "Own" if owner.kind is Kind.MODULE else "Plain"
                self._line(f"{name} = {base}()")
                self._initial(main, name)
            elif parameter.kind in TAKES_MORE:
                self._line(f"{name} = {self._given(code, parameter)}")
                name = _STARS[parameter.kind] + name
            else:
                if self.plan.kind is Probe.DEFAULT and parameter.name == self.plan.name and self._shared_default(name):
                    args.append(f"{parameter.name}={name}" if parameter.kind is ParameterKind.KEYWORD else name)
                    continue
                self._line(f"{name} = {self._given(code, parameter)}")
            args.append(f"{parameter.name}={name}" if parameter.kind is ParameterKind.KEYWORD else name)
        if self._shares(main.owner) and owner is not None:
            place = f"{self.speller.variable(main.parameters[0].name)}.{own_name(self.plan.name)}"
            self._line(f"{place} = {self._one_for_all()}")
        call = f"{self.speller.function(main)}({', '.join(args)})"
        call = f"list(rounds({call}))" if main.generator else call
        if self.plan.facts.get("handed") and not again:
            self._line(f"handed = {f'copied({call})' if self.fixed else call}")
            self._line('mark("taken")')
            return
        if self.plan.kind is Probe.KEPT and owner is not None and not again:
            self._line("for _ in rounds():")
            call = "    " + call
        self._line(call)

    def _shared_default(self, place: str) -> bool:
        """What is made once, and then handed to whoever comes: a stand-in; with the fix each gets one of its own."""
        self._line('shared_default = given("what is made once", "tensor")')
        self._line('mark("made")')
        self._line(f"{place} = {self._one_for_all()}")
        return True

    def _one_for_all(self) -> str:
        return "copied(shared_default)" if self.fixed else "shared_default"

    def _shares(self, owner: str) -> bool:
        """Whether the objects of a class share what the event speaks of."""
        wanted = str(self.plan.facts.get("class", ""))
        return self.plan.kind is Probe.DEFAULT and self.plan.facts["how"] == "attribute" and wanted == owner

    def _given(self, code: Code, parameter: Parameter) -> str:
        """A stand-in for what a parameter is given, of which is noted whether its kind is certain."""
        name = self.speller.variable(parameter.name)
        if parameter.kind in TAKES_MORE:
            return f'given("{name}", "{"tensors" if parameter.kind is ParameterKind.STAR else "dict"}")'
        frame = self.reach.program.frames.get(code.function)
        kinds = guesses(frame, code, parameter.name) or ("tensor" if "." not in name else "")
        default = plain_default(parameter)
        kinds = f"={default}|{kinds}" if default is not None else kinds
        if not sure(frame, code, parameter):
            self.unsure.append(name)
        return f'given("{name}", "{kinds}")'

    def _initial(self, main: Function, name: str) -> None:
        """What `__init__` leaves in the attributes that the slice reads, where that is a part of the slice."""
        init = next((f for f in self.reach.functions if f.name == "__init__" and f.owner == main.owner), None)
        if init is not None and main is not init and not self._in_class(init):
            code = self.reach.index.code(init)
            frame = self.reach.program.frames.get(init)
            given = [p for p in init.parameters[1:] if p.kind not in TAKES_MORE]
            arguments = [f'{p.name}=given("{p.name}", "{guesses(frame, code, p.name)}")' for p in given]
            self._line(f"{self.speller.function(init)}({', '.join([name, *arguments])})")

    def _line(self, text: str) -> None:
        self.marks += text.startswith("mark(")
        self.lines.append("    " * self.depth + text)

    def _body(self, code: Code, block: Block) -> None:
        kept = self.reach.kept.get(code.function, set())
        here = [i for i in block if i in kept]
        counts = Counter(name for i in code.every if i in kept for name in used(i))
        self.speller.enter(code, counts)
        for number, instruction in enumerate(here):
            following = here[number + 1] if number + 1 < len(here) else None
            self._instruction(code, instruction, following)

    def _emit(self, code: Code, text: str, *instructions: Instruction) -> None:
        """A line, with the marks of the instructions that went into it."""
        tags = [*self.pending, *(t for i in instructions for t in self.tags.get(i.node, ()))]
        tags = list(dict.fromkeys(tags))
        self.told |= {i.node for i in instructions}
        self.pending = []
        for tag in tags:
            if tag in _BEFORE:
                self._line(f'mark("{tag.word}")')
        if any(tag in _BINDING for tag in tags):
            self._bound(text)
        before, self.speller.first = self.speller.first, []
        for line in before:
            self._line(line)
        if text.startswith("return ") and any(tag in _AFTER for tag in tags):
            self._line(f"_r = {text.removeprefix('return ')}")
            text = "return _r"
            for tag in tags:
                self._line(f'mark("{tag.word}")')
        if self._begins(Tag.WRITE in tags, instructions):
            self._line('mark("before")')
        self._line(text)
        if any(tag in _MUST for tag in tags):
            self.musts.append(len(self.lines))
        if any(i in self.reach.refuting for i in instructions):
            self.whole.append(len(self.lines))
        after, self.after = self.after, []
        for line in (*after, *self.speller.last):
            self._line(line)
        self.speller.last = []
        if Tag.WRITE in tags:
            self._line('mark("after")')
        for tag in tags:
            if tag in _AFTER:
                self._line(f'mark("{tag.word}")')
        if self.plan.kind is Probe.STALE and any(isinstance(i, _PUTS) for i in instructions):
            self._line('mark("put")')

    def _bound(self, text: str) -> None:
        """Note where a line that is watched binds what it makes."""
        place = text.partition(" = ")[0].partition(" += ")[0].partition(".append(")[0]
        if _PLACE.fullmatch(place):
            self.paths.append(place if "'" in place or "." in place else place.partition("[")[0])

    def _begins(self, writes: bool, instructions: tuple[Instruction, ...]) -> bool:
        """Whether the line is the first of what is watched."""
        inside = self.inlined | {i.node for i in instructions}
        self.inlined = set()
        if not self.plan.begin:
            return writes
        if self.begun:
            self.begun = not writes
            return False
        found = writes or not inside.isdisjoint(self.plan.begin)
        self.begun = found and not writes
        return found

    def _instruction(self, code: Code, i: Instruction, following: Instruction | None) -> None:
        match i:
            case If():
                self._if(code, i)
            case Loop():
                self._loop(code, i)
            case With():
                self._with(code, i)
            case Try():
                for block in (i.body, i.orelse, i.final):
                    self._body(code, block)
            case Move() | Unpack() | StoreAttr() | StoreItem() | Return() | Yield() | Discard() | Append() | Augment():
                self._statement(code, i)
            case _:
                self._value(code, i, following)

    def _value(self, code: Code, i: Instruction, following: Instruction | None) -> None:
        """What computes a value: it becomes part of the line that uses it where that comes next, else a line."""
        bound = defined(i)
        if not bound:
            return
        text = self.speller.value(code, i)
        if text is None:
            return
        name = bound[0]
        light = not isinstance(i, (Call,)) and self.speller.counts[name] <= 1
        index = isinstance(i, Slice) or (isinstance(i, Build) and ":" in text and i.kind is BuildKind.TUPLE)
        light = (light or index or isinstance(i, (Const, LoadAttr))) and self.speller.counts[name] > 0
        next_uses = following is not None and name in used(following) and self.speller.counts[name] <= 1
        soon = next_uses and isinstance(following, (Move, StoreAttr, StoreItem, Return, Discard, Unpack, Append, Yield))
        if light or soon:
            self.speller.texts[name] = text
            self.told.add(i.node)
            self.pending += self.tags.get(i.node, [])
            self.inlined.add(i.node)
            self._trained(code, i)
            return
        self._trained(code, i)
        variable = self.speller.temporary(name)
        self._hint_line(code, variable, name)
        self._emit(code, f"{variable} = {text}", i)

    def _trained(self, code: Code, i: Instruction) -> None:
        """A step of an optimizer needs gradients: stand-ins for what backward leaves behind."""
        if isinstance(i, Call):
            func = code.definition(i.func)
            steps = isinstance(func, LoadAttr) and func.attr == "step" and self.plan.kind in _STEPPING
            if isinstance(func, LoadAttr) and steps and self.reach.callee(code, i).how is Calls.METHOD:
                self.speller.first.append(f"give_gradients({self.speller.operand(code, func.obj)})")

    def _statement(self, code: Code, i: Instruction) -> None:
        text = self.speller.statement(code, i)
        if text is None:
            told = i.node in self.told
            self.pending += [t for t in self.tags.get(i.node, ()) if t in _AFTER and not told]
            return
        if isinstance(i, Move):
            self._hint_line(code, text.partition(" = ")[0], i.dst)
        self._emit(code, text, i)

    def _if(self, code: Code, i: If) -> None:
        kept = self.reach.kept[code.function]
        body, orelse = (any(x in kept for x in walk(block)) for block in (i.body, i.orelse))
        if not body and not orelse:
            return
        number, self.tests = self.tests, self.tests + 1
        asked = text_of(_test(i.node))
        self.words[number] = asked if len(asked) < _LONG_TEST else f"{asked[: _LONG_TEST - 4]} ..."
        self._line(f"if {'' if body else 'not '}test({number}{self._computed(code, i, number)}):")
        marks = self.marks
        self._block(code, i.body if body else i.orelse)
        inside = self.marks > marks
        marks = self.marks
        if body and orelse:
            self._line("else:")
            self._block(code, i.orelse)
        if inside != (self.marks > marks):
            self.needs[number] = inside if body else not inside
        elif not inside and any(isinstance(x, (Return, Jump)) and x in kept for x in i.body):
            self.leaving.append((number, self.marks))

    def _computed(self, code: Code, i: If, number: int) -> str:
        """The test as it is computed, where the slice has all that it takes; in a line of its own, which may fail."""
        found = code.definition(i.test)
        if found is None or found not in self.reach.kept[code.function]:
            return ""
        text = self.speller.operand(code, i.test)
        if not re.fullmatch(r"_t\d+", text):
            self._emit(code, f"_c{number} = {text}")
            text = f"_c{number}"
        return f", {text}"

    def _block(self, code: Code, block: Block) -> None:
        self.depth += 1
        start = len(self.lines)
        self._body(code, block)
        self._close(start)

    def _loop(self, code: Code, i: Loop) -> None:
        if i.kind is LoopKind.WHILE:
            self._line("for _ in rounds():")
            body = (*i.head, *i.body)
        else:
            name = self.speller.item(code, i)
            self._line(f"for {name} in rounds({self.speller.operand(code, i.iterable)}):")
            body = i.body
        self._block(code, body)

    def _with(self, code: Code, i: With) -> None:
        made = code.definition(i.context)
        full = self.reach.dotted(code, made.func) if isinstance(made, Call) else ""
        self.speller.texts[i.bound] = 'given("a context", "thing")'
        if full in _CONTEXTS and isinstance(made, Call):
            self._line(f"with {self.speller.value(code, made)}:")
            self._block(code, i.body)
        else:
            self._body(code, i.body)

    def _hint_line(self, code: Code, variable: str, operand: str) -> None:
        """Remember what a line computes, for a stand-in should it not run."""
        if kinds := guesses(self.reach.program.frames.get(code.function), code, operand):
            self.hints.setdefault(variable, kinds)

    def unknown(self, code: Code, operand: str, words: str) -> str:
        """A stand-in for what an operand holds."""
        frame = self.reach.program.frames.get(code.function)
        kinds = guesses(frame, code, operand)
        key = key_of(words)
        self.hints.setdefault(key, kinds)
        return f'given("{key}", "{kinds}")'

    def hint(self, code: Code, i: LoadAttr, key: str) -> None:
        """Remember what an attribute of a stand-in may be."""
        frame = self.reach.program.frames.get(code.function)
        kinds = guesses(frame, code, i.dst)
        owner = self.reach.program.owner_of(code.function)
        if owner is not None and key.startswith("self."):
            kind = attribute_kind(self.reach.program, owner, i.attr).kind
            kinds = kinds or (str(kind.value) if kind in _TOLD else "")
        same = [other.dst for other in code.every if isinstance(other, LoadAttr) and key_path(code, other) == key]
        called = any(isinstance(other, Call) and other.func in same for other in code.every)
        read = {other.attr for other in code.every if isinstance(other, LoadAttr) and other.obj in same}
        thing = "thing" if any(attr not in methods() for attr in read) and not called else ""
        known = ["module" if called else "", thing if not kinds else "", kinds, *by_name(i.attr), thing]
        before = self.hints.get(key, "")
        self.hints[key] = "|".join(dict.fromkeys(x for x in "|".join([before, *known]).split("|") if x))


def _test(site: Site) -> Site:
    """What is tested: of `a and b`, whether `b` is looked at at all depends on `a`."""
    if isinstance(site, syntax.If | syntax.While | syntax.Assert | syntax.Conditional | syntax.Filter):
        return site.test
    return site.left if isinstance(site, syntax.BooleanOperation) else site
