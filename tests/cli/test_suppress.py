"""Which comments take a finding back: those in its statement, that name it or name nothing; no others."""

from __future__ import annotations

import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from workspace import Run, write

from torchcopylint.cli import cli

for stage in "cache.cache checks interpret parse.concrete parse.plain place.locate".split():
    import_module(f"torchcopylint.{stage}")  # once, here, and not in the process that each run starts

PRELUDE = "import torch\n\nx = torch.zeros(3)\n"


@pytest.fixture
def torchcopylint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program, in this process: a comment is the same to it, and a start takes longer than a file."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(cli, ["--no-cache", *arguments], input=input)
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    return run


def codes(torchcopylint: Run, statement: str) -> list[str]:
    """The codes reported in a file in which `statement` (which drops a result) stands."""
    return reported(torchcopylint, statement, "--ignore", "TCL900")


def reported(torchcopylint: Run, statement: str, *arguments: str) -> list[str]:
    """The codes reported with these options."""
    printed = torchcopylint(*arguments, "-", input=PRELUDE + statement + "\n").stdout
    return [line.split()[1] for line in printed.splitlines()]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# NOQA",
        "#noqa",
        "# noqa: TCL505",
        "# noqa:TCL505",
        "# noqa: tcl505",
        "# noqa: E501,TCL505",
        "# noqa: E501, TCL505 for a reason",
        "# noqa: TCL5",
        "# type: ignore  # noqa: TCL505",
        "# torchcopylint: ignore[discarded-copy]",
        "# torchcopylint: ignore[TCL505] only for its side effect",
        "# torchcopylint:ignore[state-dict-snapshot, TCL505]",
        "# torchcopylint: ignore[TCL5]",
        "# noqa: E501  # torchcopylint: ignore[discarded-copy]",
    ],
)
def test_the_comment_takes_the_finding_back(torchcopylint: Run, comment: str) -> None:
    assert codes(torchcopylint, f"x.clone()  {comment}") == []


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "# noqa: E501",
        "# noqa: TCL501",
        "# noqable",
        "# torchcopylint: ignore",
        "# torchcopylint: ignore[]",
        "# torchcopylint: ignore[discarded]",
        "# torchcopylint: ignore[state-dict-snapshot]",
        "# ignore[discarded-copy]",
    ],
)
def test_the_comment_does_not_take_the_finding_back(torchcopylint: Run, comment: str) -> None:
    assert codes(torchcopylint, f"x.clone()  {comment}") == ["TCL505"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("x.masked_fill(  # noqa: TCL505\n    x > 1,\n    0.0,\n)", id="first line"),
        pytest.param("x.masked_fill(\n    x > 1,  # noqa: TCL505\n    0.0,\n)", id="middle line"),
        pytest.param("x.masked_fill(\n    x > 1,\n    0.0,\n)  # noqa: TCL505", id="last line"),
        pytest.param("x \\\n    .clone()  # noqa: TCL505", id="continued line"),
        pytest.param("if x is not None:\n    x.clone()  # noqa: TCL505", id="in a block"),
    ],
)
def test_a_comment_counts_for_the_whole_statement(torchcopylint: Run, statement: str) -> None:
    assert codes(torchcopylint, statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("# noqa: TCL505\nx.clone()", id="line above"),
        pytest.param("x.clone()\n# noqa: TCL505", id="line below"),
        pytest.param("if x is not None:  # noqa: TCL505\n    x.clone()", id="head of the block"),
        pytest.param("y = '''\n# noqa: TCL505'''; x.clone()", id="in a string"),
        pytest.param("x.clone(); y = '# noqa'", id="in a string on the line"),
    ],
)
def test_a_comment_elsewhere_does_not_count(torchcopylint: Run, statement: str) -> None:
    assert codes(torchcopylint, statement) == ["TCL505"]


def test_each_finding_of_a_line_needs_its_own_comment(torchcopylint: Run) -> None:
    assert codes(torchcopylint, "x.clone(); torch.tensor(x)  # noqa: TCL505") == ["TCL107"]


# Whole files


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("# torchcopylint: ignore-file", []),
        ("# torchcopylint: ignore-file generated", []),
        ("# torchcopylint: ignore-file[discarded-copy] shown in a lecture", ["TCL107"]),
        ("# torchcopylint: ignore-file[TCL5, TCL107]", []),
        ("# flake8: noqa", []),
        ("# flake8: noqa: TCL505", ["TCL107"]),
        ("y = 1  # flake8: noqa", ["TCL505", "TCL107"]),
        ("# torchcopylint: ignore-file[]", ["TCL505", "TCL107"]),
    ],
)
@pytest.mark.parametrize("place", ["{}\nx.clone()\ntorch.tensor(x)", "x.clone()\ntorch.tensor(x)\n{}"])
def test_a_comment_for_the_whole_file(torchcopylint: Run, place: str, comment: str, left: list[str]) -> None:
    assert codes(torchcopylint, place.format(comment)) == left


