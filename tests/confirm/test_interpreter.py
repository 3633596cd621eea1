"""Which interpreter `--confirm` starts: a project that is linted may not bring its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from executables import ran, stand_in
from workspace import LOST, LOST_AT, ROOT, Run, configure, places, write

from torchcopylint.files.checkout import Checkout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project that somebody else wrote, with something to find and an executable."""
    clone = tmp_path / "clone"
    stand_in(clone / "bin" / "evil")
    write(clone, a=LOST)
    (clone / ".git").mkdir()
    return clone


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """An executable that came from elsewhere."""
    return stand_in(tmp_path / "elsewhere" / "chosen")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A user who has configured nothing."""
    return {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config")}


def own(home: dict[str, str], toml: str) -> Path:
    """Writes the user's own configuration."""
    file = Path(home["XDG_CONFIG_HOME"]) / "torchcopylint" / "torchcopylint.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(toml)
    return file


WAYS = [
    "../bin/evil",
    "{clone}/bin/evil",
    "{clone}/bin/out",  # a link in the project that leads out of it
    "{clone}/../elsewhere/in",  # a link that leads in
    "{clone}/../elsewhere/twice",  # a link to that link
    "{clone}/../elsewhere/bin/evil",  # a link to its directory
    "/proc/self/cwd/bin/evil",
    "~/../clone/bin/evil",
    "../../elsewhere/chosen",  # relative: where it leads depends on where the project lies
]


def test_what_the_project_brings_is_not_started(
    torchcopylint: Run, clone: Path, outside: Path, home: dict[str, str]
) -> None:
    """One project in the project for each way: none of them is looked at alone."""
    (clone / "bin" / "out").symlink_to(outside)
    (outside.parent / "in").symlink_to(clone / "bin" / "evil")
    (outside.parent / "twice").symlink_to(outside.parent / "in")
    (outside.parent / "bin").symlink_to(clone / "bin")
    for number, way in enumerate(WAYS):
        (clone / f"p{number}").mkdir()
        write(clone / f"p{number}", a=LOST)
        configure(clone / f"p{number}", f"confirm.python = {way.format(clone=clone)!r}")
    done = torchcopylint("--confirm", *(f"p{number}" for number in range(len(WAYS))), cwd=clone, env=home)
    assert (done.returncode, places(done.stdout)) == (2, [f"p{n}/a.py:{LOST_AT}" for n in range(len(WAYS))])
    told = done.stderr.splitlines()
    assert len(told) == len(WAYS)
    for number, (way, line) in enumerate(zip(WAYS, told, strict=True)):
        key = f"{clone / f'p{number}' / 'pyproject.toml'}: tool.torchcopylint.confirm.python"
        assert f"could not be confirmed: {key}: {way.format(clone=clone)!r} " in line
        assert "not started; if you trust it" in line and "--python" in line and home["XDG_CONFIG_HOME"] in line
    assert not ran(clone / "bin" / "evil") and not ran(outside)


@pytest.mark.parametrize("place", ["sub/a.py", "-"])
def test_a_path_alone_does_not_hide_the_project_around_it(
    torchcopylint: Run, clone: Path, home: dict[str, str], place: str
) -> None:
    (clone / "sub").mkdir()
    write(clone / "sub", a=LOST)
    configure(clone / "sub", f'confirm.python = "{clone}/bin/evil"')
    named = ("--stdin-filename", "sub/a.py", "-") if place == "-" else (place,)
    done = torchcopylint("--confirm", *named, cwd=clone, env=home, input=LOST)
    assert done.returncode == 2 and f"lies in the linted project '{clone}'" in done.stderr
    assert not ran(clone / "bin" / "evil")


def test_an_extended_file_has_no_more_to_say(
    torchcopylint: Run, clone: Path, outside: Path, home: dict[str, str]
) -> None:
    base = outside.parent / "base.toml"
    base.write_text('confirm.python = "../clone/bin/evil"\n')
    (clone / "torchcopylint.toml").write_text(f'extend = "{base}"\n')
    done = torchcopylint("--confirm", ".", cwd=clone, env=home)
    assert done.returncode == 2 and f"{base}: confirm.python: " in done.stderr
    assert not ran(clone / "bin" / "evil")


