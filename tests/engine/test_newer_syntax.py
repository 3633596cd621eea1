"""Syntax that the Python at hand may not read: libcst does, and findings, fixes and suppressions are as elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workspace import LOST, Run, places, write

from torchcopylint.parse.newer import readable_tree
from torchcopylint.parse.python import Complaint

HEAD = "import torch\n\nx = torch.zeros(3)\n"
LOSING = "def f():\n    y = torch.zeros(3)\n    y.clone()\n    return y\n"
NEWER = {
    "type alias": f"type Batch = list[torch.Tensor]\n{LOSING}",
    "type parameters of a function": LOSING.replace("f()", "f[T: torch.Tensor](z: T)"),
    "type parameters of a class": f"class A[T]:\n    {LOSING.replace(chr(10), chr(10) + '    ').rstrip()}\n",
    "quotes within quotes": f'print(f"{{", ".join(["a"])}}")\n{LOSING}',
    "lines within quotes": f'print(f"{{\n    x\n}}", 1)\n{LOSING}',
    "exceptions without brackets": f"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n{LOSING}",
    "template strings": f't = t"{{x}}"\n{LOSING}',
    "groups of exceptions": f"try:\n    pass\nexcept* ValueError:\n    pass\n{LOSING}",
}


@pytest.mark.parametrize("body", NEWER.values(), ids=NEWER)
def test_findings_fixes_and_suppressions_work(body: str, torchcopylint: Run, tmp_path: Path) -> None:
    text = HEAD + body
    line = text.splitlines().index(next(row for row in text.splitlines() if "y.clone()" in row)) + 1
    write(tmp_path, a=text)
    (finding,) = json.loads(torchcopylint("--output-format", "json", "a.py").stdout)
    assert (finding["line"], finding["code"]) == (line, "TCL505")
    assert finding["function"].split(".")[-1] == "f"
    write(tmp_path, a=text.replace("y.clone()", "y.clone()  # torchcopylint: ignore[TCL505] why"))
    assert torchcopylint("a.py").stdout == ""


@pytest.mark.parametrize("body", NEWER.values(), ids=NEWER)
def test_nothing_moves_when_newer_syntax_is_blanked_out(body: str) -> None:
    tree, plain = readable_tree(HEAD + body), readable_tree(HEAD + LOSING)
    assert not isinstance(tree, Complaint) and not isinstance(plain, Complaint)
    assert tree.body[0].end_col_offset == plain.body[0].end_col_offset == len("import torch")


def test_a_fix_of_newer_syntax_is_made(torchcopylint: Run, tmp_path: Path) -> None:
    text = f"{HEAD}type Batch = list[int]\n\n\ndef f[T](z: T):\n    y = (x + 1).clone()\n    return y, z\n"
    write(tmp_path, a=text)
    done = torchcopylint("--fix", "--select", "TCL102", "a.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "a.py").read_text() == text.replace(".clone()", "")


def test_the_fingerprint_does_not_hang_on_newer_syntax_beside_it(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=HEAD + LOSING, b=f"{HEAD}type Batch = int\n{LOSING}")
    plain, newer = json.loads(torchcopylint("--output-format", "json", "a.py", "b.py").stdout)
    assert plain["fingerprint"] == newer["fingerprint"]


def test_a_class_body_that_never_ends_hides_only_what_follows(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=f"{HEAD}x.clone()\n\n\nclass A:\n    raise NotImplementedError\n\n\nx.detach()\n", b=LOST)
    done = torchcopylint("a.py", "b.py")
    assert [place.split()[0] for place in places(done.stdout)] == ["a.py:4:1:", "b.py:4:1:"]
    assert done.stderr == ""
