"""The tables of rules in the documents are those of the cards, and what the README shows is what the program prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from documents import in_sync
from ecosystem.triage import figures, figures_of, read_seen, read_verdicts
from hand_cases import NOT_EXECUTED
from workspace import ROOT, Run

from torchcopylint import cards
from torchcopylint.cli.named import COMMANDS
from torchcopylint.config.keys import schema
from torchcopylint.models.table import names, row, torch_version

README = ROOT / "README.md"


def table(links: str) -> str:
    """All rules as a Markdown table whose codes link to the cards."""
    rows = ["| code | name | default | fix | what it does |", "|---|---|---|---|---|"]
    for rule in cards.rules():
        card = cards.load(rule)
        state, fix = "on" if card.on else "off", "" if card.fix == "none" else card.fix
        summary = card.summary.replace("|", "\\|")
        rows.append(f"| [{rule.code}]({links}{rule.path.name}) | {rule.slug} | {state} | {fix} | {summary} |")
    return "\n".join(rows)


@pytest.mark.parametrize(("document", "links"), [("README.md", "rules/"), ("rules/README.md", "")])
def test_the_table_of_rules(document: str, links: str, update: bool) -> None:
    in_sync(ROOT / document, "rules", table(links), update)


def test_the_example_in_the_readme(torchcopylint: Run, update: bool) -> None:
    command = ["--output-format", "full", "-q", "tests/samples/early_stopping.py"]
    printed = torchcopylint(*command, cwd=ROOT).stdout.strip()
    assert printed
    in_sync(README, "example", f"```text\n$ torchcopylint tests/samples/early_stopping.py\n{printed}\n```", update)


def triage(links: str) -> str:
    """How the findings on real packages were judged, by rule and of all rules together."""
    counts = figures(read_verdicts(ROOT / "tests" / "ecosystem" / "triage.jsonl"))
    rules = {rule.code: rule for rule in cards.rules()}
    rows = ["| code | name | findings judged | true | debatable | false |", "|---|---|---|---|---|---|"]
    for code, found in counts.items():
        rows.append(f"| [{code}]({links}{rules[code].path.name}) | {rules[code].slug} | {cells(found)} |")
    rows.append(f"| all | | {cells(sum(counts.values(), Counter()))} |")
    return "\n".join(rows)


def cells(found: Counter[str]) -> str:
    """The figures of one row of that table."""
    return " | ".join(str(found[column]) for column in ("findings", "true", "debatable", "false"))


@pytest.mark.parametrize(("document", "links"), [("README.md", "rules/"), ("rules/README.md", "")])
def test_the_table_of_verdicts(document: str, links: str, update: bool) -> None:
    in_sync(ROOT / document, "triage", triage(links), update)


def repositories() -> str:
    """How the findings in repositories of training code were judged, by rule: shown by default, and on request only."""
    folder = ROOT / "tests" / "ecosystem"
    rules = {rule.code: rule for rule in cards.rules()}
    counts = figures_of(read_seen(folder / "repositories.jsonl"))
    head = "| code | name | shown | true | debatable | false | low | true | debatable | false |"
    rows = [head, "|---" * 10 + "|"]
    for code, found in counts.items():
        link = f"[{code}](../../rules/{rules[code].path.name})"
        rows.append(f"| {link} | {rules[code].slug} | {cells(found[True])} | {cells(found[False])} |")
    both = [sum((found[shown] for found in counts.values()), Counter[str]()) for shown in (True, False)]
    rows.append(f"| all | | {cells(both[0])} | {cells(both[1])} |")
    pins = tomllib.loads((folder / "repositories.toml").read_text(encoding="utf-8"))["repositories"]
    names = ", ".join(f"{name} {commit[:10]}" for name, commit in sorted(pins.items()))
    return "\n".join([*rows, "", f"{len(pins)} repositories: {names}."])


def test_the_table_of_repositories(update: bool) -> None:
    in_sync(ROOT / "tests" / "ecosystem" / "README.md", "repositories", repositories(), update)


def known() -> str:
    """What is known of torch's calls and of others, in figures."""
    rows = [found for name in names() if (found := row(name))]
    kinds = Counter(found.kind for found in rows)
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    never = [found for found in rows if not found.executed]
    unknown = sum(found.kind == "unknown" for found in never)
    return (
        f"Of torch's own calls it knows {len(rows)} names, derived from torch {torch_version()} and executed on it: "
        f"{parts}; {len(never)} were never executed, and of these {unknown} are unknown. Modules, optimizers, numpy, "
        "containers and libraries around torch are described by hand; of what that says about memory the tests execute "
        f"all but {len(NOT_EXECUTED)} rows. With another torch the same table is used: a name that is new there is "
        "unknown, and the tests fail on a release where something shares or writes that the table calls harmless."
    )


def test_the_figures_of_what_is_known(update: bool) -> None:
    in_sync(README, "known", known(), update)


def test_the_schema_of_the_configuration(update: bool) -> None:
    path = ROOT / "torchcopylint" / "config" / "schema.json"
    text = json.dumps(schema(), indent=2) + "\n"
    if update:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"run pytest {Path(__file__).relative_to(ROOT)} --update"


def test_every_option_the_readme_names_exists(torchcopylint: Run) -> None:
    words = [torchcopylint(*command, "--help").stdout for command in ([], *([name] for name in COMMANDS))]
    known = set(re.findall(r"--?[a-z][a-z-]*", " ".join(words)))
    named = set(re.findall(r"(?<=torchcopylint )(--[a-z-]+)|`(--[a-z-]+)", README.read_text(encoding="utf-8")))
    assert {option for pair in named for option in pair if option} <= known


def test_every_command_in_the_readme_runs(tmp_path: Path) -> None:
    fenced = re.findall(r"^```text\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in fenced for line in block.splitlines()]
    inline = re.findall(r"`(torchcopylint [^`]+)`", README.read_text(encoding="utf-8"))
    commands = [m[1] for line in [*lines, *inline] if (m := re.match(r"(?:\$ )?(torchcopylint .*?)(?:   |$)", line))]
    assert len(commands) > 10
    shutil.copytree(ROOT / "tests" / "samples", tmp_path / "tests" / "samples")
    shutil.copytree(ROOT / "tests" / "samples", tmp_path / "src")
    for name in ("train.py", "src/train.py"):
        shutil.copy(ROOT / "tests" / "samples" / "early_stopping.py", tmp_path / name)
    script = tmp_path / "bin" / "torchcopylint"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m torchcopylint "$@"\n')
    script.chmod(0o755)
    environment = {**os.environ, "PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, input="", capture_output=True, text=True, timeout=300
        )
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, f"{command}: {done.stderr}"


def test_the_documents_link_only_to_what_exists() -> None:
    for document in (README, ROOT / "rules" / "README.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document}: {target}"
