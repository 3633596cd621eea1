"""Rules of one's own: found by their entry point, treated as ours are; a broken plugin is named and stops nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workspace import LOST, ROOT, configure, places

EXAMPLE = ROOT / "tests" / "plugin" / "acme_rules"
CARD = "ACME101-clone-in-forward.md"
FORWARD = """\
import torch
from torch import nn


class Shift(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        y += 1
        return y
"""


class Site:
    """A folder on sys.path into which distributions are put, and the program as it runs with that."""

    def __init__(self, root: Path) -> None:
        self.site, self.work = root / "site", root / "work"
        self.site.mkdir()
        self.work.mkdir()
        (self.work / "model.py").write_text(FORWARD)

    def install(self, name: str = "acme", module: str = "acme_rules", more: str = "") -> Path:
        """Puts the example there, with the metadata that an installer writes; gives where its package lies."""
        metadata = self.site / f"{name}_rules-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-rules\nVersion: 1.0\n")
        points = f"[console_scripts]\nx = y:z\n\n[torchcopylint.rules]\n{name} = {module}\n\n[other]\na = b\n{more}"
        (metadata / "entry_points.txt").write_text(points)
        package = self.site.joinpath(*module.split("."))
        shutil.copytree(EXAMPLE, package, ignore=shutil.ignore_patterns("__pycache__"))
        return package

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The program, run where nothing but the site brings plugins."""
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{self.site}"}
        command = [sys.executable, "-m", "torchcopylint", *arguments]
        return subprocess.run(command, cwd=self.work, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_rule_of_a_plugin_is_in_force(site: Site) -> None:
    site.install()
    done = site.run("model.py")
    assert places(done.stdout) == ["model.py:7:13: ACME101"]
    assert "in every step; our models write out of place" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_it_is_chosen_and_left_out_by_code_prefix_and_name(site: Site) -> None:
    site.install()
    for name in ("ACME101", "acme1", "ACME", "clone-in-forward"):
        assert places(site.run("--select", name, "model.py").stdout) == ["model.py:7:13: ACME101"]
        assert site.run("--ignore", name, "model.py").stdout == ""
    assert site.run("--select", "TCL", "model.py").stdout == ""
    assert "unknown rule 'ACM'" in site.run("--select", "ACM", "model.py").stderr
    configure(site.work, 'ignore = ["ACME101"]')
    assert site.run("model.py").stdout == ""


@pytest.mark.parametrize("comment", ["noqa: ACME101", "noqa", "torchcopylint: ignore[clone-in-forward] it is small"])
def test_a_comment_takes_it_back(site: Site, comment: str) -> None:
    site.install()
    (site.work / "model.py").write_text(FORWARD.replace("x.clone()", f"x.clone()  # {comment}"))
    assert site.run("model.py").stdout == ""


def test_rule_lists_it_after_ours_and_prints_its_card(site: Site) -> None:
    site.install()
    listed = site.run("rule").stdout.splitlines()
    assert [line for line in listed if line.startswith("ACME")] == [
        line for line in listed if "Reports `.clone()` in the `forward` of a module." in line
    ]
    assert site.run("rule", "acme101").stdout == (EXAMPLE / CARD).read_text()


def test_every_format_names_it(site: Site) -> None:
    site.install()
    for style in ("full", "json", "sarif", "github"):
        assert "ACME101" in site.run("--output-format", style, "model.py").stdout, style


def test_a_package_below_another_is_found_without_importing_that(site: Site) -> None:
    site.install(module="acme.lint.rules")
    (site.site / "acme" / "__init__.py").write_text("raise SystemExit('imported')\n")
    assert "ACME101" in site.run("rule").stdout


def test_without_an_entry_point_nothing_is_found(site: Site) -> None:
    shutil.copytree(EXAMPLE, site.site / "acme_rules")
    assert site.run("model.py").stdout == ""


def test_what_lies_in_the_directory_to_be_linted_is_no_plugin(site: Site) -> None:
    site.install()
    for path in site.site.iterdir():
        shutil.move(path, site.work)
    assert site.run("model.py").stdout == ""


def break_nothing(package: Path) -> None:
    shutil.rmtree(package)


def break_card(package: Path) -> None:
    (package / CARD).write_text("# ACME101 clone-in-forward\n")


def break_check(package: Path) -> None:
    (package / "clone_in_forward.py").unlink()


def break_import(package: Path) -> None:
    (package / "clone_in_forward.py").write_text("import nowhere_at_all\n")


def break_annotation(package: Path) -> None:
    (package / "clone_in_forward.py").write_text("def clone_in_forward(event: int):\n    return None\n")


def break_call(package: Path) -> None:
    path = package / "clone_in_forward.py"
    path.write_text(path.read_text().replace("    fields =", "    fields = {}[1]\n    fields ="))


def break_slug(package: Path) -> None:
    path = package / "clone_in_forward.py"
    path.write_text(path.read_text().replace('Judgement("clone-in-forward"', 'Judgement("discarded-copy"'))


def break_message(package: Path) -> None:
    path = package / "clone_in_forward.py"
    path.write_text(path.read_text().replace('"name": event.argument, ', ""))


def break_code(package: Path) -> None:
    text = (package / CARD).read_text().replace("ACME101", "TCL999")
    (package / CARD).unlink()
    (package / "TCL999-clone-in-forward.md").write_text(text)


BROKEN = {
    break_nothing: "there is no package 'acme_rules'; its rules are not used",
    break_card: "one ```toml block must follow the title; its rules are not used",
    break_check: "there is no check clone_in_forward.py beside it; its rules are not used",
    break_import: "ACME101 is not used: ModuleNotFoundError: No module named 'nowhere_at_all'",
    break_annotation: "ACME101 is not used: TypeError: clone_in_forward: the argument `event` must be annotated",
    break_call: "ACME101: KeyError: 1",
    break_slug: "ACME101: ValueError: the judgement is of 'discarded-copy'",
    break_message: "placeholder {name} got no value",
    break_code: "codes that begin with TCL are reserved for torchcopylint; its rules are not used",
}


@pytest.mark.parametrize("damage", BROKEN, ids=lambda damage: damage.__name__)
def test_a_broken_plugin_is_named_once_and_stops_nobody(site: Site, damage: object) -> None:
    assert callable(damage)
    damage(site.install())
    other = site.install("other", "other_rules")
    text = (other / CARD).read_text().replace("ACME101", "OTHER7").replace("clone-in-forward", "other-clone")
    (other / CARD).unlink()
    (other / "OTHER777-other-clone.md").write_text(text.replace("OTHER7", "OTHER777"))
    check = (other / "clone_in_forward.py").read_text()
    (other / "clone_in_forward.py").unlink()
    (other / "other_clone.py").write_text(
        check.replace("clone_in_forward", "other_clone").replace("clone-in-forward", "other-clone")
    )
    (site.work / "again.py").write_text(FORWARD)
    (site.work / "lost.py").write_text(LOST)
    done = site.run("-j", "1", ".")
    assert places(done.stdout) == ["again.py:7:13: OTHER777", "lost.py:4:1: TCL505", "model.py:7:13: OTHER777"]
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("torchcopylint: plugin 'acme' (acme_rules-1.0): ")
    assert BROKEN[damage] in done.stderr  # type: ignore[index]


def test_looking_for_plugins_loads_next_to_nothing() -> None:
    code = "import sys; from torchcopylint.cards.plugin import plugins; plugins(); print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    loaded = done.stdout.split()
    assert "torchcopylint.cards.plugin" in loaded, done.stderr
    assert not {"importlib.metadata", "libcst", "click", "email"} & set(loaded)


def test_a_broken_plugin_is_named_with_confirm_too(site: Site) -> None:
    break_call(site.install())
    done = site.run("-j", "1", "--confirm", "model.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert BROKEN[break_call] in done.stderr and done.stderr.count("\n") == 1
