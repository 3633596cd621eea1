"""`--confirm`: what torch says of findings, by programs cut out of the code they lie in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import verdicts
from blocks import blocks
from workspace import CLEAN, LOST, LOST_AT, Run, configure, places, write

from torchcopylint import cards
from torchcopylint.config import Settings
from torchcopylint.confirm.ask import Asker
from torchcopylint.confirm.asked import Probe
from torchcopylint.confirm.both import both
from torchcopylint.confirm.claim import families
from torchcopylint.confirm.repro import MACHINERY
from torchcopylint.confirm.session import Session
from torchcopylint.domain.event import Event
from torchcopylint.domain.finding import Finding, Ruling
from torchcopylint.files.source import Source
from torchcopylint.interpret import interpret
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Module
from torchcopylint.parse.concrete import parse
from torchcopylint.run import lint

LINTED = [rule for rule in cards.rules() if not rule.code.startswith("TCL9")]
every_rule = pytest.mark.parametrize("rule", LINTED, ids=lambda rule: rule.code)

BY_PATTERN = {
    "TCL105": "that a copy is moved to another device costs nothing on the CPU",
    "TCL205": "what `.data` hides from autograd and vmap, no program of a slice asks for",
    "TCL411": "the optimizers of the example are not given to the function together with their models",
    "TCL413": "the race is between a device and its host",
    "TCL606": "a program has no function that closes over another",
}
"""Rules whose own example cannot be confirmed from its own slice, and why: of these their pattern speaks."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Workers with torch, started once."""
    with Session(sys.executable, 10, 2) as session:
        yield session


def found(text: str, code: str) -> list[Finding]:
    """The findings of one rule in a text, each with its trial."""
    outcome = lint(Source("a.py", text), Settings(extend_select=(code,), asks=True))
    assert not outcome.failure, outcome.failure
    return [finding for finding in outcome.findings if finding.code == code]


def bad(rule: cards.Rule) -> str:
    return next(block.text for block in blocks(rule.path) if block.headings[-1] == "Bad" and block.language == "python")


def with_the_fix(question: dict[str, Any]) -> dict[str, Any]:
    """A question in which the fixed program stands as the one that was written."""
    parts = {f"written{part}": question[f"fixed{part}"] for part in ("", "_lines", "_needs")}
    return {**question, **parts, "narrower": [with_the_fix(one) for one in question.get("narrower", ())]}


@every_rule
def test_bad_is_confirmed_from_its_own_slice_and_not_with_the_fix(rule: cards.Rule, session: Session) -> None:
    findings = found(bad(rule), rule.code)
    assert findings
    asked = [json.loads(finding.trial) for finding in findings]
    fixed = [question if "why" in question else with_the_fix(question) for question in asked]
    answers = session.answers([*asked, *fixed], [rule.code] * 2 * len(asked), None)
    said = [(answer["outcome"], answer["reason"]) for answer in answers]
    confirmed = all(outcome == "confirmed" for outcome, _ in said[: len(asked)])
    assert confirmed != (rule.code in BY_PATTERN), said
    assert all(outcome != "refuted" for outcome, _ in said[: len(asked)]), said
    assert all(outcome != "confirmed" for outcome, _ in said[len(asked) :]), said


@every_rule
def test_bad_is_not_refuted_by_its_line(rule: cards.Rule, session: Session) -> None:
    asked = [json.loads(finding.trial)["line"] for finding in found(bad(rule), rule.code)]
    answers = session.answers(asked, [rule.code] * len(asked), None)
    assert all(answer["outcome"] != "refuted" for answer in answers), [answer["reason"] for answer in answers]


def forced(rule: cards.Rule) -> list[Any]:
    """What is asked of the rule's Good where its check fires on every event of its kind's family."""
    questions: list[Any] = []

    def look(module: Module, program: Program, events: tuple[Event, ...]) -> None:
        asker = Asker(module, program)
        questions.extend(asker.ask(e, (), rule.slug) for e in events if isinstance(e, families(rule)))

    for block in blocks(rule.path):
        if block.headings[-1] == "Good" and block.language == "python":
            source = Source("a.py", block.text)
            tree = parse(source)
            interpret(tree, source, look=look)
    return questions


