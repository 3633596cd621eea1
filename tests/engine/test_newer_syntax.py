"""Syntax that the Python at hand may not read: libcst does, and findings, fixes and suppressions are as elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from notebooks import notebook
from workspace import LOST, ROOT, Run, places, write

from torchcopylint.config import Settings
from torchcopylint.files.source import Source
from torchcopylint.parse.cst import module_of
from torchcopylint.parse.newer import readable
from torchcopylint.parse.python import Complaint
from torchcopylint.run import lint

HEAD = "import torch\n\nx = torch.zeros(3)\n"
LOSING = "def f(z):\n    y = torch.zeros(3)\n    y.clone()\n    return y\n"
CLASS = "class A:\n    def f(self, z):\n        y = torch.zeros(3)\n        y.clone()\n        return y\n"


class Pair(NamedTuple):
    """The same program, in newer words and in older ones, line by line."""

    newer: str
    older: str


PAIRS = {
    "type alias": Pair(f"type Batch = list[torch.Tensor]\n{LOSING}", f"Batch = list[torch.Tensor]\n{LOSING}"),
    "type alias of many lines": Pair(
        f"type Batch[\n    T,  # of what\n] = list[\n    T\n]\n{LOSING}",
        f"Batch = (\n    # of what\n\n    list\n)\n{LOSING}",
    ),
    "type parameters of a function": Pair(LOSING.replace("f(", "f[T: torch.Tensor, *Ts, **P]("), LOSING),
    "type parameters on many lines": Pair(
        LOSING.replace("f(z)", "f[\n    T,  # a tensor\n    U = int,\n](z)"),
        LOSING.replace("f(z)", "f(\n    # a tensor\n\n    z)"),
    ),
    "type parameters of a class": Pair(CLASS.replace("A", "A[T]"), CLASS),
    "type parameters of a class with bases": Pair(
        CLASS.replace("A", "A[\n    T = int\n](object)"), CLASS.replace("A", "A(\n\nobject)")
    ),
    "type parameters of a class on many lines": Pair(
        CLASS.replace("A", "A[\n    T,\n]"), CLASS.replace("A", "A(\n\n)")
    ),
    "quotes within quotes": Pair(f'print(f"{{", ".join(["a"])}}")\n{LOSING}', f"print(', '.join(['a']))\n{LOSING}"),
    "a number sign within quotes": Pair(f'print(f"{{"#"}}")\n{LOSING}', f"print('#')\n{LOSING}"),
    "lines within quotes": Pair(f'print(f"{{\n    x\n}}", 1)\n{LOSING}', f"print(\n    x\n, 1)\n{LOSING}"),
    "a comment within quotes": Pair(
        f'print(f"{{\n    x  # all of it\n}}" "b", 1)\n{LOSING}', f"print(\n    x  # all of it\n, 1)\n{LOSING}"
    ),
    "quotes within formats": Pair(f'print(f"{{x:{{"a"}}}}")\n{LOSING}', f"print(f\"{{x:{{'a'}}}}\")\n{LOSING}"),
    "quotes within quotes, in the statement": Pair(
        LOSING.replace("    y.clone()", '    z[f"{z["a"]}é"]; y.clone()'),
        LOSING.replace("    y.clone()", "    z[f\"{z['a']}é\"]; y.clone()"),
    ),
    "exceptions without brackets": Pair(
        f"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n{LOSING}",
        f"try:\n    pass\nexcept (ValueError, TypeError):\n    pass\n{LOSING}",
    ),
    "groups of exceptions without brackets": Pair(
        f"try:\n    pass\nexcept* ValueError, TypeError:\n    pass\n{LOSING}",
        f"try:\n    pass\nexcept* (ValueError, TypeError):\n    pass\n{LOSING}",
    ),
    "handlers": Pair(
        "def f(z):\n    try:\n        pass\n    except ValueError, TypeError:\n        x.clone()\n",
        "def f(z):\n    try:\n        pass\n    except (ValueError, TypeError):\n        x.clone()\n",
    ),
    "cases": Pair(
        "def f[T](z: T):\n    match z:\n        case [a, *_] if a > 1:\n            a = x\n            a.clone()\n",
        "def f(z):\n    match z:\n        case [a, *_] if a > 1:\n            a = x\n            a.clone()\n",
    ),
    "names bound in comprehensions": Pair(
        "def f[T](z: T):\n    y = [last := x for _ in z]\n    last.clone()\n    return y\n",
        "def f(z):\n    y = [last := x for _ in z]\n    last.clone()\n    return y\n",
    ),
    "comprehensions that wait": Pair(
        "async def f[T](z: T):\n    y = [x + a async for a in z]\n    x.clone()\n    return y\n",
        "async def f(z):\n    y = [x + a async for a in z]\n    x.clone()\n    return y\n",
    ),
    "template strings": Pair(
        LOSING.replace("    y.clone()", '    z = t"{x:{z}}" t"{y}"; y.clone()'),
        LOSING.replace("    y.clone()", "    z = (x, z, y)        ; y.clone()"),
    ),
    "imports that wait": Pair(
        f"lazy import os, sys\nlazy from os import path\n{LOSING}", f"import os, sys\nfrom os import path\n{LOSING}"
    ),
    "unpacking in comprehensions": Pair(
        LOSING.replace("    y.clone()", "    z = [*a for a in z], {**a for a in z}; y.clone()"),
        LOSING.replace("    y.clone()", "    z = [b for a in z for b in a], {a: b}; y.clone()"),
    ),
}
SUPPRESSED = "  # torchcopylint: ignore[TCL505] only to see that it can be copied"
TWICE = f"{SUPPRESSED}  # torchcopylint: ignore[TCL102] and so"


def behind(text: str, comment: str) -> str:
    """The text with a comment behind each statement that loses a copy."""
    return re.sub(r"(?m)^.*\.clone\(\)$", lambda line: line[0] + comment, text)


@dataclass(frozen=True)
class Folder:
    """The pairs, each text in a file of its own, and what the program does with all of them at once."""

    root: Path

    def write(self, shown: Callable[[str], str], ending: str = "py") -> None:
        for number, pair in enumerate(PAIRS.values()):
            for name, text in pair._asdict().items():
                (self.root / f"{name}_{number}.{ending}").write_text(shown(text))

    def run(self, *arguments: str) -> dict[str, list[dict[str, object]]]:
        """The findings by file, without what tells that file from its like."""
        command = [sys.executable, "-m", "torchcopylint", "-j1", "--output-format", "json", *arguments, "."]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False, env=environment)
        found: dict[str, list[dict[str, object]]] = {}
        for one in json.loads(done.stdout):
            found.setdefault(Path(one.pop("path")).name, []).append(one)
        return found

    def texts(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.root.iterdir() if path.is_file()}


Ran = dict[str, Any]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What came of each way to run the program on the pairs."""
    results: Ran = {}

    def folder(shown: Callable[[str], str], ending: str = "py") -> Folder:
        made = Folder(tmp_path_factory.mktemp("pairs"))
        made.write(shown, ending)
        return made

    results["found"] = folder(lambda text: HEAD + text).run()
    results["cells"] = folder(lambda text: notebook(HEAD, text, "x.size()\n"), "ipynb").run()
    results["taken back"] = folder(lambda text: HEAD + behind(text, SUPPRESSED)).run()
    unused = folder(lambda text: HEAD + behind(text, TWICE).replace("clone()", "size()"))
    results["unused"] = unused.run()
    unused.run("--fix")
    results["cleaned"] = unused.texts()
    added = folder(lambda text: HEAD + text)
    added.run("--add-ignore", "--ignore-reason", "seen")
    results["added"] = added.run()
    return results


