"""The program for other programs, as they see it: from outside, typed, and no slower to start for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from blocks import blocks
from workspace import BOTH, IMPORTS, LOST, ROOT, configure, write

import torchcopylint
from torchcopylint import Confidence, ConfigError, LintError, Settings, Severity, Source, lint, lint_paths


def test_a_text_gives_findings_with_stable_fields() -> None:
    (finding,) = lint(LOST)
    assert (finding.path, finding.code, finding.slug) == ("<text>", "TCL505", "discarded-copy")
    assert (finding.span.line, finding.span.column) == (4, 1)
    assert (finding.confidence, finding.severity) == (Confidence.HIGH, Severity.ERROR)


def test_a_source_is_named_as_its_path_says() -> None:
    assert [finding.path for finding in lint(Source("src/a.py", LOST))] == ["src/a.py"]


def test_settings_choose_by_code_beginning_and_name() -> None:
    for chosen in ("TCL107", "TCL1", "tensor-of-tensor"):
        assert [finding.code for finding in lint(BOTH, Settings(select=(chosen,)))] == ["TCL107"]
    with pytest.raises(ConfigError, match="ignore: unknown rule 'TCL999'"):
        lint(BOTH, Settings(ignore=("TCL999",)))


def test_what_is_no_python_is_a_finding() -> None:
    assert [finding.code for finding in lint("import torch\ndef f(:\n")] == ["TCL901"]


def test_a_fault_of_the_analysis_is_raised_with_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torchcopylint.checks.judge", None)
    with pytest.raises(LintError, match=r"^src/a.py: TypeError"):
        lint(Source("src/a.py", LOST))


def test_paths_are_linted_with_the_configuration_near_them(tmp_path: Path) -> None:
    write(tmp_path, a=BOTH, b="x = 1\n")
    configure(tmp_path, 'ignore = ["TCL505"]')
    linted = {Path(one.path).name: one for one in lint_paths([tmp_path, tmp_path / "missing"])}
    assert list(linted) == ["missing", "a.py", "b.py"]
    assert [finding.code for finding in linted["a.py"].findings] == ["TCL107"]
    assert (linted["b.py"].findings, linted["b.py"].failure) == ((), "")
    assert linted["missing"].failure == "no such file or directory"


def test_needless_copies_are_information_where_they_are_made_once() -> None:
    once = "import torch\n\nx = torch.zeros(3)\ny = (x + 1).clone()\n"
    each = f"{IMPORTS}\n\nclass M(nn.Module):\n    def forward(self, x):\n        return x + torch.zeros(3).clone()\n"
    assert [(f.code, f.severity) for f in lint(once)] == [("TCL102", Severity.INFORMATION)]
    assert [(f.code, f.severity) for f in lint(each)] == [("TCL102", Severity.WARNING)]


def test_the_readme_example_runs(tmp_path: Path) -> None:
    (example,) = (b.text for b in blocks(ROOT / "README.md") if "lint_paths" in b.text)
    (tmp_path / "src").mkdir()
    write(tmp_path / "src", a=LOST)
    (tmp_path / "example.py").write_text(example)
    command = [sys.executable, "example.py"]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "src/a.py []\n", done.stderr


def test_its_types_hold_from_outside(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "good.py").write_text(
        "from torchcopylint import Finding, Linted, Source, lint, lint_paths\n"
        "found: tuple[Finding, ...] = lint(Source('a.py', ''))\n"
        "each: list[Linted] = list(lint_paths(['src']))\n"
    )
    (tmp_path / "bad.py").write_text("from torchcopylint import lint\nwrong: list[int] = lint(3)\n")
    command = [sys.executable, "-m", "mypy", "--strict", "good.py", "bad.py", f"--cache-dir={tmp_path / 'cache'}"]
    environment = {"MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert "good.py" not in done.stdout
    assert done.stdout.count("bad.py:2") == 2, done.stdout + done.stderr


def test_every_exported_name_is_there_and_no_other() -> None:
    assert all(getattr(torchcopylint, name) is not None for name in torchcopylint.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lnt'"):
        _ = torchcopylint.lnt  # type: ignore[attr-defined]
