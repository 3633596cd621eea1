"""Which comments take a finding back: those in its statement, that name it or name nothing; no others."""

from __future__ import annotations

import pytest
from conftest import Run

PRELUDE = "import torch\n\nx = torch.zeros(3)\n"


def codes(torchcopylint: Run, statement: str) -> list[str]:
    """The codes reported in a file in which `statement` (which drops a result) stands."""
    printed = torchcopylint("-", input=PRELUDE + statement + "\n").stdout
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