def each(check: Callable[[Pair, tuple[str, str], Ran], None]) -> Callable[..., None]:
    """A test of each pair."""
    numbered = [pytest.param(number, id=name) for number, name in enumerate(PAIRS)]

    @pytest.mark.parametrize("number", numbered)
    def test(number: int, ran: Ran) -> None:
        check(list(PAIRS.values())[number], (f"newer_{number}.py", f"older_{number}.py"), ran)

    return test


@each
def test_findings_are_those_of_the_older_words(pair: Pair, names: tuple[str, str], ran: Ran) -> None:
    newer, older = (ran["found"][name] for name in names)
    assert newer == older
    assert [one["code"] for one in newer] == ["TCL505"]


@each
def test_cells_are_read(pair: Pair, names: tuple[str, str], ran: Ran) -> None:
    newer, older = (ran["cells"][name.replace("py", "ipynb")] for name in names)
    told = ("cell", "code", "message", "function", "fingerprint")  # in the file quotes have backslashes
    assert [[one[key] for key in told] for one in newer] == [[one[key] for key in told] for one in older]
    assert [one["code"] for one in newer] == ["TCL505"]


@each
def test_comments_take_findings_back(pair: Pair, names: tuple[str, str], ran: Ran) -> None:
    assert not any(name in ran["taken back"] for name in names)


