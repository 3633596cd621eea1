"""Source files that want to be run: nothing of them is, and a program that breaks out of its rules meets the walls."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from executables import questions, stand_in

from torchcopylint.config import Settings
from torchcopylint.confirm.allowed import complaint
from torchcopylint.confirm.session import Session
from torchcopylint.domain.finding import Finding, Span
from torchcopylint.files.source import Source
from torchcopylint.run import lint

BASE = """\
import copy, os, sys
import numpy as np
import torch
import torch.nn.functional as F
CANARY = {canary!r}
def touch(*args, **kwargs):
    open(CANARY, "a").close()
    return 1
"""

FUNCTION = (
    "def loss(target: torch.Tensor, eps: float = 0.1):\n{body}    target.mul_(1 - eps)\n    return target.sum()\n"
)
RUN = "loss(torch.ones(2, 2))\n"


def function(*lines: str) -> str:
    return FUNCTION.format(body="".join(f"    {line}\n" for line in lines))


# ruff: noqa: E501  lines of hostile programs
TRICKS = {
    "top level": "touch()\n" + function(),
    "system": function("os.system('touch ' + CANARY)"),
    "decorator": "@touch\ndef other(): ...\n" + function(),
    "decorator of the function": "def run(f):\n    touch()\n    return f\n@run\n" + function(),
    "default argument": FUNCTION.replace("eps: float = 0.1", "eps: float = touch() / 10").format(body=""),
    "annotation": FUNCTION.replace("eps: float", "eps: touch()").format(body=""),
    "format spec": function("label = f'{eps:{touch()}}'", "eps = eps * len(label)"),
    "import": function("__import__('os').system('touch ' + CANARY)"),
    "eval": function("eval('touch()')"),
    "exec": function("exec('touch()')"),
    "fullwidth eval": function("\uff45val('touch()')"),
    "getattr chain": function("getattr(sys.modules['os'], 'sys' + 'tem')('touch ' + CANARY)"),
    "subclasses": function(
        "found = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'catch_warnings']",
        "found[0]()._module.__builtins__['open'](CANARY, 'a')",
    ),
    "globals of a function": function("loss.__globals__['touch']()"),
    "reduce": "class Evil:\n    def __reduce__(self):\n        return touch, ()\n"
    + function("held = copy.deepcopy(Evil())", "eps = eps * held"),
    "deepcopy hook": "class Evil:\n    def __deepcopy__(self, memo):\n        return touch()\n"
    + function("eps = eps * copy.deepcopy(Evil())"),
    "property": "class Evil:\n    @property\n    def eps(self):\n        return touch()\n" + function("eps = Evil().eps"),
    "metaclass": "class Meta(type):\n    def __new__(m, *a):\n        touch()\n        return type.__new__(m, *a)\n"
    "class Evil(metaclass=Meta): ...\n" + function("held = Evil()"),
    "descriptor": "class Evil:\n    def __set_name__(self, owner, name):\n        touch()\nclass Owner:\n    x = Evil()\n"
    + function(),
    "context manager": "class Evil:\n    def __enter__(self):\n        return touch()\n    def __exit__(self, *a): ...\n"
    + FUNCTION.replace("    target.mul_(1 - eps)", "    with Evil() as held:\n        target.mul_(held)").format(body=""),
    "operator": "class Evil:\n    def __rsub__(self, other):\n        return touch()\n"
    + FUNCTION.replace("eps: float = 0.1", "eps=Evil()").format(body=""),
    "tensor subclass": "class Evil(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, f, t, a=(), k=None):\n"
    "        touch()\n        return super().__torch_function__(f, t, a, k or {})\n"
    + function("eps = torch.ones(()).as_subclass(Evil)"),
    "torch.save": function("torch.save(target, CANARY)"),
    "numpy save": function("np.save(open(CANARY, 'wb'), target.numpy())"),
    "tofile": function("target.numpy().tofile(CANARY)"),
    "shadowed names": "given = mark = test = rounds = touch\n" + function("given('x')", "mark('before')"),
    "shadowed torch": function("torch = touch", "torch()"),
    "lambda": function("run = lambda *a: touch()", "eps = run(target)"),
    "import hook": "class Finder:\n    def find_spec(self, *a):\n        touch()\nsys.meta_path.insert(0, Finder())\n"
    + function("import no_such_module_at_all") .replace("import no_such", "try: import no_such")
    .replace("module_at_all", "module_at_all\n    except ImportError: pass"),
    "key that breaks out": function("held = {\"'); open(CANARY, 'a'); ('\": touch()}", "eps = list(held.values())[0]"),
    "apply": function("target.apply_(touch)"),
    "hook": function("held = target * torch.ones(2, 2, requires_grad=True)", "held.register_hook(touch)",
                     "held.sum().backward()"),
}  # fmt: skip
"""Each leaves a file where it is run."""

HEAVY = {
    "huge power": function("eps = 9 ** 9 ** 9"),
    "huge text": function("held = 'a' * 10 ** 12", "eps = eps * len(held)"),
    "huge tensor": function("held = torch.ones(10 ** 6, 10 ** 6)", "eps = eps * held.sum()"),
    "endless loop": function("while True:", "    eps = eps + 1"),
    "endless recursion": "def deeper(x):\n    return deeper(x) + 1\n" + function("eps = deeper(eps)"),
    "fork bomb": function("while True:", "    os.fork()"),
    "huge number": function(f"eps = {'9' * 4000}"),
}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Workers with torch, started once, that give a program little time."""
    with Session(sys.executable, 4, 2) as session:
        yield session


