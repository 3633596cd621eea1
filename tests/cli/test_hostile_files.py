"""Files that would hurt whoever only lints: endless, never answering, made up, too large, links out of the tree."""

from __future__ import annotations

import os
import re
import socket
import stat
from pathlib import Path

import pytest
from workspace import IMPORTS, LOST, LOST_AT, STALE, TRAIN, Run, commit, configure, git, places, write

from torchcopylint.files.regular import TooLarge, read_open

FIX = ("--fix", "--unsafe-fixes")
PIPE = "it is a pipe, not a regular file"
DEVICE = "it is a device, not a regular file"
SOCKET = "it is a socket, not a regular file"
MADE_UP = "it is made up by the system, not a file on a disk"
OUT = "it is a link that leads out of the project"

SECRET = {"TORCHCOPYLINT_TEST": "xyzzy"}
"""What is in the environment, and must be nowhere in what is printed."""


def unreadable(output: str) -> dict[str, str]:
    """What is said of each file that was passed over."""
    rows = (
        line.partition(":1:1: TCL902 cannot be read, so nothing in it was checked: ") for line in output.split("\n")
    )
    return {path: reason for path, _, reason in rows if reason}


def told(output: str) -> dict[str, str]:
    """The same, of output in full."""
    found = re.findall(r"^(\S+):1:1: TCL902 unreadable-file.*\n  .* was checked: (.*)$", output, re.MULTILINE)
    return dict(found)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A project with one file as it should be, and others that are called like files."""
    root = tmp_path / "odd"
    root.mkdir()
    (root / "pyproject.toml").touch()
    write(root, a=LOST)
    os.mkfifo(root / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(root)  # the path of a socket may not be long
        server.bind("socket.py")
        os.chdir(here)
    (root / "zero.py").symlink_to("/dev/zero")
    (root / "environment.py").symlink_to("/proc/self/environ")
    (root / "nowhere.py").symlink_to("gone.py")
    return root


def test_in_a_walk_they_are_passed_over_and_said(torchcopylint: Run, odd: Path) -> None:
    done = torchcopylint("--output-format", "full", ".", cwd=odd, env=SECRET, timeout=60)
    assert told(done.stdout) == {"environment.py": OUT, "pipe.py": PIPE, "socket.py": SOCKET, "zero.py": OUT}
    assert f"a.py:{LOST_AT}" in done.stdout and "xyzzy" not in done.stdout + done.stderr


def test_named_they_are_passed_over_and_said(torchcopylint: Run, odd: Path) -> None:
    names = ("a.py", "pipe.py", "socket.py", "zero.py", "environment.py")
    done = torchcopylint("--output-format", "full", *names, cwd=odd, env=SECRET, timeout=60)
    said = {"environment.py": MADE_UP, "pipe.py": PIPE, "socket.py": SOCKET, "zero.py": DEVICE}
    assert told(done.stdout) == said
    assert f"a.py:{LOST_AT}" in done.stdout and "xyzzy" not in done.stdout + done.stderr


def test_as_modules_that_are_imported_they_are_not_there(torchcopylint: Run, odd: Path) -> None:
    names = ("pipe", "socket", "zero", "environment")
    imports = "".join(f"from {name} import {name}_of\n" for name in names)
    uses = "".join(f"{name}_of(x)\n" for name in names)
    write(odd, a=f"import torch\n{imports}\nx = torch.zeros(3)\nx.clone()\n{uses}")
    assert places(torchcopylint("a.py", cwd=odd, timeout=60).stdout) == ["a.py:8:1: TCL505"]


@pytest.mark.parametrize("name", ["pipe", "zero", "environment"])
def test_as_a_baseline_or_settings_they_are_told(torchcopylint: Run, odd: Path, name: str) -> None:
    (odd / "torchcopylint.toml").symlink_to(f"{name}.py")  # what is no file is no configuration either
    done = torchcopylint("--baseline", f"{name}.py", "a.py", cwd=odd, env=SECRET, timeout=60)
    assert (done.returncode, done.stdout) == (2, "") and "xyzzy" not in done.stderr
    told = {
        "pipe": f"{name}.py: no baseline can be read: {PIPE}",
        "zero": f"{name}.py: no baseline can be read: {DEVICE}",
        "environment": f"torchcopylint.toml: cannot be read: {MADE_UP}",
    }
    assert told[name] in done.stderr


def test_as_patterns_of_what_is_ignored(torchcopylint: Run, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name in ("inner", "linked"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, a=LOST)
    os.mkfifo(tmp_path / "inner" / ".gitignore")
    (tmp_path / "linked" / ".gitignore").symlink_to("/dev/zero")  # git itself follows no link here
    (tmp_path / ".git" / "info" / "exclude").unlink()
    os.mkfifo(tmp_path / ".git" / "info" / "exclude")
    done = torchcopylint(".", timeout=60)
    assert [place for place in places(done.stdout) if "505" in place] == [
        f"inner/a.py:{LOST_AT}",
        f"linked/a.py:{LOST_AT}",
    ]
    assert unreadable(done.stdout) == {".git/info/exclude": PIPE, "inner/.gitignore": PIPE}


@pytest.mark.parametrize("pointer", [b"gitdir: /dev/zero\n", b"\xff\0" * 9000, None])
def test_as_what_says_where_a_repository_is(torchcopylint: Run, tmp_path: Path, pointer: bytes | None) -> None:
    if pointer is None:
        os.mkfifo(tmp_path / ".git")
    else:
        (tmp_path / ".git").write_bytes(pointer)
    write(tmp_path, a=LOST)
    assert places(torchcopylint(".", timeout=60).stdout) == [f"a.py:{LOST_AT}"]


def test_the_own_patterns_of_a_repository_hold_in_its_worktrees(torchcopylint: Run, tmp_path: Path) -> None:
    main, other = tmp_path / "main", tmp_path / "other"
    main.mkdir()
    git(main, "init", "-q")
    git(main, "commit", "-q", "--allow-empty", "-m", "state")
    git(main, "worktree", "add", "-q", str(other))
    (main / ".git" / "info" / "exclude").write_text("local.py\n")
    write(other, a=LOST, local=LOST)
    assert places(torchcopylint(".", cwd=other).stdout) == [f"a.py:{LOST_AT}"]


def marker(folder: Path) -> str:
    """A program that says no more than that it was started."""
    script = folder / "script"
    script.write_text(f"#!/bin/sh\necho >> '{folder}/started'\ncat\n")
    script.chmod(0o755)
    return str(script)


NAMED = (
    *("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "diff.odd.textconv", "diff.odd.command"),
    *("filter.odd.clean", "filter.odd.smudge", "filter.Odd one.clean", "filter.more.process"),
)
"""Settings of a repository by which git would start a program."""


@pytest.mark.parametrize("attribute", ["diff=odd", "filter=odd", "filter=more", "-diff"])
def test_what_changed_is_asked_without_starting_what_a_repository_names(
    attribute: str, torchcopylint: Run, tmp_path: Path
) -> None:
    write(tmp_path, a="import torch\n")
    commit(tmp_path)
    (tmp_path / ".gitattributes").write_text(f"*.py {attribute}\n")
    write(tmp_path, a=LOST)
    program = marker(tmp_path)
    for key in NAMED:
        git(tmp_path, "config", key, program)
    git(tmp_path, "config", "filter.more.required", "true")
    hook = tmp_path / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_bytes(Path(program).read_bytes())
    hook.chmod(0o755)
    assert places(torchcopylint("--since", "HEAD", "a.py").stdout) == [f"a.py:{LOST_AT}"]
    assert not (tmp_path / "started").exists()


def test_nor_what_a_repository_within_it_names(torchcopylint: Run, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    for folder in (inner, tmp_path):
        write(folder, a="import torch\n")
        commit(folder)
    (inner / ".gitattributes").write_text("*.py filter=odd\n")
    write(inner, a=LOST)
    write(tmp_path, a=LOST)
    for key in ("core.fsmonitor", "filter.odd.clean"):
        git(inner, "config", key, marker(tmp_path))
    assert places(torchcopylint("--since", "HEAD", ".").stdout) == [f"a.py:{LOST_AT}", f"inner/a.py:{LOST_AT}"]
    assert not (tmp_path / "started").exists()


def test_nor_what_would_fetch_the_rest_of_a_partial_clone(torchcopylint: Run, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    whole.mkdir()
    write(whole, a="import torch\n")
    commit(whole)
    git(whole, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", whole.as_uri(), str(part))
    git(part, "read-tree", "HEAD")
    git(part, "config", "remote.origin.uploadpack", marker(tmp_path))
    write(part, a=LOST)
    done = torchcopylint("--since", "HEAD", "a.py", cwd=part)
    assert done.returncode == 2 and "git: " in done.stderr
    assert not (tmp_path / "started").exists()


def test_a_filter_whose_name_could_be_another_setting_is_told(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    commit(tmp_path)
    git(tmp_path, "config", "filter.a=b.clean", marker(tmp_path))
    done = torchcopylint("--since", "HEAD", "a.py")
    assert done.returncode == 2 and "name a filter 'a=b'" in done.stderr
    assert not (tmp_path / "started").exists()


def test_a_git_that_lies_in_the_project_is_not_started(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\necho >> '{tmp_path}/started'\n")
    (tmp_path / "git").chmod(0o755)
    write(tmp_path, a=LOST)
    commit(tmp_path)
    done = torchcopylint("--since", "HEAD", "a.py", env={"PATH": os.pathsep.join(["", os.environ["PATH"]])})
    assert done.returncode == 2 and f"git is '{tmp_path / 'git'}', " in done.stderr
    assert not (tmp_path / "started").exists()


# Links out of the tree


def test_a_link_inside_the_tree_is_read_as_what_it_leads_to(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").touch()
    write(tmp_path / "two", real=LOST)
    (tmp_path / "one" / "link.py").symlink_to("../two/real.py")
    assert places(torchcopylint("one").stdout) == [f"one/link.py:{LOST_AT}"]


def test_a_link_out_of_the_tree_is_followed_where_it_is_named(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "cloned" / ".git").mkdir(parents=True)
    write(tmp_path, own=LOST)
    (tmp_path / "cloned" / "link.py").symlink_to("../own.py")
    assert unreadable(torchcopylint("cloned").stdout) == {"cloned/link.py": OUT}
    assert places(torchcopylint("cloned/link.py").stdout) == [f"cloned/link.py:{LOST_AT}"]
    assert places(torchcopylint(".").stdout) == [f"cloned/link.py:{LOST_AT}"]


def test_what_is_imported_through_a_link_out_of_it_is_not_looked_at(torchcopylint: Run, tmp_path: Path) -> None:
    keeper = "class Keeper:\n    def take(self, model):\n        self.best = model.state_dict()\n"
    train = TRAIN.replace("best, lowest = model.state_dict(), ", "keeper.take(model)\n            lowest = ")
    train = train.replace("(best)", "(keeper.best)").replace("best, lowest = None, ", "keeper, lowest = Keeper(), ")
    write(tmp_path, keeper=keeper)
    for name, link in (("within", "other.py"), ("out", "../keeper.py")):
        (tmp_path / name / ".git").mkdir(parents=True)
        write(tmp_path / name, a=f"{IMPORTS}from keeper import Keeper\n\n\n{train}", other=keeper)
        (tmp_path / name / "keeper.py").symlink_to(link)
    assert places(torchcopylint("within/a.py", "out/a.py").stdout) == ["within/a.py:14:13: TCL401"]


@pytest.mark.parametrize("path", ["link.py", "folder/own.py", "folder"])
def test_a_fix_does_not_leave_the_tree_through_a_link(torchcopylint: Run, tmp_path: Path, path: str) -> None:
    cloned, mine = tmp_path / "cloned", tmp_path / "mine"
    for root in (cloned, mine):
        (root / ".git").mkdir(parents=True)
    write(mine, own=STALE)
    (cloned / "link.py").symlink_to("../mine/own.py")
    (cloned / "folder").symlink_to("../mine")
    for option, told in (("--fix", "not fixed"), ("--add-ignore", "no comment written")):
        done = torchcopylint(option, *FIX[1:][: option == "--fix"], path, cwd=cloned)
        assert done.returncode == 2
        assert f"{told}: it is a link out of its project, to {os.path.realpath(mine / 'own.py')}; name" in done.stderr
    assert (mine / "own.py").read_text() == STALE


def test_a_fix_parts_no_hard_links(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    os.link(tmp_path / "a.py", tmp_path / "b.txt")
    done = torchcopylint(*FIX, "a.py")
    assert done.returncode == 2
    assert (
        "a.py: not fixed: it is one file under several names (hard links), of which only this one would" in done.stderr
    )
    assert os.path.samefile(tmp_path / "a.py", tmp_path / "b.txt")
    assert (tmp_path / "a.py").read_text() == STALE
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.txt"]


# Size


def test_a_file_that_is_too_large_is_passed_over_and_said(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=f"{LOST}# {'x' * 2_000_000}\n")
    assert unreadable(torchcopylint(".").stdout) == {"b.py": "it is larger than max-file-size (2,000,000 bytes)"}
    configure(tmp_path, "max-file-size = 3000000")
    assert f"b.py:{LOST_AT}" in places(torchcopylint("b.py").stdout)


@pytest.mark.parametrize("less", [0, 1])
def test_the_size_is_counted_to_the_byte(torchcopylint: Run, tmp_path: Path, less: int) -> None:
    write(tmp_path, a=LOST)
    done = torchcopylint("--max-file-size", str(len(LOST) - less), "a.py")
    said = {"a.py": f"it is larger than max-file-size ({len(LOST) - 1} bytes)"}
    assert unreadable(done.stdout) == (said if less else {})


def test_so_is_standard_input_which_is_handed_back_whole(torchcopylint: Run) -> None:
    small = ("--max-file-size", "20")
    done = torchcopylint(*small, "-", input=STALE)
    assert unreadable(done.stdout) == {"stdin": "it is larger than max-file-size (20 bytes)"}
    done = torchcopylint(*small, *FIX, "-", input=STALE)
    assert done.stdout == STALE and unreadable(done.stderr)


def test_what_serves_the_run_has_a_size_too(torchcopylint: Run, tmp_path: Path) -> None:
    large = f"a.py\n# {'x' * 2_000_000}\n"
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text(large)
    assert unreadable(torchcopylint(".").stdout) == {".gitignore": "it has more than 2,000,000 bytes"}
    (tmp_path / "torchcopylint.toml").write_text(large)
    done = torchcopylint(".")
    assert (
        done.returncode == 2 and "torchcopylint.toml: cannot be read: it has more than 2,000,000 bytes" in done.stderr
    )


@pytest.mark.parametrize("value", ["0", '"2MB"', "100000001"])
def test_a_size_that_is_none_is_told(torchcopylint: Run, tmp_path: Path, value: str) -> None:
    write(tmp_path, a=LOST)
    configure(tmp_path, f"max-file-size = {value}")
    done = torchcopylint("a.py")
    assert done.returncode == 2
    assert "tool.torchcopylint.max-file-size: must be a number of bytes from 1 to 100000000, not" in done.stderr


def test_a_file_with_more_in_it_than_its_size_says_is_cut_off(tmp_path: Path) -> None:
    """It may grow while it is read: what is counted is what comes."""
    (tmp_path / "a").write_bytes(b"x" * 11)
    handle = os.open(tmp_path / "a", os.O_RDWR)
    sizes = iter((10, 11))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                os, "fstat", lambda handle: os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, next(sizes), 0, 0, 0))
            )
            with pytest.raises(TooLarge):
                read_open(handle, 10)
    finally:
        os.close(handle)