# Comments that take nothing back


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "y = x.clone()  # noqa: TCL505",
            "`# noqa: TCL505` suppresses nothing: there is no finding of `TCL505`; remove it",
        ),
        ("y = x.clone()  # noqa: E501, TCL5", "there is no finding of `TCL5`"),
        ("y = x.clone()  # torchcopylint: ignore[discarded-copy] why", "there is no finding of `discarded-copy`"),
        ("x.clone()  # torchcopylint: ignore[discarded-copy, TCL107]", "there is no finding of `TCL107`"),
        ("x.clone()  # noqa: TCL505  # torchcopylint: ignore[discarded-cpy]", "did you mean `discarded-copy`?"),
        ("y = x.clone()  # torchcopylint: ignore", "name a rule, as in `ignore[TCL401]`"),
        ("# torchcopylint: ignore-file[TCL505]\ny = x.clone()", "there is no finding of `TCL505`"),
        ("# flake8: noqa: TCL505\ny = x.clone()", "there is no finding of `TCL505`"),
    ],
)
def test_a_comment_that_takes_nothing_back_is_reported(torchcopylint: Run, statement: str, complaint: str) -> None:
    assert reported(torchcopylint, statement) == ["TCL900"]
    assert complaint in torchcopylint("-", input=PRELUDE + statement + "\n").stdout


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        ("y = x.clone()  # noqa", []),
        ("y = x.clone()  # noqa: E501", []),
        ("y = x.clone()  # torchcopylint: ignore-file", []),
        ("# flake8: noqa\ny = x.clone()", []),
        ("y = x.clone()  # noqa: TCL505", ["--ignore", "TCL505"]),
        ("y = x.clone()  # noqa: TCL505", ["--select", "TCL1"]),
        ("y = x.clone()  # noqa: TCL505, TCL900", []),
        ("y = x.clone()  # torchcopylint: ignore[TCL900, discarded-copy]", []),
        ("y = x.clone()  # noqa: TCL505", ["--ignore", "unused-suppression"]),
        ("y = '# noqa: TCL505'", []),
    ],
)
def test_a_comment_that_may_mean_something_is_not(torchcopylint: Run, statement: str, arguments: list[str]) -> None:
    assert reported(torchcopylint, statement, *arguments) == []


def test_what_is_hidden_for_want_of_confidence_still_uses_its_comment(torchcopylint: Run) -> None:
    code = "import torch\n\n\ndef _half(x: torch.Tensor):\n    return torch.tensor(x)"
    shown = [torchcopylint(*options, "-", input=code).stdout for options in (["--confidence", "low"], [])]
    assert ("TCL107" in shown[0], shown[1]) == (True, "")
    assert torchcopylint("-", input=code + "  # noqa: TCL107\n").stdout == ""


def test_a_file_that_no_longer_speaks_of_torch_is_looked_at(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="x = 1  # noqa: TCL505\n", b="x = 1  # noqa\n", c="x = 1\n")
    assert torchcopylint(".").stdout.split()[:2] == ["a.py:1:8:", "TCL900"]


def test_a_file_with_a_syntax_error_is_not(torchcopylint: Run) -> None:
    assert reported(torchcopylint, "def f(:  # noqa: TCL505") == ["TCL901"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y = x.clone()  # noqa: TCL505", "y = x.clone()"),
        ("y = x.clone()  # noqa: E501, TCL505  # type: ignore", "y = x.clone()  # noqa: E501  # type: ignore"),
        ("y = x.clone()  # noqa: TCL505  # why", "y = x.clone()  # why"),
        ("x.clone()  # noqa: TCL505, TCL107", "x.clone()  # noqa: TCL505"),
        ("y = 1  # torchcopylint: ignore[discarded-copy] why", "y = 1"),
        ("# torchcopylint: ignore-file[TCL505]\ny = 1", "y = 1"),
        ("y = 1  # torchcopylint: ignore[discarded-cpy]", "y = 1  # torchcopylint: ignore[discarded-cpy]"),
    ],
)
def test_fix_takes_out_what_takes_nothing_back(torchcopylint: Run, tmp_path: Path, before: str, after: str) -> None:
    write(tmp_path, a=f"{PRELUDE}{before}\nz = 1\n")
    torchcopylint("--fix", "a.py")
    assert (tmp_path / "a.py").read_text() == f"{PRELUDE}{after}\nz = 1\n"


# Reasons


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# noqa: TCL505", ["TCL903"]),
        ("# noqa: TCL505  # type: ignore", ["TCL903"]),
        ("# torchcopylint: ignore[discarded-copy]", ["TCL903"]),
        ("# torchcopylint: ignore[discarded-copy] warms the cache", []),
        ("# noqa: TCL505  # warms the cache", []),
        ("# noqa: TCL505 - warms the cache", []),
        ("# noqa", []),
    ],
)
def test_a_reason_may_be_asked_for(torchcopylint: Run, comment: str, found: list[str]) -> None:
    assert reported(torchcopylint, f"x.clone()  {comment}") == []
    assert reported(torchcopylint, f"x.clone()  {comment}", "--extend-select", "TCL903") == found