@pytest.mark.parametrize("entry", ["{clone}/bin", ""])
def test_a_mere_name_is_not_looked_for_in_the_project(
    torchcopylint: Run, clone: Path, home: dict[str, str], entry: str
) -> None:
    stand_in(clone / "evil")
    configure(clone, 'confirm.python = "evil"')
    path = os.pathsep.join([entry.format(clone=clone), os.environ["PATH"]])
    done = torchcopylint("--confirm", ".", cwd=clone, env={**home, "PATH": path})
    assert (done.returncode, places(done.stdout)) == (2, [f"a.py:{LOST_AT}"])
    assert "confirm.python: 'evil' is " in done.stderr and str(clone) in done.stderr
    assert not ran(clone / "bin" / "evil") and not ran(clone / "evil")


def test_what_is_outside_may_be_named(torchcopylint: Run, clone: Path, outside: Path, home: dict[str, str]) -> None:
    for name, python in (("p", str(outside)), ("q", "chosen")):
        (clone / name).mkdir()
        write(clone / name, a=LOST)
        configure(clone / name, f'confirm.python = "{python}"')
    path = os.pathsep.join([str(outside.parent), os.environ["PATH"]])
    done = torchcopylint("--confirm", "p", "q", cwd=clone, env={**home, "PATH": path})
    assert done.stdout.count("[inconclusive: asked chosen]") == 2, done.stderr


def test_the_command_line_may_name_anything(torchcopylint: Run, clone: Path, home: dict[str, str]) -> None:
    configure(clone, 'confirm.python = "bin/other"')
    done = torchcopylint("--confirm", "--python", "bin/evil", ".", cwd=clone, env=home)
    assert "[inconclusive: asked evil]" in done.stdout and done.returncode == 1
    assert ran(clone / "bin" / "evil")


def test_the_users_own_configuration_may_too_and_goes_over_the_projects(
    torchcopylint: Run, clone: Path, home: dict[str, str]
) -> None:
    configure(clone, 'confirm.python = "bin/other"')
    own(home, f'confirm.python = "{clone}/bin/evil"\n')
    done = torchcopylint("--confirm", ".", cwd=clone, env=home)
    assert "[inconclusive: asked evil]" in done.stdout and done.returncode == 1
    shown = torchcopylint("config", ".", cwd=clone, env=home).stdout
    assert f'{{ "python" = "{clone}/bin/evil" }} takes precedence' in shown


def test_a_configuration_in_the_project_is_not_the_users_own(
    torchcopylint: Run, clone: Path, home: dict[str, str]
) -> None:
    inside = {**home, "XDG_CONFIG_HOME": str(clone / "config")}
    own(inside, f'confirm.python = "{clone}/bin/evil"\n')
    done = torchcopylint("--confirm", ".", cwd=clone, env=inside)
    assert done.returncode == 2 and "not started" in done.stderr and not ran(clone / "bin" / "evil")
    own(home, f'confirm.python = "{clone}/bin/evil"\n')
    relative = {"HOME": home["HOME"], "XDG_CONFIG_HOME": "config"}  # is the current directory's, and is not looked at
    assert "asked evil" in torchcopylint("--confirm", ".", cwd=clone, env=relative).stdout


def test_only_confirm_may_be_in_the_users_own_configuration(
    torchcopylint: Run, clone: Path, home: dict[str, str]
) -> None:
    file = own(home, 'select = ["TCL1"]\n')
    done = torchcopylint("--confirm", ".", cwd=clone, env=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{file}: select: only `confirm` is allowed in your user configuration" in done.stderr
    assert torchcopylint(".", cwd=clone, env=home).returncode == 1


@pytest.mark.parametrize(
    ("linted", "above", "root"),
    [
        ("home/clone/sub", ("home/clone/.git", "home/clone/sub/pyproject.toml"), "home/clone"),
        ("home/clone", ("home/.git", "home/clone/setup.py"), "home"),
        ("home/clone", ("home/pyproject.toml", "home/clone/.git"), "home/clone"),
        ("work/clone", ("work/torchcopylint.toml", "work/clone/.git"), "work"),
        ("work/loose", (), "work/loose"),
    ],
)
def test_the_project_is_the_outermost_one_below_the_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linted: str, above: tuple[str, ...], root: str
) -> None:
    (tmp_path / linted).mkdir(parents=True)
    for mark in above:
        (tmp_path / mark).mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert Checkout.around([str(tmp_path / linted)]).holds(str(tmp_path / linted / "x")) == str(tmp_path / root)


