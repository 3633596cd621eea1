"""--add-ignore: comments for what is found today, where they count, and nothing else changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebooks import notebook
from workspace import BOTH, LOST, Run, places, write

HEAD = "import torch\n\nx = torch.zeros(3)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x.clone()", "x.clone()  # torchcopylint: ignore[discarded-copy]"),
        ("x.clone()  # why", "x.clone()  # why  # torchcopylint: ignore[discarded-copy]"),
        ("x.clone(\n)", "x.clone(\n)  # torchcopylint: ignore[discarded-copy]"),
        ("x \\\n    .clone()", "x \\\n    .clone()  # torchcopylint: ignore[discarded-copy]"),
        ("x.clone(), '''\n# '''", "x.clone(), '''\n# '''"),
        ("x.clone(); '''\n# '''", "x.clone(); '''\n# '''  # torchcopylint: ignore[discarded-copy]"),
        ("if x is not None:\n\tx.clone()", "if x is not None:\n\tx.clone()  # torchcopylint: ignore[discarded-copy]"),
        (
            "x.clone(); torch.tensor(x)",
            "x.clone(); torch.tensor(x)  # torchcopylint: ignore[discarded-copy, tensor-of-tensor]",
        ),
        (
            "x.clone(); torch.tensor(x)  # torchcopylint: ignore[discarded-copy] why",
            "x.clone(); torch.tensor(x)  # torchcopylint: ignore[discarded-copy, tensor-of-tensor] why",
        ),
        ("x.clone()  # noqa: E501", "x.clone()  # noqa: E501  # torchcopylint: ignore[discarded-copy]"),
        ("x.clone()  # noqa: TCL505", "x.clone()  # noqa: TCL505"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\ny = 1\n"])
def test_a_comment_goes_where_it_counts(torchcopylint: Run, tmp_path: Path, before: str, after: str, end: str) -> None:
    write(tmp_path, a=HEAD + before + end)
    done = torchcopylint("--add-ignore", "a.py")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "a.py").read_text() == HEAD + after + end
    assert torchcopylint("a.py").stdout == ""


def test_a_reason_is_written_with_it(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=BOTH)
    done = torchcopylint("--add-ignore", "--ignore-reason", "before the\nclean-up", "--select", "TCL505", ".")
    assert (done.returncode, done.stderr) == (0, "2 findings ignored in 2 files\n")
    for name in "ab":
        line = (tmp_path / f"{name}.py").read_text().splitlines()[3]
        assert line == "x.clone()  # torchcopylint: ignore[discarded-copy] before the clean-up"
    assert places(torchcopylint("--extend-select", "TCL903", ".").stdout) == ["b.py:5:5: TCL107"]


def test_bytes_that_are_not_ours_stay(torchcopylint: Run, tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbfimport torch\r\nx = torch.zeros(3)\r\nx.clone()\r\n\x0cs = '\xc3\xa4'  \r\n"
    (tmp_path / "a.py").write_bytes(raw)
    torchcopylint("--add-ignore", "a.py")
    changed = raw.replace(b"x.clone()", b"x.clone()  # torchcopylint: ignore[discarded-copy]")
    assert (tmp_path / "a.py").read_bytes() == changed
    latin = "# coding: latin-1\nimport torch\nx = torch.zeros(3)\n'\u00e4'; x.clone()\n".encode("latin-1")
    (tmp_path / "b.py").write_bytes(latin)
    torchcopylint("--add-ignore", "--ignore-reason", "l\u00e4uft", "b.py")
    expected = latin.decode("latin-1").replace("()\n", "()  # torchcopylint: ignore[discarded-copy] l\u00e4uft\n")
    assert (tmp_path / "b.py").read_bytes() == expected.encode("latin-1")


def test_what_cannot_be_taken_back_is_reported_and_left(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="def f(:\n", b="x = 1  # noqa: TCL505\n")
    done = torchcopylint("--add-ignore", ".")
    assert (done.returncode, places(done.stdout)) == (1, ["a.py:1:7: TCL901", "b.py:1:8: TCL900"])
    assert (tmp_path / "a.py").read_text() == "def f(:\n"


def test_standard_input_has_no_file_to_write_to(torchcopylint: Run) -> None:
    done = torchcopylint("--add-ignore", "-", input=LOST)
    assert done.returncode == 2 and "--add-ignore writes into files" in done.stderr


def test_a_comment_goes_into_the_cell_and_nothing_else_changes(torchcopylint: Run, tmp_path: Path) -> None:
    cells = ["%matplotlib inline\nimport torch\nx = torch.zeros(3)", "!ls\nx.clone()  \ntorch.tensor(x);", "y = 1"]
    before = notebook(*cells, indent="\t")
    (tmp_path / "n.ipynb").write_text(before)
    done = torchcopylint("--add-ignore", "--ignore-reason", 'it is "so" \u00e4', "n.ipynb")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2 findings ignored in 1 file\n")
    said = '  # torchcopylint: ignore[{}] it is "so" \u00e4'
    cells[1] = f"!ls\nx.clone(){said.format('discarded-copy')}\ntorch.tensor(x);{said.format('tensor-of-tensor')}"
    assert (tmp_path / "n.ipynb").read_text() == notebook(*cells, indent="\t")
    assert torchcopylint("n.ipynb").returncode == 0
