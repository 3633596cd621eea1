"""Both readers make the same tree of a text: libcst's, which gives findings, and Python's own, for the first look."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from blocks import blocks
from readers import differences
from workspace import IMPORTS, ROOT, TESTS, TRAIN, write

from torchcopylint.config import Settings
from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.parse import concrete, plain
from torchcopylint.parse.python import Complaint, ParseFailure
from torchcopylint.run import lint

DOCUMENTS = sorted([*TESTS.glob("cases/**/*.md"), *TESTS.glob("golden/*.md"), *(ROOT / "rules").glob("*.md")])


def agreed(text: str, path: str = "a.py") -> None:
    assert list(differences(Source(path, text))) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_cases_and_cards(path: Path) -> None:
    for block in blocks(path):
        if block.language == "python":
            agreed(block.text, f"{path}:{block.line}")


@pytest.mark.parametrize("path", sorted(TESTS.glob("samples/*.py")), ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    agreed(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("f((a))\nf((a),)\nf(a, (b))\n(f)(a)\n(f(a))\n((f))((a))\nf(k=(v))\nf(*(a))\n", id="arguments"),
        pytest.param(
            "f(x for x in y)\nf((x for x in y))\nf( x for x in y )\nf(\n    # why\n    x for x in y\n)\n",
            id="generators",
        ),
        pytest.param("x = (a + b) * (c)\ny = ((a).b)[(c)]\nz = -(a)\nw = not (a)\n", id="operands"),
        pytest.param("x = a or (b) or c or (d and e and (f))\ny = (a or b) or c\nz = a or (b or c)\n", id="or"),
        pytest.param("x = a < (b) < c\ny = (a) if (b) else (c)\nz = lambda q=(1): (q)\n", id="comparisons"),
        pytest.param(
            "x[(a, b)]\nx[a, b]\nx[(a), (b)]\nx[(a), b]\nx[a,]\nx[()]\nx[(a)]\nx[*a]\nx[((a), b)]\n", id="items"
        ),
        pytest.param("x[:]\nx[a:(b)]\nx[(a):b:c, d]\nx[::2]\n", id="slices"),
        pytest.param("x = (  # why (\n    a  # not )\n)\ny = (\n    # only )\n    b\n)\n", id="comments"),
        pytest.param("x = a + \\\n    (b)\ny = (a \\\n   )\n", id="continued lines"),
        pytest.param("x = 1; y = (2);\nif x: y = 3; z = 4\nwhile x: pass\n", id="several on a line"),
        pytest.param("del a, b\ndel (a, b)\ndel (a), b\ndel [a, b]\ndel (a)\n", id="del"),
        pytest.param(
            "with a: pass\nwith (a): pass\nwith (a) as b: pass\nwith (a, b): pass\nwith (a), b: pass\n", id="with"
        ),
        pytest.param("if a: pass\nelif b: pass\nelse:\n    if c: pass\n    else: pass\n", id="elif"),
        pytest.param("if a:\n    pass\nelse:\n    if b:\n        pass\n", id="if in else"),
        pytest.param("x = 'a' 'b'\ny = ('a'\n     \"b\"  # why\n     'c')\nz = b'a' b'\\n'\n", id="side by side"),
        pytest.param("x = f'{a}' 'b' f\"{c}{d!r:>{e}}\" f'{{}}'\ny = 'a' f'{b}'\nz = f'{a=}'\n", id="f-strings"),
        pytest.param("x = '\\n' r'\\n'\ny = r'\\d'\nz = '''a\n'b'\n'''\nw = u'a'\nv = Rb'\\x'\n", id="escapes"),
        pytest.param("x = 'é' + ü\ny = ('ß', f(ü))\n", id="not ascii"),
        pytest.param("x = 1_000 + 0x_ff + 1e3 + 2j + ... + 0o17\n", id="numbers"),
        pytest.param("f(a, *b, k=1, **c)\nf(k=1, *b)\nf(**c, k=2)\n", id="stars"),
        pytest.param("class A(B): pass\nclass C((B), metaclass=M): x: int = 1\nclass D((B)): pass\n", id="classes"),
        pytest.param("def f(a, /, b: int = (1), *c, d=2, e, **g) -> (T):\n    'Doc.'\n", id="parameters"),
        pytest.param(
            "def f(): 'no docstring'\nasync def g():\n    async with a as b:\n        await (b)\n", id="functions"
        ),
        pytest.param("def f():\n    x = yield\n    yield from (a)\n    y = (yield b)\n    return (a), b\n", id="yield"),
        pytest.param("try:\n    pass\nexcept (A, B) as e:\n    pass\nelse:\n    pass\nfinally:\n    pass\n", id="try"),
        pytest.param("for i, (j, *k) in (x): pass\nelse: pass\n[a for b in c if (d) if e for f in g]\n", id="loops"),
        pytest.param("{**a, 'b': (c)}\n{x: y for x, y in (z)}\n{a, *b}\n[*(a), (b)]\n(a, *b)\n", id="displays"),
        pytest.param(
            "import a.b, c as d\nfrom . import e\nfrom ..f.g import h as i, j\nfrom k import *\n", id="imports"
        ),
        pytest.param(
            "global a, b\nx: 'T[int]' = (y := 3)\nx += (1)\nassert (x), y\nraise (E) from e\n", id="statements"
        ),
        pytest.param(
            "match x:\n    case [a, *b] | {'k': c, **d} if e: pass\n    case A(f, g=h) as i: pass\n", id="match"
        ),
        pytest.param("x = 1\r\nif x:\r\n\ty = (2,\r\n\t     3)\r\n", id="carriage returns"),
        pytest.param("\x0cx = 1\n\x0c\ny = (a)\n", id="form feeds"),
    ],
)
def test_odd_ways_to_write(text: str) -> None:
    plain.parse(Source("a.py", text))
    concrete.parse(Source("a.py", text))
    agreed(text)


def test_a_difference_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from torchcopylint.parse.stretch import Stretches

    monkeypatch.setattr(Stretches, "in_parentheses", lambda self, site: True)
    assert list(differences(Source("a.py", "x = a\n")))


LOADED = (
    "import sys\nfrom torchcopylint import lint\nfound = lint(open('a.py').read())\nprint('libcst' in sys.modules)\n"
)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        pytest.param("import torch\n\n\ndef f(x):\n    return x.clone()\n", False, id="nothing to report"),
        pytest.param("import torch\n\nx = torch.zeros(3)\nx.clone()\n", True, id="a finding"),
        pytest.param(
            "import torch\n\nx = torch.zeros(3)\ny = x.clone()  # noqa: TCL505 why\n", False, id="a comment alone"
        ),
    ],
)
def test_libcst_is_not_even_imported_for_a_file_with_nothing_to_report(tmp_path: Path, text: str, needed: bool) -> None:
    write(tmp_path, a=text)
    command = [sys.executable, "-c", LOADED]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == str(needed), done.stdout + done.stderr


def test_the_command_compares_folders(tmp_path: Path) -> None:
    write(tmp_path, a="x = (1)\n", b="no python\n")
    done = subprocess.run(
        [sys.executable, TESTS / "compare_readers.py", tmp_path], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (0, "2 files, 0 of them differ\n"), done.stderr


KEEPER = "class Keeper:\n    def take(self, model):\n        self.best = model.state_dict()\n"
KEPT = TRAIN.replace("best, lowest = model.state_dict()", "keeper.take(model); lowest").replace(
    "best, lowest = None", "keeper, lowest = Keeper()"
)


def refusing(name: str, read: Callable[[Source], syntax.Module]) -> Callable[[Source], syntax.Module]:
    """A reader that cannot read the file with this name."""

    def parse(source: Source) -> syntax.Module:
        if Path(source.path).name == name:
            raise ParseFailure(Complaint("newer than this Python", 1, 1))
        return read(source)

    return parse


@pytest.mark.parametrize("refused", ["", "keeper.py", "train.py"], ids=["all", "another file", "the file itself"])
def test_the_first_look_sees_no_less_where_python_cannot_read_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    (tmp_path / "pyproject.toml").touch()
    kept = KEPT.replace("load_state_dict(best)", "load_state_dict(keeper.best)")
    text = f"{IMPORTS}from keeper import Keeper\n\n\n{kept}"
    write(tmp_path, keeper=KEEPER, train=text)
    monkeypatch.setattr(plain, "parse", refusing(refused, plain.parse))
    outcome = lint(Source(str(tmp_path / "train.py"), text), Settings())
    assert [finding.code for finding in outcome.findings] == ["TCL401"], outcome