IMPORTED = {
    ".": "click tomllib subprocess selectors tempfile shutil multiprocessing torch numpy json select",
    "src": "libcst",
    "site": "sitecustomize",
}
"""What lies in the current directory; where PYTHONPATH leads the program; where it leads the interpreter."""


def test_nothing_that_lies_there_is_imported(
    torchcopylint: Run, clone: Path, tmp_path: Path, home: dict[str, str]
) -> None:
    """Neither by the program, whose current directory it is, nor by the interpreter."""

    def marks(name: str) -> str:
        return f"open({str(tmp_path / 'imported')!r}, 'a').write({name!r} + ' ')\n"

    for folder, names in IMPORTED.items():
        (clone / folder).mkdir(exist_ok=True)
        write(clone / folder, **{name: marks(name) for name in names.split()})
    bare = tmp_path / "elsewhere" / "bare"
    bare.parent.mkdir()
    bare.write_text(f'#!/bin/sh\nexport PYTHONPATH={clone}:{clone}/site\nexec {sys._base_executable} "$@"\n')
    bare.chmod(0o755)
    subprocess.run([bare, "-c", "import torch"], check=True)
    assert {"sitecustomize", "torch"} <= set((tmp_path / "imported").read_text().split())
    (tmp_path / "imported").unlink()
    path = os.pathsep.join([str(ROOT), str(clone / "src")])
    done = torchcopylint("--confirm", "--python", bare, "a.py", cwd=clone, env={**home, "PYTHONPATH": path})
    assert places(done.stdout) == [f"a.py:{LOST_AT}"]
    assert not (tmp_path / "imported").exists()


# Each configuration its own


def test_a_named_directory_has_its_own_configuration(torchcopylint: Run, tmp_path: Path, home: dict[str, str]) -> None:
    (tmp_path / "p").mkdir()
    write(tmp_path / "p", a=LOST)
    configure(tmp_path, f'confirm.python = "{stand_in(tmp_path / "elsewhere" / "above")}"')
    (tmp_path / "other").mkdir()
    configure(tmp_path / "p", f'confirm.python = "{tmp_path / "none"}"\nconfirm.deadline = 4000')
    done = torchcopylint("--confirm", "p", env=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path / 'p' / 'pyproject.toml'}: tool.torchcopylint.confirm.deadline: must be a number" in done.stderr
    assert "select" not in torchcopylint("config", "other").stdout


def test_findings_are_put_to_the_interpreter_of_their_own_configuration(
    torchcopylint: Run, tmp_path: Path, home: dict[str, str]
) -> None:
    pythons = [stand_in(tmp_path / "elsewhere" / name) for name in ("one", "two")]
    for name, python in (("a", pythons[0]), ("b", pythons[1]), ("c", Path("bin/evil"))):
        (tmp_path / "work" / name).mkdir(parents=True)
        write(tmp_path / "work" / name, f=LOST)
        configure(tmp_path / "work" / name, f'confirm.python = "{python}"')
    stand_in(tmp_path / "work" / "c" / "bin" / "evil")
    done = torchcopylint("--confirm", "a", "b", "c", cwd=tmp_path / "work", env=home)
    assert [line.partition(" [")[2] for line in done.stdout.splitlines()] == [
        "inconclusive: asked one]",
        "inconclusive: asked two]",
        "",
    ]
    assert done.returncode == 2 and "1 finding could not be confirmed: " in done.stderr
    assert not ran(tmp_path / "work" / "c" / "bin" / "evil")