def test_good_is_never_confirmed_even_if_its_check_is_forced_to_fire(session: Session) -> None:
    questions = [(rule.code, question) for rule in LINTED for question in forced(rule)]
    assert len(questions) > 8
    answers = session.answers([question for _, question in questions], [code for code, _ in questions], None)
    wrong = [
        (code, a["reason"]) for (code, _), a in zip(questions, answers, strict=True) if a["outcome"] == "confirmed"
    ]
    assert not wrong


def test_of_the_cases_only_what_is_listed_is_refuted(session: Session) -> None:
    """The pages of what is listed, and some more; `python tests/support/verdicts.py` asks about all."""
    listed = {place.page for place in verdicts.listed()}
    chosen = verdicts.asked([page for n, page in enumerate(verdicts.pages()) if page.stem in listed or n % 30 == 0])
    answers = session.together([questions for _, questions in chosen], [place.code for place, _ in chosen])
    refuted = {place for (place, _), answer in zip(chosen, answers, strict=True) if answer["outcome"] == "refuted"}
    assert refuted == verdicts.listed()


VIEW = """\
import torch

def loss(boxes: torch.Tensor, scores: torch.Tensor, scale: float):
    {line}
    return (boxes * scores).sum()
"""


def test_different_code_gives_different_programs(session: Session) -> None:
    texts = [VIEW.format(line=line) for line in ("boxes[:, 2:] *= scale", "scores.detach().clamp_(max=0.5)")]
    findings = [finding for text in texts for finding in found(text, "TCL309")]
    first, second = (json.loads(finding.trial)["written"] for finding in findings)
    assert "boxes[:, 2:] *= scale" in first and "clamp_(max=0.5)" in second
    verdicts = session.verdicts(findings)
    assert [verdict.ruling for verdict in verdicts] == [Ruling.CONFIRMED, Ruling.CONFIRMED]
    assert "the caller's `boxes` changed" in verdicts[0].reason and "`scores`" in verdicts[1].reason


HELPER = """\
import torch
from torch import nn


def snapshot(net: nn.Module):
    return net.state_dict()


def learn(net: nn.Module, opt, batch):
    opt.zero_grad()
    net(batch).sum().backward()
    opt.step()


def fit(model: nn.Module, batches):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    best = snapshot(model)
    for inputs in batches:
        learn(model, optimizer, inputs)
    model.load_state_dict(best)
"""


def test_helper_functions_of_the_file_are_part_of_the_program(session: Session) -> None:
    findings = found(HELPER, "TCL401")
    assert findings
    text = json.loads(findings[0].trial)["written"]
    assert "def snapshot(net):" in text and "def learn(net, opt, batch):" in text
    assert session.verdicts(findings)[0].ruling is Ruling.CONFIRMED


def test_a_finding_that_its_own_line_refutes_is_not_confirmed(session: Session) -> None:
    bad, good = "pred.clamp_(0.1, 0.9)", "pred = pred.clamp(0.1, 0.9)"
    finding = found(f"import torch\n\ndef loss(pred: torch.Tensor, y):\n    {bad}\n    return pred - y\n", "TCL309")[0]
    asked = json.loads(finding.trial)
    assert session.verdicts([finding])[0].ruling is Ruling.CONFIRMED
    asked["line"]["written"] = asked["line"]["written"].replace(bad, good)
    asked["line"]["facts"] |= {"writes": False, "targets": [], "binds": ["pred"]}
    (said,) = session.verdicts([replace(finding, trial=json.dumps(asked))])
    assert said.ruling is Ruling.INCONCLUSIVE
    assert "`pred` changed" in said.reason and "; but in 8 runs of the whole function, " in said.reason


TWO = [
    ("confirmed", "refuted", True, "inconclusive"),
    ("refuted", "confirmed", True, "inconclusive"),
    ("confirmed", "inconclusive", True, "confirmed"),
    ("refuted", "inconclusive", True, "inconclusive"),
    ("refuted", "inconclusive", False, "refuted"),
    ("inconclusive", "confirmed", True, "confirmed"),
    ("inconclusive", "refuted", True, "refuted"),
    ("confirmed", "confirmed", True, "confirmed"),
    ("inconclusive", "inconclusive", True, "inconclusive"),
]


