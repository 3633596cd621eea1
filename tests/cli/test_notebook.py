"""Notebooks as users meet them: where findings are, what is passed over, what a fix leaves alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks import code, notebook
from workspace import COPIED, IMPORTS, TRAIN, Run, configure, places

from torchcopylint.config import Settings
from torchcopylint.files.notebook import NotANotebook, program
from torchcopylint.files.source import decode
from torchcopylint.run import lint, lint_bytes

TRAIN, COPIED = (text.rstrip() for text in (TRAIN, COPIED))  # as a cell ends


TEXT = {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "x.clone()"]}
HEAD = "!pip install torch \\\n  another\n%matplotlib inline\n" + IMPORTS


def test_findings_are_named_by_code_cell_line_and_column(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text(notebook(TEXT, HEAD, "%%bash\nls 'x", f"%%time\n{TRAIN}"))
    done = torchcopylint("n.ipynb")
    assert done.returncode == 1
    assert done.stdout.startswith("n.ipynb:cell 3:10:13: TCL401 ") and done.stdout.count("\n") == 1
    assert torchcopylint("n.ipynb").stdout == done.stdout  # as kept from the run before
    full = torchcopylint("--output-format", "full", "n.ipynb").stdout
    assert "\n  10 |             best, lowest = model.state_dict(), loss.item()\n" in full
    assert "\n     + import copy\n" in full


def test_machines_are_told_the_place_in_the_file(torchcopylint: Run, tmp_path: Path) -> None:
    text = notebook(HEAD, TRAIN)
    (tmp_path / "n.ipynb").write_text(text)
    (found,) = json.loads(torchcopylint("--output-format", "json", "n.ipynb").stdout)
    row = text.splitlines()[found["line"] - 1]
    assert found["path"] == "n.ipynb"
    assert row[found["column"] - 1 : found["end_column"] - 1] == "best, lowest = model.state_dict(), loss.item()"
    assert found["cell"] == {"number": 2, "line": 9, "column": 13, "end_line": 9, "end_column": 59}
    assert all(step["path"] == "n.ipynb" and step["line"] > 20 for step in found["steps"])


def test_directories_are_walked_for_notebooks_too(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text(notebook("import torch\nx = torch.zeros(3)", "x.clone()\ny = 1"))
    assert [place.split(" TCL")[0] for place in torchcopylint(".").stdout.split(": `")[:1]] == ["n.ipynb:cell 2:1:1:"]


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        pytest.param("x.clone()", 0, id="last"),
        pytest.param("x.clone()  # shown\n\n# end\n", 0, id="last, comment"),
        pytest.param("x.clone();", 1, id="not shown"),
        pytest.param("x.clone()\n1", 1, id="not last"),
        pytest.param("x.clone(); x.clone()", 1, id="first of two"),
        pytest.param("for i in range(3):\n    x.clone()", 2, id="in a loop"),
        pytest.param("%%time\nx.clone()\n%timeit x", 2, id="before a magic"),
        pytest.param("%timeit x.clone()", 0, id="in a magic"),
        pytest.param("if x is not None:\n    !ls\nx.clone()\ny = (x\n  % 3)", 3, id="nested, and no magic"),
        pytest.param("t = '''\n!not\n%one'''\nx.clone()\nx?", 4, id="in a string"),
        pytest.param("files = !ls\nx.clone()\nprint(files)", 2, id="assigned"),
        pytest.param("%%html\nx.clone()\n1", 0, id="other language"),
        pytest.param("%%capture out\nx.clone()\n1", 2, id="captured"),
        pytest.param("?x\nx.clone??\nx.clone()\nawait x", 3, id="help, await"),
        pytest.param("", 0, id="empty"),
    ],
)
@pytest.mark.parametrize("listed", [True, False], ids=["lines", "text"])
def test_what_is_ipythons_counts_as_nothing(torchcopylint: Run, cell: str, line: int, listed: bool) -> None:
    text = notebook("import torch\nx = torch.zeros(3)", TEXT, code(cell, listed=listed), "y = 1")
    done = torchcopylint("--stdin-filename", "n.ipynb", "-", input=text)
    found = [place.rpartition(":")[0].rpartition(":")[0] for place in done.stdout.split(" TCL505")[:-1]]
    assert (found, done.stderr) == ([f"n.ipynb:cell 2:{line}"] if line else [], "")
    assert "TCL9" not in done.stdout


def test_a_syntax_error_and_a_file_that_is_no_notebook_are_told(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(notebook("x = 1", "import torch\ny = ("))
    (tmp_path / "b.ipynb").write_text('{"cells": [\n}')
    (tmp_path / "c.ipynb").write_text("[]")
    (tmp_path / "d.ipynb").write_text(notebook("import torch; library(x) <- 'y", language="R"))
    rows = torchcopylint(".").stdout.splitlines()
    assert [row.partition(" TCL")[0] for row in rows] == ["a.ipynb:cell 2:2:5:", "b.ipynb:2:1:", "c.ipynb:1:1:"]
    assert [row.split(": TCL")[1][:3] for row in rows] == ["901", "902", "902"]


@pytest.mark.parametrize(
    "style",
    [{}, {"indent": "\t"}, {"indent": None}, {"indent": 4, "ensure_ascii": True}],
    ids=["usual", "tabs", "one line", "escaped"],
)
@pytest.mark.parametrize("listed", [True, False], ids=["lines", "text"])
def test_a_fix_changes_only_the_source_of_cells(
    torchcopylint: Run, tmp_path: Path, style: dict[str, Any], listed: bool
) -> None:
    comment = '# "caf\u00e9" \\ \U0001f600\n'
    before = [code(HEAD, listed=listed), TEXT, code(comment + TRAIN, listed=listed)]
    after = [code(HEAD.replace(IMPORTS, f"import copy\n\n{IMPORTS}"), listed=listed), TEXT]
    after.append(code(comment + COPIED, listed=listed))
    (tmp_path / "n.ipynb").write_text(notebook(*before, **style), newline="")
    done = torchcopylint("--fix", "--unsafe-fixes", "n.ipynb")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 finding fixed in 1 file\n")
    assert (tmp_path / "n.ipynb").read_text() == notebook(*after, **style)


UNREADABLE = {
    "blank": "loss =   # your code here",
    "YAML": "lr: 0.1\nlayers:\n  - 3\n  - 4",
    "shell": "export A=1\nfor i in 1 2; do echo $i; done",
    "Julia": "function f(x)\n  x .+ 1\nend",
    "half a character": '"\ud83d"',
    "indentation": "if True:\nprint(1)",
}
READABLE = "import torch\nx = torch.zeros(3)"


@pytest.mark.parametrize("cell", UNREADABLE.values(), ids=UNREADABLE)
def test_a_cell_that_is_no_python_is_named_and_the_others_are_linted(torchcopylint: Run, cell: str) -> None:
    text = notebook(cell, READABLE, TEXT, cell, "y = 1\nx.clone()\n1", ensure_ascii=True)
    done = torchcopylint("--stdin-filename", "n.ipynb", "-", input=text)
    rows = [row for row in done.stdout.splitlines() if "TCL505" not in row]
    assert [row.split(":")[1] for row in rows] == ["cell 1", "cell 3"]
    assert all("TCL901 cannot be parsed, so nothing else in this cell was checked: " in row for row in rows)
    assert "n.ipynb:cell 4:2:1: TCL505 `x.clone()`" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_the_place_in_a_skipped_cell_is_right_for_people_and_machines(torchcopylint: Run, tmp_path: Path) -> None:
    text = notebook(READABLE, "# why\ny = x[1:]\nz = (", "x.clone()\n1")
    (tmp_path / "n.ipynb").write_text(text)
    full = torchcopylint("--output-format", "full", "n.ipynb").stdout
    assert "n.ipynb:cell 2:3:5: TCL901" in full and "\n  3 | z = (\n    |     ^" in full
    broken, lost = json.loads(torchcopylint("--output-format", "json", "n.ipynb").stdout)
    assert broken["cell"] == {"number": 2, "line": 3, "column": 5, "end_line": 3, "end_column": 6}
    assert text.splitlines()[broken["line"] - 1][broken["column"] - 1 :].startswith("(")
    assert text.splitlines()[lost["line"] - 1][lost["column"] - 1 :].startswith("x.clone()")
    assert len({broken["fingerprint"], lost["fingerprint"]}) == 2


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        pytest.param("x = load(", False, id="assigned"),
        pytest.param("x, z = 1, (", False, id="one of two"),
        pytest.param("for x in data:", False, id="loop"),
        pytest.param("with open(a) as x:", False, id="with"),
        pytest.param("def x(a:", False, id="function"),
        pytest.param("if (x := f(", False, id="named"),
        pytest.param("x[0] = (", False, id="a part of it"),
        pytest.param("x.grad = (", False, id="an attribute of it"),
        pytest.param("f(x, a=x, b=(", True, id="handed over"),
        pytest.param("y = x == (", True, id="compared"),
        pytest.param("print(x", True, id="read"),
        pytest.param("torch.backends.cudnn.benchmark = (", True, id="a part of a module"),
        pytest.param("torch = (", False, id="the module itself"),
        pytest.param("'x = 1' # x = 1\n(", True, id="in text"),
    ],
)
def test_what_a_skipped_cell_may_have_defined_is_unknown_after_it(cell: str, found: bool) -> None:
    source = decode("n.ipynb", notebook(READABLE, cell, "z = torch.tensor(x)").encode())
    assert [one.code for one in lint(source, Settings()).findings] == ["TCL901", *(["TCL107"] if found else [])]


def test_imports_of_a_skipped_cell_hold_and_nothing_is_written_into_one(torchcopylint: Run, tmp_path: Path) -> None:
    broken = f"# a\n{IMPORTS}import yaml as (\nlr: 3"
    (tmp_path / "n.ipynb").write_text(notebook("a:\n- 1\n# b", broken, "# first\nk = 1", TRAIN, "x =   # end"))
    done = torchcopylint("--fix", "--unsafe-fixes", "n.ipynb")
    assert done.stdout.count("TCL901") == done.stdout.count("\n") == 3
    assert (done.returncode, done.stderr) == (1, "1 finding fixed in 1 file\n")
    after = notebook("a:\n- 1\n# b", broken, "import copy\n\n# first\nk = 1", COPIED, "x =   # end")
    assert (tmp_path / "n.ipynb").read_text() == after


def test_comments_hold_beside_a_skipped_cell_and_in_it(torchcopylint: Run, tmp_path: Path) -> None:
    skipped = "x =  # torchcopylint: ignore[syntax-error] for the reader\n# noqa: TCL505"
    comment = "y = torch.tensor(x)  # torchcopylint: ignore[tensor-of-tensor] may need the cell that is skipped"
    (tmp_path / "n.ipynb").write_text(notebook(READABLE, skipped, comment, "x = torch.zeros(3)\nx.clone()\n1"))
    assert torchcopylint("n.ipynb").stdout.count("\n") == 1
    assert "n.ipynb:cell 4:2:1: TCL505" in torchcopylint("n.ipynb").stdout


def test_what_a_shell_runs_by_itself_is_no_reason_to_skip(torchcopylint: Run) -> None:
    text = notebook("pip install torch>=2 'a b'\ncd ../data\nimport torch\nx = torch.zeros(3)", "x.clone()\n1")
    done = torchcopylint("--stdin-filename", "n.ipynb", "-", input=text)
    assert done.stdout.startswith("n.ipynb:cell 2:1:1: TCL505") and done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        pytest.param('{"cells": [null]}', "1:12", "cells[0] is not an object", id="null"),
        pytest.param('{"cells": [\n{"cell_type": "raw"},\n 3]}', "3:2", "cells[1] is not an object", id="number"),
        pytest.param('{"cells": ["a"]}', "1:12", "cells[0] is not an object", id="text"),
        pytest.param('{"cells": [{"source": "a"}]}', "1:12", "cells[0].cell_type is not a string", id="no type"),
        pytest.param(
            '{"cells": [{"cell_type": "code"}]}', "1:12", "cells[0].source is neither a string nor", id="no source"
        ),
        pytest.param(
            '{"cells": [{"cell_type": "code", "source": ["a", 1]}]}',
            "1:12",
            "cells[0].source is neither",
            id="a number",
        ),
        pytest.param(f'{{"cells": {"[" * 3000}{"]" * 3000}}}', "1:1", "nested too deeply", id="deep"),
        pytest.param(f'{{"cells": [{"1" * 5000}]}}', "1:1", "Exceeds the limit", id="long number"),
    ],
)
def test_what_is_wrong_in_a_notebook_is_told_with_its_place(text: str, place: str, reason: str) -> None:
    (found,) = lint_bytes("n.ipynb", text.encode(), Settings()).findings
    assert (f"{found.span.line}:{found.span.column}", found.code) == (place, "TCL902")
    assert reason in found.message


def test_the_last_of_two_lists_of_cells_counts() -> None:
    first, second = (json.dumps([code(text, listed=False)]) for text in "ab")
    shown, _ = program(f'{{"cells": {first}, "cells": {second}}}')
    assert shown == "b\n"


def test_a_comment_and_the_settings_hold_in_cells(torchcopylint: Run, tmp_path: Path) -> None:
    configure(tmp_path, 'ignore = ["TCL505"]')
    (tmp_path / "n.ipynb").write_text(
        notebook(
            HEAD, TRAIN.replace("loss.item()\n    model", "loss.item()  # noqa: TCL401\n    model"), "x.clone()\n1"
        )
    )
    assert places(torchcopylint("n.ipynb").stdout) == []


@given(
    st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=30), max_size=4)
)
def test_every_character_is_found_in_the_file(cells: list[str]) -> None:
    for escaped in (True, False):
        for listed in (True, False):
            text = notebook(*(code(cell, listed=listed) for cell in cells), ensure_ascii=escaped)
            shown, held = program(text)
            rows = shown.split("\n")
            for number, row in enumerate(held.rows, 1):
                if held.skips(number):
                    continue
                for column, char in enumerate(rows[number - 1] if len(row.places) > 1 else "", 1):
                    at = held.offset(number, column)
                    end = held.offset(number, column + 1)
                    assert json.loads(f'"{text[at:end]}"') == char


def test_what_is_no_notebook_is_refused() -> None:
    for text in ("", "1", '{"cells": 1}', '{"worksheets": []}'):
        with pytest.raises(NotANotebook):
            program(text)
