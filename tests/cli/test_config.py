"""The settings of a pyproject.toml: which file, what goes over it, and what is said of a wrong one."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from workspace import BOTH, LOST, LOST_AT, ROOT, Run, configure, places, write

from torchcopylint import cards
from torchcopylint.config import ConfigError, Settings
from torchcopylint.config.file import load
from torchcopylint.config.keys import KEYS, schema
from torchcopylint.domain.finding import Confidence


def test_the_nearest_pyproject_is_read_from_above_the_paths(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "p" / "src").mkdir(parents=True)
    write(tmp_path / "p" / "src", a=BOTH)
    configure(tmp_path, 'ignore = ["TCL505"]')
    assert places(torchcopylint("p/src").stdout) == ["p/src/a.py:5:5: TCL107"]
    (tmp_path / "p" / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    assert places(torchcopylint("p/src").stdout) == ["p/src/a.py:5:5: TCL107"]
    configure(tmp_path / "p", 'select = ["discarded-copy"]')
    assert places(torchcopylint("p/src/a.py").stdout) == ["p/src/a.py:4:1: TCL505"]


def test_the_command_line_goes_over_the_configuration(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    configure(tmp_path, 'select = ["TCL5"]\nignore = ["TCL107"]')
    assert places(torchcopylint("a.py").stdout) == ["a.py:4:1: TCL505"]
    assert places(torchcopylint("--select", "TCL107", "a.py").stdout) == ["a.py:5:5: TCL107"]
    assert places(torchcopylint("--ignore", "TCL5", "a.py").stdout) == []
    assert places(torchcopylint("--extend-select", "TCL107", "--ignore", "TCL505", "a.py").stdout) == [
        "a.py:5:5: TCL107"
    ]


def test_excludes_are_relative_to_their_pyproject(torchcopylint: Run, tmp_path: Path) -> None:
    for name in ("src/gen", "gen", "build"):
        (tmp_path / name).mkdir(parents=True)
        write(tmp_path / name, a=LOST)
    configure(tmp_path, 'extend-exclude = ["/src/gen"]')
    assert places(torchcopylint("..", cwd=tmp_path / "src").stdout) == [f"../gen/a.py:{LOST_AT}"]
    configure(tmp_path, 'exclude = ["gen"]')
    assert places(torchcopylint(".").stdout) == [f"build/a.py:{LOST_AT}"]
    assert places(torchcopylint("--exclude", "build", ".").stdout) == [f"gen/a.py:{LOST_AT}", f"src/gen/a.py:{LOST_AT}"]


def test_what_is_excluded_is_linted_when_named_unless_forced(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    configure(tmp_path, 'exclude = ["a.py"]')
    assert places(torchcopylint("a.py").stdout) == [f"a.py:{LOST_AT}"]
    done = torchcopylint("--force-exclude", "a.py")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("selct = []", "tool.torchcopylint.selct: unknown key; did you mean 'select'?"),
        ("extend_exclude = []", "tool.torchcopylint.extend_exclude: unknown key; did you mean 'extend-exclude'?"),
        ("select = 'TCL4'", "tool.torchcopylint.select: must be a list of strings, not 'TCL4'"),
        ("ignore = [401]", "tool.torchcopylint.ignore: must be a list of strings, not [401]"),
        ("ignore = ['TCL999']", "tool.torchcopylint.ignore: unknown rule 'TCL999'; did you mean 'TCL90"),
        ("confidence = 3", "tool.torchcopylint.confidence: must be a string, not 3"),
        ("confidence = 'sure'", "tool.torchcopylint.confidence: must be one of low, medium, high, not 'sure'"),
        ("select = [", "not valid TOML"),
        ("per-file-ignores = ['a']", "tool.torchcopylint.per-file-ignores: must be a table of patterns, not ['a']"),
        ("per-file-ignores = { 'a.py' = ['TCL4', 'TCL777'] }", "per-file-ignores.\"a.py\": unknown rule 'TCL777'"),
        ("extend = 'gone.toml'", "tool.torchcopylint.extend: no such file: "),
        ("extend = ['a.toml']", "tool.torchcopylint.extend: must be a string, not ['a.toml']"),
        ("extend = 'pyproject.toml'", "tool.torchcopylint.extend: circular reference"),
        ("confirm = { pyton = 'python3' }", "tool.torchcopylint.confirm.pyton: unknown key; did you mean 'python'?"),
        ("confirm = { deadline = 0 }", "confirm.deadline: must be a number of seconds from 1 to 3600, not 0"),
        ('confirm = { python = "a\\u0000" }', "confirm.python: must be a path, not 'a\\x00'"),
        (f"select = {'[' * 3000}{']' * 3000}", "cannot be read: it is nested too deeply"),
        (f"select.{'a.' * 3000}b = 1", "select: must be a list of strings, not {'a': {'a': {'a': {...}}}}\n"),
        (f"select = '{'a' * 5000}'", "...aaaa"),
        (f"select = 1{'0' * 5000}", "not valid TOML: Exceeds the limit"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_key(
    torchcopylint: Run, tmp_path: Path, toml: str, complaint: str
) -> None:
    write(tmp_path, a=LOST)
    configure(tmp_path, toml)
    done = torchcopylint("a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"torchcopylint: {tmp_path / 'pyproject.toml'}: ")
    assert complaint in done.stderr


def test_a_chain_of_extend_has_an_end(torchcopylint: Run, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.toml").write_text(f"extend = '{number + 1}.toml'\n")
    (tmp_path / "60.toml").write_text("ignore = ['TCL505']\n")
    write(tmp_path, a=LOST)
    configure(tmp_path, "extend = '0.toml'")
    done = torchcopylint("a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(r"/49\.toml: extend: chain of more than 50 files, at .*/50\.toml\n", done.stderr)
    configure(tmp_path, "extend = '20.toml'")
    assert torchcopylint("a.py").returncode == 0


@pytest.mark.parametrize(
    ("asked", "shown_from", "shown"),
    [
        (None, "medium", ["medium", "high"]),
        (None, "high", ["high"]),
        (None, "low", ["low", "medium", "high"]),
        ("low", "high", ["low", "medium", "high"]),
        ("high", "low", ["high"]),
    ],
)
def test_confidence_shows_what_is_that_sure(asked: str | None, shown_from: str, shown: list[str]) -> None:
    settings = Settings(confidence=Confidence[asked.upper()] if asked else None)
    card = replace(cards.load(cards.rules()[0]), on=True, shown_from=Confidence[shown_from.upper()])
    assert [level.name.lower() for level in Confidence if settings.shows(card, level)] == shown


def test_a_rule_that_is_off_is_shown_only_if_selected() -> None:
    card = replace(cards.load(cards.rules()[0]), on=False)
    assert not Settings().shows(card, Confidence.HIGH)
    assert Settings(extend_select=(card.rule.code[:4],)).shows(card, Confidence.HIGH)
    assert Settings(select=(card.rule.code,)).shows(card, Confidence.HIGH)


# Which file holds where


def test_each_file_is_linted_by_the_configuration_nearest_to_it(torchcopylint: Run, tmp_path: Path) -> None:
    for name in ("a/deep", "b"):
        (tmp_path / name).mkdir(parents=True)
        write(tmp_path / name, f=BOTH)
    write(tmp_path, f=BOTH)
    configure(tmp_path, 'select = ["TCL505"]')
    (tmp_path / "a" / "torchcopylint.toml").write_text('select = ["TCL107"]\nextend-exclude = ["skipped.py"]\n')
    write(tmp_path / "a", skipped=BOTH)
    assert places(torchcopylint(".").stdout) == [
        "a/deep/f.py:5:5: TCL107",
        "b/f.py:4:1: TCL505",
        "f.py:4:1: TCL505",
    ]
    assert places(torchcopylint("--stdin-filename", "a/new.py", "-", input=BOTH).stdout) == ["a/new.py:5:5: TCL107"]


def test_our_own_file_goes_before_a_pyproject_beside_it(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, f=BOTH)
    configure(tmp_path, 'select = ["TCL505"]')
    (tmp_path / "torchcopylint.toml").write_text('select = ["TCL107"]\n')
    assert places(torchcopylint("f.py").stdout) == ["f.py:5:5: TCL107"]


def test_the_settings_are_right_on_several_processes(torchcopylint: Run, tmp_path: Path) -> None:
    for name, rule in (("a", "TCL505"), ("b", "TCL107")):
        (tmp_path / name).mkdir()
        write(tmp_path / name, **{f"f{number:02}": BOTH for number in range(12)})
        configure(tmp_path / name, f'select = ["{rule}"]')
    found = [line.split(":")[0][:1] + line.split()[1] for line in torchcopylint("-j", "2", ".").stdout.splitlines()]
    assert found == ["aTCL505"] * 12 + ["bTCL107"] * 12


def test_extend_lays_settings_over_those_of_another_file(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "base.toml").write_text('ignore = ["TCL1"]\nextend-exclude = ["gen"]\nconfidence = "low"\n')
    (tmp_path / "gen").mkdir()
    write(tmp_path / "gen", f=BOTH)
    write(tmp_path, f=BOTH)
    (tmp_path / "torchcopylint.toml").write_text('extend = "team/base.toml"\n')
    assert places(torchcopylint("f.py").stdout) == ["f.py:4:1: TCL505"]
    (tmp_path / "torchcopylint.toml").write_text('extend = "team/base.toml"\nselect = ["TCL1", "TCL5"]\n')
    assert [place.split()[1] for place in places(torchcopylint("f.py").stdout)] == ["TCL505", "TCL107"]
    settings = load(str(tmp_path / "torchcopylint.toml")).settings
    assert (settings.ignore, settings.confidence) == (None, Confidence.LOW)


def test_per_file_ignores_are_relative_to_their_file(torchcopylint: Run, tmp_path: Path) -> None:
    for name in ("tests", "src/tests", "src"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, f=BOTH)
    configure(tmp_path, 'per-file-ignores = { "/tests" = ["TCL"], "src/*.py" = ["discarded-copy"] }')
    everywhere = ["src/f.py:5:5: TCL107", "src/tests/f.py:4:1: TCL505", "src/tests/f.py:5:5: TCL107"]
    assert places(torchcopylint(".").stdout) == everywhere
    assert places(torchcopylint("f.py", cwd=tmp_path / "src").stdout) == ["f.py:5:5: TCL107"]
    assert places(torchcopylint("--select", "TCL505", "tests").stdout) == []


# What is shown of it


def test_config_tells_what_holds_for_a_path_and_where_it_is_said(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('confidence = "high"\n')
    configure(tmp_path, 'extend = "base.toml"\nignore = ["TCL1"]\nper-file-ignores = { "a.py" = ["TCL505"] }')
    write(tmp_path, a=BOTH)
    lines = torchcopylint("config", "a.py").stdout.splitlines()
    assert lines[0] == "# a.py: pyproject.toml"
    assert 'ignore = ["TCL1"]  # pyproject.toml' in lines
    assert 'confidence = "high"  # base.toml' in lines
    assert lines[-1] == "# per-file-ignores disables TCL505 for this file"
    assert any(line.startswith("exclude = [") and line.endswith("# default") for line in lines)
    shown = torchcopylint("--show-settings", "--ignore", "TCL4", "a.py").stdout.splitlines()
    assert 'ignore = ["TCL4"]  # the command line' in shown
    tomllib.loads("\n".join(shown))


def test_show_files_prints_what_would_be_linted(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    write(tmp_path / "build", f=BOTH)
    write(tmp_path, a=BOTH, b="def f(:\n")
    done = torchcopylint("--show-files", ".")
    assert (done.returncode, done.stdout) == (0, "a.py\nb.py\n")
    assert torchcopylint("--show-files", "gone").returncode == 2


# The schema


def test_keys_and_settings_are_the_same_names() -> None:
    names = {item.name.replace("_", "-") for item in fields(Settings)} - {"muted", "asks"}
    assert set(KEYS) - {"extend"} == names


SETTINGS = [
    'select = ["TCL4", "discarded-copy", "TCL505", "TCL"]',
    'per-file-ignores = { "tests/*" = ["TCL1"] }',
    'models = { "a.b" = { kind = "view", of = 0, returns = "tensor" } }',
    'confirm = { python = "python3", deadline = 5 }',
    "max-file-size = 1",
    'cache-dir = "a/b"',
    "cache-dir = 1",
    "max-file-size = 100000001",
    "max-file-size = 0",
    'max-file-size = "1"',
    'confidence = "low"\nextend-exclude = ["a"]\nbaseline = "known.json"',
    'selct = ["TCL4"]',
    'select = "TCL4"',
    'select = ["TCL999"]',
    "ignore = [1]",
    'confidence = "sure"',
    "per-file-ignores = { a = 1 }",
    'models = { "a" = { kind = "view" } }',
    'models = { "a.b" = { kind = "vew" } }',
    'models = { "a.b" = { of = 1 } }',
    "confirm = { deadline = 0 }",
    "confirm = { deadline = 3600 }",
    "confirm = { deadline = 3601 }",
    'confirm = { pyton = "x" }',
    "baseline = 3",
    'baseline = "a\\u0000"',
    'extend = ""',
]


@pytest.mark.parametrize("toml", SETTINGS)
def test_the_schema_says_what_the_program_says(tmp_path: Path, toml: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    file = tmp_path / "torchcopylint.toml"
    file.write_text(toml)
    try:
        load(str(file))
        good = True
    except ConfigError:
        good = False
    shipped = json.loads((ROOT / "torchcopylint" / "config" / "schema.json").read_text())
    assert jsonschema.Draft7Validator(shipped).is_valid(tomllib.loads(toml)) == good


def test_config_prints_the_schema(torchcopylint: Run) -> None:
    assert json.loads(torchcopylint("config", "--schema").stdout) == schema()