@pytest.fixture(scope="module", autouse=True)
def torch_is_here() -> None:
    """Torch in this process, once: every process forked from here has it."""
    import numpy  # noqa: F401
    import torch

    torch.set_num_threads(1)


def question_of(text: str) -> Any:
    outcome = lint(Source("a.py", text), Settings(asks=True))
    assert not outcome.failure, outcome.failure
    trials = [finding.trial for finding in outcome.findings if finding.code == "TCL309"]
    assert trials, "there is nothing to confirm in it"
    return json.loads(trials[0])


def in_a_fork(work: Any) -> int:
    """How a process that does this ends."""
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize("name", TRICKS)
def test_nothing_of_a_source_is_run(name: str, session: Session, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    text = BASE.format(canary=str(canary)) + TRICKS[name]
    in_a_fork(lambda: exec(compile(text + RUN, "hostile", "exec", dont_inherit=True), {"__name__": "hostile"}))
    assert canary.exists(), "the trick does nothing: this test could not fail"
    canary.unlink()
    question = question_of(text)
    if "why" not in question:
        assert complaint(question["written"]) == complaint(question["fixed"]) == ""
        assert str(canary) not in question["written"] + question["fixed"]
        session.answers([question], ["TCL309"], None)
    assert not canary.exists()


@pytest.mark.parametrize("name", HEAVY)
def test_what_would_eat_the_machine_is_over_soon(name: str, session: Session) -> None:
    begun = time.monotonic()
    question = question_of(BASE.format(canary="/nowhere") + HEAVY[name])
    answers = session.answers([question, question_of(BASE.format(canary="/nowhere") + function())], ["", ""], None)
    assert time.monotonic() - begun < 30
    assert answers[1]["outcome"] == "confirmed", "the program beside it was harmed"


BREAKS_OUT = """\
o = ().__class__.__base__.__subclasses__()
w = [c for c in o if c.__name__ == 'catch_warnings'][0]
b = w()._module.__builtins__
b = b if b.__class__ is dict else b.__dict__
load = b['__import__']
"""

ATTACKS = {
    "open": "b['open']({canary!r}, 'w').close()",
    "os.open": "os = load('os')\nos.close(os.open({canary!r}, os.O_WRONLY | os.O_CREAT))",
    "creat": "f = load('ctypes').CDLL(None).creat\nf({canary!r}.encode(), 0o600)",
    "mkdir": "load('os').mkdir({canary!r})",
    "mkdir of the C library": "f = load('ctypes').CDLL(None).mkdir\nf({canary!r}.encode(), 0o700)",
    "symlink": "load('os').symlink('/', {canary!r})",
    "system": "load('os').system('touch ' + {canary!r})",
    "subprocess": "load('subprocess').run(['touch', {canary!r}])",
    "fork": "os = load('os')\nif os.fork() == 0:\n    b['open']({canary!r}, 'w').close()\n    os._exit(0)\nos.wait()",
    "fork of the C library": "f = load('ctypes').CDLL(None).fork\nif f() >= 0:\n    b['open']({canary!r}, 'w').close()",
    "thread": "t = load('threading').Thread(target=lambda: b['open']({canary!r}, 'w').close())\nt.start()\nt.join()",
    "socket": "s = load('socket').socket()\nb['open']({canary!r}, 'w').close()",
    "socketpair of the C library": "l = load('ctypes')\nv = (l.c_int * 2)()\n"
    "if l.CDLL(None).socketpair(1, 1, 0, v) == 0:\n    b['open']({canary!r}, 'w').close()",
}
"""What a program would do that had got hold of all of Python; the check refuses them, here it is left out."""


def put(body: str) -> dict[str, Any]:
    inner = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"def program():\n    x = torch.ones(2)\n{inner}    mark('before')\n    mark('after')\n"
    lines = list(range(1, text.count("\n") + 1))
    return {"kind": "raise", "facts": {}, "written": text, "fixed": text, "written_lines": lines, "fixed_lines": lines,
            "tests": 0, "hints": {}}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_program_that_breaks_out_meets_the_walls(name: str, session: Session, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    body = BREAKS_OUT + ATTACKS[name].format(canary=str(canary))
    assert complaint(put(body)["written"])
    in_a_fork(lambda: exec(compile(body, "hostile", "exec"), {}))
    assert canary.exists() or canary.is_symlink(), "the attack does nothing: this test could not fail"
    if canary.is_dir() and not canary.is_symlink():
        canary.rmdir()
    else:
        canary.unlink()
    answer = session.answers([put(body)], [""], None)[0]
    assert not canary.exists() and not canary.is_symlink(), answer


def test_a_program_cannot_stop_the_one_that_runs_it(session: Session) -> None:
    kills = f"os = load('os')\nload('ctypes').CDLL(None).kill(os.getppid(), {int(signal.SIGKILL)})"
    session.answers([put(BREAKS_OUT + kills)], [""], None)
    pids = [worker.process.pid for worker in session.workers]
    session.answers([put(BREAKS_OUT + kills)], [""], None)
    assert [worker.process.pid for worker in session.workers] == pids


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("while True:\n    pass", "stopped after 4 seconds"),
        (BREAKS_OUT + "load('faulthandler')._sigsegv()", "SIGSEGV"),
        (BREAKS_OUT + "load('os')._exit(0)", "ended without an answer"),
        ("x = [torch.ones(1000, 1000) for i in range(10 ** 6)]", ""),
    ],
    ids=["hang", "crash", "exit", "memory"],
)
def test_what_becomes_of_a_program_costs_its_verdict_only(body: str, words: str, session: Session) -> None:
    good = question_of(BASE.format(canary="/nowhere") + function())
    answers = session.answers([put(body), good], ["", ""], None)
    assert answers[0]["outcome"] != "refuted" and words in answers[0]["reason"]
    assert answers[1]["outcome"] == "confirmed"


