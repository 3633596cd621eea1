"""Models that users declare of their own calls, through the program: what each kind changes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from workspace import Run, configure, places, write

HEAD = "import torch\nimport mylib\nfrom torch import nn\n\n\n"
FORWARD = HEAD + "class Net(nn.Module):\n    def forward(self, x: torch.Tensor):\n        {}\n        return x * 2\n"
WINDOW = HEAD + "def halves(x: torch.Tensor):\n    y = mylib.window(x)\n    y.mul_(2)\n    return x, y\n"
FIT = (
    HEAD + "def fit(model: nn.Module, batches, optimizer: torch.optim.Optimizer):\n"
    "    best = mylib.weights(model)\n    for batch in batches:\n        model(batch).sum().backward()\n"
    "        optimizer.step()\n    model.load_state_dict(best)\n"
)
BUILT = (
    HEAD
    + "import copy\n\n\ndef search(batches):\n    made = mylib.build()\n    for batch in batches:\n"
    + ("        made(batch).sum().backward()\n        copy.deepcopy(made)\n")
)


def declare(root: Path, *lines: str) -> None:
    """A pyproject.toml with these entries in its table of models."""
    (root / "pyproject.toml").write_text("[tool.torchcopylint.models]\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("code", "entry", "found"),
    [
        (FORWARD.format("mylib.scale(x, 2)"), '"mylib.scale" = { kind = "inplace" }', ["8:9: TCL309"]),
        (FORWARD.format("mylib.mix(2, x)"), '"mylib.mix" = { kind = "inplace", writes = [1] }', ["8:9: TCL309"]),
        (FORWARD.format("mylib.mix(2, x)"), '"mylib.mix" = { kind = "fresh", writes = 1 }', ["8:9: TCL309"]),
        (FORWARD.format("mylib.mix(2, x)"), '"mylib.mix" = { kind = "inplace", writes = 0 }', []),
        (FORWARD.format("mylib.peek(x).add_(1)"), '"mylib.peek" = { kind = "same" }', ["8:9: TCL309"]),
        (FORWARD.format("mylib.peek(x).add_(1)"), '"mylib.peek" = { kind = "view" }', ["8:9: TCL309"]),
        (FORWARD.format("mylib.peek(x).add_(1)"), '"mylib.peek" = { kind = "fresh" }', []),
        (FORWARD.format("mylib.peek(x).add_(1)"), '"mylib.peek" = { kind = "unknown" }', []),
        (FORWARD.format("mylib.peek(2, x).add_(1)"), '"mylib.peek" = { kind = "view", of = 1 }', ["8:9: TCL309"]),
        (WINDOW, '"mylib.window" = { kind = "view" }', ["8:5: TCL301"]),
        (WINDOW, '"mylib.window" = { kind = "perhaps" }', ["8:5: TCL410"]),
        (FIT, '"mylib.weights" = { kind = "view", returns = "state_dict" }', ["7:5: TCL401"]),
        (FIT, '"mylib.weights" = { kind = "fresh", returns = "state_dict" }', []),
        (BUILT, '"mylib.build" = { kind = "fresh", returns = "module" }', ["13:9: TCL101"]),
        (BUILT, '"mylib.build" = { kind = "fresh", returns = "tensor" }', ["13:9: TCL104"]),
    ],
)
def test_a_declaration_is_what_the_rules_go_by(
    torchcopylint: Run, tmp_path: Path, code: str, entry: str, found: list[str]
) -> None:
    write(tmp_path, a=code)
    assert places(torchcopylint("a.py").stdout) == []
    declare(tmp_path, entry)
    done = torchcopylint("a.py")
    assert [place.removeprefix("a.py:") for place in places(done.stdout)] == found, done.stdout + done.stderr


def test_a_declaration_goes_over_what_is_known(torchcopylint: Run, tmp_path: Path) -> None:
    code = FORWARD.format("torch.narrow(x, 0, 0, 1).add_(1)")
    write(tmp_path, a=code)
    assert places(torchcopylint("a.py").stdout) == ["a.py:8:9: TCL309"]
    declare(tmp_path, '"torch.narrow" = { kind = "fresh" }')
    assert places(torchcopylint("a.py").stdout) == []


@pytest.mark.parametrize(
    "head",
    [
        "from mylib import scale",
        "from mylib.ops import scale",
        "from .ops import scale",
        "from mylib.ops import scale as s",
    ],
)
def test_the_name_is_the_one_it_is_imported_by(torchcopylint: Run, tmp_path: Path, head: str) -> None:
    call = "s(x)" if head.endswith(" s") else "scale(x)"
    write(tmp_path, a=FORWARD.format(call).replace("import mylib", head))
    declare(tmp_path, '"mylib.ops.scale" = { kind = "inplace" }')
    found = [] if head == "from mylib import scale" else ["a.py:8:9: TCL309"]
    assert places(torchcopylint("a.py").stdout) == found


def test_every_process_knows_them(torchcopylint: Run, tmp_path: Path) -> None:
    names = [f"m{i:02}" for i in range(40)]
    write(tmp_path, **{name: FORWARD.format("mylib.scale(x)") for name in names})
    declare(tmp_path, '"mylib.scale" = { kind = "inplace" }')
    expected = [f"{name}.py:8:9: TCL309" for name in names]
    assert places(torchcopylint("-j", "2", ".").stdout) == expected
    assert places(torchcopylint("-j", "1", ".").stdout) == expected


def test_standard_input_knows_them(torchcopylint: Run, tmp_path: Path) -> None:
    declare(tmp_path, '"mylib.scale" = { kind = "inplace" }')
    done = torchcopylint("--stdin-filename", "a.py", "-", input=FORWARD.format("mylib.scale(x)"))
    assert places(done.stdout) == ["a.py:8:9: TCL309"]


def test_other_settings_stand_beside_them(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=FORWARD.format("mylib.scale(x)"))
    configure(tmp_path, 'ignore = ["TCL309"]\nmodels = { "mylib.scale" = { kind = "inplace" } }')
    assert places(torchcopylint("a.py").stdout) == []
    assert places(torchcopylint("--select", "TCL3", "a.py").stdout) == ["a.py:8:9: TCL309"]


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('"m.f" = { kind = "inplce" }', '."m.f".kind: unknown kind \'inplce\'; did you mean \'inplace\'?'),
        ('"m.f" = { kind = "view", off = 1 }', '."m.f".off: unknown key; did you mean \'of\'?'),
        ('"m.f" = { kind = "view", returns = "tensr" }', "unknown returns 'tensr'; did you mean 'tensor'?"),
        ('"m.f" = { kind = "view", of = "x" }', '."m.f".of: must be an argument position (from 0) or a list'),
        ('"m.f" = { kind = "view", of = [true] }', "or a list of positions, not [True]"),
        ('"m.f" = { kind = "view", writes = -1 }', '."m.f".writes: must be an argument position'),
        ('"m.f" = { kind = "view", writes = [] }', '."m.f".writes: must be an argument position'),
        ('"m.f" = { kind = 1 }', '."m.f".kind: must be a string, not 1'),
        ('"m.f" = { of = 1 }', '."m.f": has no kind; it must be one of fresh, view, perhaps, inplace, same, unknown'),
        ('"m.f" = "fresh"', '."m.f": must be a table such as { kind = "fresh" }, not \'fresh\''),
        ('snapshot = { kind = "fresh" }', ".snapshot: must be a fully qualified name such as 'mylib.snapshot'"),
        ('m.f = { kind = "fresh" }', ".m: must be a fully qualified name such as 'mylib.snapshot', in quotes"),
        ('"m.f" = { kind = "unknown", of = 1 }', '."m.f".of: has no effect with kind = "unknown"'),
        ('"m.f" = { kind = "same", returns = "none" }', "'none' cannot share memory, but kind = 'same'"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_file_and_key(
    torchcopylint: Run, tmp_path: Path, entry: str, complaint: str
) -> None:
    write(tmp_path, a=WINDOW)
    declare(tmp_path, entry)
    done = torchcopylint("a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"torchcopylint: {tmp_path / 'pyproject.toml'}: tool.torchcopylint.models.")
    assert complaint in done.stderr


def test_models_must_be_a_table(torchcopylint: Run, tmp_path: Path) -> None:
    configure(tmp_path, "models = 3")
    write(tmp_path, a=WINDOW)
    assert "tool.torchcopylint.models: must be a table of calls, not 3" in torchcopylint("a.py").stderr
