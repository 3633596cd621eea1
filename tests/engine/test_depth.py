"""What goes too deep for the parser is refused before it is parsed, however its lines are laid out, and nothing else.

The limits are lowered here: a text that reaches the real ones may make a parser slow or end its process.
"""

from __future__ import annotations

import ast
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from workspace import LOST, ROOT, write

from torchcopylint.files.source import Source
from torchcopylint.parse import concrete, depth
from torchcopylint.parse.python import TooDeep
from torchcopylint.parse.skeleton import skeleton

LEVELS = 20


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that harmless text exceeds."""
    monkeypatch.setattr(depth, "DEEPEST", LEVELS)
    monkeypatch.setattr(depth, "BRACKET", 1)
    monkeypatch.setattr(depth, "DEEPEST_BLOCK", 5)
    monkeypatch.setattr(depth, "DEEPEST_PATTERN", 2)
    monkeypatch.setattr(depth, "DEEPEST_TARGET", 2)


def nested(opening: str, closing: str = "", core: str = "a", levels: int = LEVELS + 1) -> str:
    return f"x = ({opening * levels}{core}{closing * levels})\n"


DEEP = {
    "parentheses": nested("(", ")"),
    "lists": nested("[", "]"),
    "calls": nested("f(", ")"),
    "subscripts": nested("f[", "]"),
    "dicts": nested("{a: ", "}"),
    "keywords": nested("f(a=", ")"),
    "fields of f-strings": nested("f'{", "}'"),
    "fields in the quotes of the f-string": nested('f"{', '}"'),
    "specs": "x = f'" + "{a:" * (LEVELS + 1) + "}" * (LEVELS + 1) + "'\n",
    "minus": nested("-"),
    "not": nested("not "),
    "await": nested("await "),
    "lambda": nested("lambda: "),
    "lambda with commas": nested("lambda a, b: "),
    "sum": nested("a + "),
    "power": nested("a ** "),
    "and": nested("a and "),
    "comparison": nested("a < "),
    "conditional": nested("a if b else "),
    "numbers beside keywords": nested("1if 1else "),
    "attributes": nested("", ".a"),
    "methods": nested("", ".a()"),
    "strings side by side": nested("'a' ", core="'a'"),
    "strings that touch": nested("'a'", core="'a'"),
    "comprehension": f"x = [a {'for a in b ' * LEVELS}]\n",
    "comprehension with commas": f"x = [a {'for a, b in c ' * LEVELS}]\n",
    "filters": f"x = [a for a in b {'if c ' * LEVELS}]\n",
    "names of modules": f"import a{'.a' * LEVELS}.a\n",
    "targets": f"{'a = ' * (LEVELS + 1)}1\n",
    "never closed": f"x = {'(' * (LEVELS + 1)}\n",
    "a part after others": f"x = [a, b, {'-' * LEVELS}-c, d]\n",
    "below what follows": f"x = (f({'-' * 12}a){' + b' * 12})\n",
    "in a formatted string after one": f"x = f'{{a}}' + f'{{{'-' * (LEVELS + 1)}a}}'\n",
    "elif": "if a:\n    b\n" + "elif a:\n    b\n" * (LEVELS + 1),
    "elif over lines": "if a:\n    b\n" + "elif (\na\n):\n    b\n" * (LEVELS + 1),
    "blocks": "".join(f"{' ' * n}if a:\n" for n in range(7)) + " " * 7 + "b\n",
    "patterns": "match a:\n    case [[[b]]]:\n        pass\n",
    "targets of del": "del (((a)))\n",
}


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_depth_is_noticed(text: str) -> None:
    assert depth.too_deep(text)
    with pytest.raises(TooDeep):
        concrete.parse(Source("a.py", text))


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize("text", [text for text in DEEP.values() if text.startswith("x = ") and "'" not in text])
@pytest.mark.parametrize("gap", ["\n", "\n  # why\n", "\\\n", " # it's ((\n", "\t", "\r\n", "\r", "\f"])
def test_whatever_the_layout(text: str, gap: str) -> None:
    """A gap behind each blank and bracket."""
    head, brackets, body = text.partition(" " if gap == "\\\n" else "(")
    laid_out = re.sub(r"(?<=[ (\[{])(?![ \n])", lambda _: gap, body.rstrip("\n"))
    assert depth.too_deep(f"{head}{brackets}{laid_out}\n")


WIDE = {
    "elements": f"x = [{'a, ' * 500}]\n",
    "sums in elements": f"x = [{'a + b * c - 1.5e-3, ' * 500}]\n",
    "items": "x = {\n" + "".join(f"    'a{n}': [{n}, -{n}.5, 'b (' 'c'],\n" for n in range(200)) + "}\n",
    "lambdas in a table": "x = {\n" + "".join(f"    'a{n}': lambda a, b: a + b,\n" for n in range(200)) + "}\n",
    "arguments": f"f({'a=b.c, ' * 200})\n",
    "statements": "a.b(c)\n" * 500,
    "statements on a line": "a; " * 500 + "\n",
    "signs in strings": f"x = '{'(' * 100}' + \"{'-' * 100}\" + '''\n{'[' * 100}\n''' + r'\\{'{' * 100}'\n",
    "signs in comments": f"x = 1  # {'(' * 100}\n# {'-' * 100}\n",
    "signs in the text of f-strings": f"x = f'{'{{' * 50}{'(' * 50} {{a}}' + rf'\\({'-' * 50}{{b}}'\n",
    "aligned": f"f(a,\n{' ' * 100}b)\nx = a + \\\n{' ' * 100}b\n",
    "indented": "def f():\n" + f"{' ' * 80}x = g(a,\n{' ' * 90}b)\n",
    "elif here and there": "if a:\n    b\nelif c:\n    d\nx = 1\n" * 50,
    "decorators": "@a\n" * 50 + "def f(): pass\n",
    "a function called case": "case = f(g(h(i(j))))\ncase.a(f(g(h(i))))\n",
    "names like keywords": f"x = [{'forward, lambda_, delta, ' * 50}]\n",
}


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_width_is_no_depth(text: str) -> None:
    assert not depth.too_deep(text)
    assert concrete.parse(Source("a.py", text)).code == text


LOW = "from torchcopylint.parse import depth; depth.DEEPEST = 20; import sys; sys.argv[0] = 'torchcopylint'; "
LOW += "from torchcopylint.cli import main; main()"


def test_the_program_says_which_file_goes_too_deep_and_lints_the_others(tmp_path: Path) -> None:
    write(tmp_path, a=f"{LOST}y = {'-' * 30}1\n", b=LOST, c=f"from a import y\n{LOST}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LOW, "--output-format", "json", "."]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    found = [(row["path"], row["code"], row["message"]) for row in json.loads(done.stdout)]
    assert [(path, code) for path, code, _ in found] == [("a.py", "TCL902"), ("b.py", "TCL505"), ("c.py", "TCL505")]
    assert found[0][2].endswith("it is nested too deeply")
    assert (done.returncode, done.stderr) == (1, "")


def test_nothing_of_the_program_itself_goes_too_deep() -> None:
    for path in sorted((ROOT / "torchcopylint").rglob("*.py")):
        assert not depth.too_deep(path.read_text(encoding="utf-8")), path


WRAPS = """
({})  [{}]  [a, {}]  {{a: {}}}  {{{}: a}}  f({})  f(a, {}, b)  f(a={})  f(*{})  f[{}]  f[a:{}]  ({}).a  ({})()
(lambda: {})  (lambda a, b: {})  (lambda a={}: a)  ({} if a else b)  (a if b else {})  (not {})  (-{})  (a := {})
[{} for a, b in c]  [a for a, b in {} for c, d in e]  [a for a in b if {}]  (a < {})  (a and {})  (a or b and {})
(a + b * {})  ({} ** a)  ('a' '(' % {})  f'{{{}}}'.a  f'(' f'{{{}!r:>10}}'
""".replace("\n", "  ").split("  ")[1:-1]


def levels(tree: ast.AST) -> int:
    """How many levels a tree has, without the nodes that say which operator or use of a name it is."""
    kinds = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    row, count = [tree], 0
    while row:
        row = [one for node in row for one in ast.iter_child_nodes(node) if not isinstance(one, kinds)]
        count += 1
    return count


@pytest.mark.parametrize("seed", range(3))
def test_what_is_let_through_is_not_deeper_than_the_limit(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    choose = random.Random(seed)
    checked = 0
    while checked < 60:
        text = "a"
        for _ in range(choose.randint(5, 25)):
            text = choose.choice(WRAPS).format(text) if "'" not in text else f"({text}, a)"
        text = f"x = {text}\n"
        try:
            deep = levels(ast.parse(text))
        except SyntaxError:
            continue
        checked += 1
        monkeypatch.setattr(depth, "DEEPEST", deep - 5)
        monkeypatch.setattr(depth, "BRACKET", 1)
        assert depth.too_deep(text), text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x = 'a' \"b\"  # c\ny = 1\n", "x = 0  0   \ny = 1\n"),
        ("x = '''a\n'b\\'''c''' + y\n", "x = 0  + y\n"),
        ("x = 'it\\'s' + r'\\\\' + '\\\\' + ''\n", "x = 0  + r0  + 0  + 0 \n"),
        ("x = f'a{b}c{{d}}{e!r:>{f}}'\n", "x = f0 {b}{e!r:{f}}\n"),
        ("x = f'{a['b'](\"}\")}' + g\n", "x = f0 {a[0 ](0 )} + g\n"),
        ("x = f'''{\n  a  # }\n}''' + g\n", "x = f0 {\n  a  \n} + g\n"),
        ("x = rf'\\{a}' + f'\\N{DASH}{b}' + tf'{c}'\n", "x = rf0 {a} + f0 {b} + tf0 \n"),
        ("x = t'{a}' + rb'{b}' + u'{c}'\n", "x = t0 {a} + rb0  + u0 \n"),
        ("x = 'a\ny = (1\n", "x = 0 "),
        ("x = '''a\ny = (1\n", "x = 0 "),
        ("x = 1\r\ny = 'a'\r# b\r", "x = 1\ny = 0 \n\n"),
    ],
)
def test_strings_are_told_from_code_as_the_parser_does(text: str, shown: str) -> None:
    assert skeleton(text) == shown


def test_objects_that_hold_each_other_are_not_too_deep(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    text = """import torch


class Storage:
    def __init__(self):
        self.attached = []
        self.rows = torch.zeros(8, 2)

    def attach(self, buffer):
        self.attached.append(buffer)


class Buffer:
    def __init__(self):
        self.storage = Storage()
        self.count = torch.zeros(1)
        self.storage.attach(self)

    def add(self, row):
        self.count += 1
        self.storage.rows[0] = row
        self.count.clone()
"""
    write(tmp_path, buffer=text)
    command = [sys.executable, "-m", "torchcopylint", "--no-cache", "--output-format", "json", "buffer.py"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert [found["code"] for found in json.loads(done.stdout)] == ["TCL505"]