@each
def test_comments_that_take_nothing_back_are_told(pair: Pair, names: tuple[str, str], ran: Ran) -> None:
    newer, older = (ran["unused"][name] for name in names)
    told = ("line", "column", "end_line", "end_column", "code", "message", "function", "fix")
    assert [[one[key] for key in told] for one in newer] == [[one[key] for key in told] for one in older]
    assert [one["code"] for one in newer] == ["TCL900", "TCL900"]
    cleaned = tuple(HEAD + text.replace("clone()", "size()") for text in pair)
    assert tuple(ran["cleaned"][name] for name in names) == cleaned


@each
def test_comments_are_added(pair: Pair, names: tuple[str, str], ran: Ran) -> None:
    assert not any(name in ran["added"] for name in names)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_nothing_moves_in_older_words(pair: Pair) -> None:
    text = HEAD + pair.newer
    known = readable(text)
    assert not isinstance(known, Complaint)
    assert [len(row) for row in known.text.split("\n")] == [len(row) for row in text.split("\n")]
    last, row = known.tree.body[-1], text.splitlines()[-1]
    assert (last.end_lineno, last.end_col_offset) == (text.count("\n"), len(row))


NEAR = """\
import torch


def fit[T: torch.nn.Module](model: T, loader, optimizer, names: dict[str, str]) -> T:
    for inputs in loader:
        optimizer.zero_grad()
        model(inputs).sum().backward()
        optimizer.step()
        print(f"{names["a"]}")
    return model
"""
USES = """\
from near import fit


def f(model, loader, optimizer):
    best = model.state_dict()
    fit(model, loader, optimizer, {})
    model.load_state_dict(best)
"""


def test_neighbours_are_known(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, near=NEAR, a=USES)
    newer = torchcopylint("a.py").stdout
    older = NEAR.replace("[T: torch.nn.Module]", "").replace(": T", "").replace(" -> T", "")
    write(tmp_path, near=older.replace('"a"', "'a'"))
    assert newer == torchcopylint("a.py").stdout
    assert newer.count("TCL401") == 1, newer


def test_what_stands_in_a_template_is_run(torchcopylint: Run, tmp_path: Path) -> None:
    write(
        tmp_path,
        a=f'{HEAD}y = t"a" t"{{torch.tensor(x)}}"\n',
        b=f"{HEAD}type T = torch.Tensor\n\ndef f(z: T):\n    z.clone()\n",
    )
    assert places(torchcopylint(".").stdout) == ["a.py:4:13: TCL107", "b.py:7:5: TCL505"]


def test_what_is_unpacked_is_shared(torchcopylint: Run, tmp_path: Path) -> None:
    kept = "def f(ys):\n    zs = {comprehension}\n    for z in zs:\n        z.clone()\n"
    spellings = ("[*[x, x] for y in ys]", "[z for y in ys for z in [x, x]]")
    newer, older = (
        write(tmp_path, a=HEAD + kept.replace("{comprehension}", one)) or torchcopylint("a.py").stdout
        for one in spellings
    )
    assert newer == older and newer


def test_a_file_is_parsed_once(tmp_path: Path) -> None:
    module_of.cache_clear()
    text = behind(HEAD + PAIRS["type parameters of a function"].newer + "x.detach()\n", SUPPRESSED)
    outcome = lint(Source(str(tmp_path / "a.py"), text), Settings())
    assert len(outcome.findings) == 1
    assert module_of.cache_info().misses == 1


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
