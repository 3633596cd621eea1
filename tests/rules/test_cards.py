"""Every rule card keeps its word: Bad is reported, Good is not, and torch itself confirms the harm."""

from __future__ import annotations

import multiprocessing
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from blocks import expected, fixed, reported, unmarked
from workspace import ROOT

from torchcopylint import cards
from torchcopylint.cards import Block, Card, CardError, Rule

ALL = cards.rules()
LINTED = [rule for rule in ALL if not rule.code.startswith("TCL9")]
every_rule = pytest.mark.parametrize("rule", LINTED, ids=lambda rule: rule.code)

Verdict = tuple[str, str, str]
Execute = Callable[[Card, str], Verdict]


def code(card: Card, title: str) -> Block:
    section = card.section(title)
    assert section, f"{card.rule.path}: no section {title}"
    pythons = [block for block in section.blocks if block.language == "python"]
    assert len(pythons) == 1, f"{card.rule.path}:{section.line}: {title} needs one python block, has {len(pythons)}"
    return pythons[0]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_the_card_has_its_keys_and_headings(rule: Rule) -> None:
    card = cards.load(rule)
    assert (card.section("Fix safety") is not None) == (card.fix == "unsafe")
    assert "\n" not in card.message
    assert all(section.text for section in card.sections)


def test_every_card_is_a_rule_and_nothing_else_lies_there() -> None:
    known = {rule.path.name for rule in ALL} | {"README.md"} | {path.name for path in cards.pages().values()}
    assert {path.name for path in (ROOT / "rules").iterdir()} == known


def test_every_card_has_a_check_and_every_check_a_card() -> None:
    checks = {path.stem.replace("_", "-") for path in (ROOT / "torchcopylint" / "checks").glob("*.py")} - {"--init--"}
    assert checks == {rule.slug for rule in LINTED}


def test_no_code_and_no_slug_is_given_twice() -> None:
    assert len({rule.code for rule in ALL}) == len({rule.slug for rule in ALL}) == len(ALL)


@every_rule
def test_bad_is_reported_on_its_marked_lines_and_nowhere_else(rule: Rule) -> None:
    bad = code(cards.load(rule), "Bad")
    assert expected(bad.text), "no line of Bad is marked"
    assert reported(rule.path, bad.text, rule.code) == expected(bad.text)


@every_rule
def test_good_is_silent(rule: Rule) -> None:
    assert reported(rule.path, code(cards.load(rule), "Good").text, rule.code) == []


@every_rule
def test_proof_holds_after_bad(rule: Rule, execute: Execute) -> None:
    stage, kind, trace = execute(cards.load(rule), "Bad")
    assert stage == "done", f"{kind} in {stage}\n{trace}"


@every_rule
def test_proof_fails_after_good(rule: Rule, execute: Execute) -> None:
    stage, kind, trace = execute(cards.load(rule), "Good")
    assert stage == "Proof", f"the Proof holds after Good too, or Good does not run: {stage}\n{trace}"
    assert kind != "NameError", f"the Proof never gets to look at Good\n{trace}"


NO_FIX_OF_BAD = {
    "TCL402": "not written yet",
    "TCL404": "not written yet",
    "TCL409": "not written yet",
}
"""Rules with a fix whose check does not propose one for their Bad, and why."""


@every_rule
def test_good_is_bad_with_its_fix_made(rule: Rule) -> None:
    bad = code(cards.load(rule), "Bad")
    done = fixed(rule.path, unmarked(bad.text), rule.code)
    if done.done or done.refused:
        assert done.refused == ()
        assert done.source.text == unmarked(code(cards.load(rule), "Good").text)


def test_rules_that_have_a_fix_propose_it_for_their_bad() -> None:
    without = {
        rule.code
        for rule in LINTED
        if (card := cards.load(rule)).fix != "none"
        and not fixed(rule.path, unmarked(code(card, "Bad").text), rule.code).done
    }
    print("no fix of Bad:", *sorted(without))
    assert without <= set(NO_FIX_OF_BAD)


