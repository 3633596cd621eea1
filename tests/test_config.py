"""The settings of a pyproject.toml: which file, what goes over it, and what is said of a wrong one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import BOTH, LOST, LOST_AT, Run, configure, places, write

from torchcopylint import cards
from torchcopylint.config import Settings
from torchcopylint.finding import Confidence


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
        ("ignore = ['TCL999']", "tool.torchcopylint.ignore: unknown rule 'TCL999'; did you mean 'TCL902'?"),
        ("confidence = 3", "tool.torchcopylint.confidence: must be a string, not 3"),
        ("confidence = 'sure'", "tool.torchcopylint.confidence: must be one of low, medium, high, not 'sure'"),
        ("select = [", "not valid TOML"),
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