@pytest.mark.parametrize(("event", "line", "asked", "outcome"), TWO)
def test_two_answers_that_contradict_each_other_decide_nothing(
    event: str, line: str, asked: bool, outcome: str
) -> None:
    answers = [{"outcome": said, "reason": said} for said in (event, line)]
    made = both(*answers, asked)
    assert made["outcome"] == outcome
    if outcome not in (event, line):
        assert made["reason"] == f"{event}; but {line}" and made["shows"] == event


def test_what_holds_for_one_kind_alone_is_not_confirmed(session: Session) -> None:
    event = json.loads(found(VIEW.format(line="boxes[:, 2:] *= scale"), "TCL309")[0].trial)
    asked = {**event, "narrower": [], "unsure": ["scale"]}
    (answer,) = session.answers([asked], ["TCL309"], None)
    assert answer["outcome"] == "confirmed"
    asked = {**event, "narrower": [], "unsure": ["boxes"]}
    for which in ("written", "fixed"):
        asked[which] = asked[which].replace("boxes[:, 2:] *= scale", "boxes *= scale").replace(".sum()", "")
    (answer,) = session.answers([asked], ["TCL309"], None)
    assert answer["outcome"] == "inconclusive" and "not so if `boxes` is a number" in answer["reason"]


def test_what_does_no_harm_is_refuted(session: Session) -> None:
    finding = found(VIEW.format(line="boxes[:, 2:] *= scale"), "TCL309")[0]
    question = json.loads(finding.trial)
    for one in (question, *question["narrower"]):
        for which in ("written", "fixed"):
            one[which] = one[which].replace("boxes[:, 2:] *= scale", "boxes = boxes * scale")
    answer = session.answers([question], ["TCL309"], None)[0]
    assert answer["outcome"] == "refuted", answer


# The command line


def test_verdicts_are_printed_and_saved_programs_tell_what_they_show(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    done = torchcopylint("--confirm", "a.py", "--save-snippets", "saved", "--show-snippet")
    assert (done.returncode, places(done.stdout)) == (1, [f"a.py:{LOST_AT}"])
    assert "[confirmed: " in done.stdout
    assert "def program():" in done.stderr and "asked" not in done.stderr
    saved = sorted((tmp_path / "saved").iterdir())
    assert [path.name for path in saved] == ["TCL505-a-py-4-1.py", MACHINERY]
    assert len(saved[0].read_text(encoding="utf-8").splitlines()) < 60
    told = subprocess.run([sys.executable, "-I", saved[0]], capture_output=True, text=True, cwd="/", timeout=120)
    assert told.returncode == 0, told.stderr
    assert "confirmed: `x` is the same after it" in told.stdout and "not so with the fix" in told.stdout
    saved[0].write_text(saved[0].read_text(encoding="utf-8").replace("x.clone()", "x = x * 2"), encoding="utf-8")
    told = subprocess.run([sys.executable, "-I", saved[0]], capture_output=True, text=True, cwd="/", timeout=120)
    assert told.returncode == 1 and "this differs from the result when it was saved: confirmed" in told.stdout


def test_without_torch_the_findings_are_printed_and_exit_with_2(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    for python, words in ((bare, "has no torch that works"), (tmp_path / "none", "cannot be started")):
        done = torchcopylint("--confirm", "--python", python, "a.py")
        assert (done.returncode, places(done.stdout)) == (2, [f"a.py:{LOST_AT}"])
        assert words in done.stderr and "--python" in done.stderr
        assert "Traceback" not in done.stderr


def test_nothing_to_confirm_needs_no_torch(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=CLEAN)
    configure(tmp_path, f'confirm.python = "{tmp_path / "none"}"\nconfirm.deadline = 5')
    done = torchcopylint("--confirm", "a.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_fork_each_program_has_a_process_of_its_own_as_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHCOPYLINT_NO_FORK", "1")
    finding = found(LOST, "TCL505")[0]
    with Session(sys.executable, 10, 1) as session:
        answer = session.answers([json.loads(finding.trial)], ["TCL505"], None)[0]
    assert answer["outcome"] == "confirmed"
    assert "audit" in answer["force"] and "as" in answer["force"]


@pytest.mark.parametrize("probe", Probe)
def test_the_process_that_runs_programs_knows_every_probe(probe: Probe) -> None:
    from torchcopylint.confirm.worker import probe as worker

    assert not worker.past(str(probe.value), worker.Run())