@pytest.mark.parametrize(
    "text",
    [
        "import os", "from os import system", "torch.os.system('x')", "torch.load('x')", "torch.hub.load('a')",
        "torch.utils.cpp_extension.load('x')", "torch.ops.load_library('x')", "np.save('x', 1)", "np.lib", "x = torch",
        "x = nn.modules", "F.__dict__", "given('x').__class__", "given('x').gi_frame", "given('x').f_globals",
        "given('x').tofile('x')", "given('x').share_memory_()", "given('x').format()", "open('x')", "eval('1')",
        "\uff45val('1')", "__import__('os')", "getattr(1, 'x')", "f'{1}'", "lambda: 1", "'%99999d' % 1", "x = 10 ** 999999"
        .replace("999999", "9999999"), "x = 999999999", "'a\\nb'", "'a\"b'", "@given\ndef f(): pass",
        "def f(x=given('a')): pass", "class A(object): pass", "class A(Own, metaclass=Own): pass", "global torch",
        "given = 1", "torch = 1", "def mark(): pass", "def __getattr__(x): pass", "async def f(): pass", "x = b'a'",
        "torch.set_default_device('meta')", "torch.compile(given('f'))", "nn.Module.compile", "nn.Linear(1, 1).compile()",
        "x = y", "import torch", "del torch", "with open('x'): pass", "try:\n    x = 1\nfinally:\n    x = 2",
        "while True: pass", "x: int = 1", "(x := 1)", "raise RuntimeError", "assert given('x')", "x = yield 1 if 1 else 2",
    ],
)  # fmt: skip
def test_the_check_refuses(text: str) -> None:
    assert complaint(text), text


GOOD = "def program():\n    x = torch.ones(2)\n    mark('before')\n    mark('after')\n"


@pytest.mark.parametrize(
    "forged",
    [
        {"written": "import os"},
        {"fixed": "def program():\n    open('x')\n"},
        {"narrower": [{"written": "open('x')", "fixed": GOOD}]},
        {"kind": "pattern", "texts": ["import os"]},
        {"kind": 1},
        {"narrower": None},
        {"facts": []},
        {"written": 1},
        {"written": None},
        {"line": {"kind": "line", "facts": {}, "written": "import os", "fixed": GOOD, "narrower": []}},
        {"line": {"kind": "pattern", "facts": {}, "texts": ["import os"], "narrower": []}},
        {"line": 1},
    ],
)
def test_a_trial_that_was_forged_in_a_cache_is_not_run(tmp_path: Path, forged: dict[str, Any]) -> None:
    trial = {"kind": "raise", "facts": {}, "written": GOOD, "fixed": GOOD, "narrower": [], **forged}
    asked = Finding("a.py", Span(1, 1, 1, 2), "TCL505", "discarded-copy", "m", trial=json.dumps(trial))
    with Session(str(stand_in(tmp_path / "python")), 4, 1) as session:
        (said,) = session.verdicts([asked])
    assert "the stored program is not one that may be run" in said.reason
    texts = [text for line in questions(tmp_path / "python").splitlines() for text in json.loads(line).get("texts", [])]
    assert "import os" not in texts and len(questions(tmp_path / "python").splitlines()) == 1  # the rule's own example