@pytest.fixture(scope="module")
def execute() -> Execute:
    """Runs a section of a card and then its Proof on real torch: where it ended, on which exception, the traceback."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch  # once: every process forked from here has it

        # The first step of an optimizer imports as much again as torch itself.
        torch.optim.SGD([torch.ones(1, requires_grad=True)], 0.1).step()

    fork = multiprocessing.get_context("fork")

    def run(card: Card, title: str) -> Verdict:
        receiver, sender = fork.Pipe(duplex=False)
        child = fork.Process(target=_execute, args=(card, title, sender))
        child.start()
        sender.close()
        try:
            answered = receiver.poll(60)
            verdict: Verdict = receiver.recv() if answered else ("timeout", "", "")
        except EOFError:
            verdict = ("crash", "", "")
        child.kill()
        child.join()
        return verdict

    return run


def _execute(card: Card, title: str, sender: Connection) -> None:
    import torch

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    names: dict[str, object] = {"__name__": "card"}
    for stage in (title, "Proof"):
        block = code(card, stage)
        try:
            # The blank lines in front make a traceback point into the card.
            exec(compile("\n" * (block.line - 1) + block.text, card.rule.path, "exec"), names)
        except Exception as error:
            sender.send((stage, type(error).__name__, traceback.format_exc()))
            return
    sender.send(("done", "", ""))


GOOD_CARD = """\
# TCL777 some-rule

```toml
family = "x"
default = "on"
confidence = "high"
fix = "none"
confirm = true
since = "0.1"
message = "`{name}` is wrong"
```

## What it does
One. Two.
## Why it matters
Text.
## Bad
```python
# # not a heading
## What it does
```
## Good
Text.
## Proof
Text.
## Limits
Text.
"""


def read(text: str) -> Card:
    return cards.read(Rule("TCL777", "some-rule", Path("rules/TCL777-some-rule.md")), text)


def test_a_card_gives_its_parts() -> None:
    card = read(GOOD_CARD)
    assert card.summary == "One."
    assert card.say({"name": "best"}) == "`best` is wrong"
    assert (card.on, card.confidence.name, card.shown_from.name) == (True, "HIGH", "MEDIUM")
    assert code(card, "Bad") == Block("python", "# # not a heading\n## What it does\n", 19)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param("# TCL777 some-rule", "# TCL778 some-rule", ":1: must begin with the line", id="title"),
        pytest.param("```toml", "```yaml", ":2: one ```toml block", id="no toml"),
        pytest.param('family = "x"', "family = x", "toml block from line 4", id="not toml"),
        pytest.param('family = "x"\n', "", ":4: family: missing key", id="missing key"),
        pytest.param('"on"', "true", ":5: default: must be one of on, off, not True", id="not a choice"),
        pytest.param("= true", '= "yes"', ":8: confirm: must be true or false", id="not a flag"),
        pytest.param('since = "0.1"', "since = 0.1", ":9: since: must be a non-empty string", id="not a string"),
        pytest.param('since = "0.1"', 'since = "0.1"\nsnce = 1', ":10: snce: unknown key", id="unknown key"),
        pytest.param("{name}", "{name", ":10: message: expected '}'", id="open brace"),
        pytest.param("{name}", "{0}", ":10: message: a placeholder must be a single identifier", id="placeholder"),
        pytest.param("## Limits", "## Limit", ":26: unknown heading 'Limit'", id="unknown heading"),
        pytest.param("## Limits\nText.\n", "", "missing heading: Limits", id="missing heading"),
        pytest.param("## Good\nText.\n## Proof", "## Proof\nText.\n## Good", "in this order", id="order"),
        pytest.param("does\n```\n", "does\n", ":18: this block is never closed", id="open block"),
    ],
)
def test_a_bad_card_is_named_with_file_line_and_key(old: str, new: str, complaint: str) -> None:
    assert old in GOOD_CARD
    with pytest.raises(CardError) as error:
        read(GOOD_CARD.replace(old, new, 1))
    assert str(error.value).startswith("rules/TCL777-some-rule.md")
    assert complaint in str(error.value)


def test_a_placeholder_that_got_no_value_is_named() -> None:
    with pytest.raises(CardError, match=r"placeholder \{name\} got no value; the check gave: model, save"):
        read(GOOD_CARD).say({"model": "m", "save": "s"})
