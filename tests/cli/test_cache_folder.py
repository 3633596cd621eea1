"""Where results are kept: never through a link that a cloned project holds, and nowhere a project may not say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from workspace import LOST, LOST_AT, Run, configure, places, write

from torchcopylint.cache import level
from torchcopylint.cache.cache import NAME
from torchcopylint.cache.folder import MARKS, TAG, Folder
from torchcopylint.files.regular import Refused

SHELVES = [f"{number:02x}" for number in range(256)]


@pytest.fixture
def cloned(tmp_path: Path) -> Path:
    """A project with one file."""
    root = tmp_path / "cloned"
    root.mkdir()
    configure(root, "")
    write(root, a=LOST)
    return root


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder that is nobody else's business."""
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def kept(folder: Path) -> list[str]:
    """The entries that are kept in a folder."""
    return [path.name for path in folder.rglob("*.json")]


def test_a_link_in_its_place_is_not_followed(torchcopylint: Run, cloned: Path, mine: Path) -> None:
    (cloned / NAME).symlink_to(mine)
    done = torchcopylint(".", cwd=cloned)
    assert places(done.stdout) == [f"a.py:{LOST_AT}"]
    told = f"torchcopylint: results are not cached: {cloned / NAME} is a link; "
    told += "use --cache-dir to choose another directory\n"
    assert (done.returncode, done.stderr) == (1, told)
    (mine / "00").mkdir()
    (mine / "00" / "00.json").touch()
    done = torchcopylint("clean", cwd=cloned)
    assert done.returncode == 2 and f"cannot be removed: {cloned / NAME} is a link" in done.stderr
    assert sorted(path.name for path in mine.rglob("*")) == ["00", "00.json"]


def test_links_in_it_are_not_followed(torchcopylint: Run, cloned: Path, mine: Path) -> None:
    folder = cloned / NAME
    folder.mkdir()
    (folder / TAG).write_bytes(MARKS[TAG])
    (folder / ".gitignore").symlink_to(mine / "made")
    for shelf in SHELVES:
        (folder / shelf).symlink_to(mine)
    done = torchcopylint(".", cwd=cloned)
    assert (places(done.stdout), done.stderr) == ([f"a.py:{LOST_AT}"], "")
    assert not list(mine.iterdir())
    (mine / "00.json").touch()
    done = torchcopylint("clean", cwd=cloned)
    assert (
        done.returncode == 2
        and "contains files that torchcopylint did not write, which were left: .gitignore, " in done.stderr
    )
    assert [path.name for path in mine.iterdir()] == ["00.json"]


def test_an_entry_that_is_a_link_is_replaced_not_followed(torchcopylint: Run, cloned: Path, mine: Path) -> None:
    torchcopylint(".", cwd=cloned)
    (entry,) = (cloned / NAME).rglob("*.json")
    entry.rename(mine / "entry")
    (mine / "entry").write_text((mine / "entry").read_text().replace("TCL505", "TCL999"))
    entry.symlink_to(mine / "entry")  # what is read from a link is as good as no entry
    assert places(torchcopylint(".", cwd=cloned).stdout) == [f"a.py:{LOST_AT}"]
    assert not entry.is_symlink() and "TCL505" in entry.read_text() and "TCL999" in (mine / "entry").read_text()


def test_a_tag_that_is_a_link_makes_no_folder_ours(torchcopylint: Run, cloned: Path, mine: Path) -> None:
    (cloned / NAME).mkdir()
    (cloned / NAME / TAG).symlink_to(mine / "made")
    done = torchcopylint(".", cwd=cloned)
    assert (
        done.returncode == 1
        and f"results are not cached: {cloned / NAME} contains files that torchcopylint did not write" in done.stderr
    )
    assert not list(mine.iterdir()) and os.listdir(cloned / NAME) == [TAG]


def test_a_project_may_name_a_place_in_itself(torchcopylint: Run, cloned: Path) -> None:
    configure(cloned, 'cache-dir = "var/results"')
    (cloned / "sub").mkdir()
    torchcopylint("../a.py", cwd=cloned / "sub")
    assert kept(cloned / "var" / "results") and not (cloned / NAME).exists()
    assert torchcopylint("clean", "..", cwd=cloned / "sub").returncode == 0
    assert not os.listdir(cloned / "var")


@pytest.mark.parametrize("place", ["../mine", "~/mine", "/tmp/mine", ".", "var/.."])
def test_a_project_may_name_no_place_elsewhere(torchcopylint: Run, cloned: Path, place: str) -> None:
    configure(cloned, f'cache-dir = "{place}"')
    done = torchcopylint("a.py", cwd=cloned)
    assert (done.returncode, done.stdout) == (2, "")
    told = f"tool.torchcopylint.cache-dir: must be a directory below the one of this file, not {place!r}; use"
    assert told in done.stderr


@pytest.mark.parametrize("said", ["configuration", "variable"])
def test_nor_does_a_link_lead_there(torchcopylint: Run, cloned: Path, mine: Path, said: str) -> None:
    (cloned / "var").symlink_to(mine)
    if said == "configuration":
        configure(cloned, 'cache-dir = "var/results"')
    variable = {"TORCHCOPYLINT_CACHE_DIR": "var/results"} if said == "variable" else {}
    done = torchcopylint("a.py", cwd=cloned, env=variable)
    assert done.returncode == 1 and f"results are not cached: {cloned / 'var'} is a link" in done.stderr
    assert not list(mine.iterdir())


def test_the_user_may_name_any_place_in_an_option_or_a_variable(torchcopylint: Run, cloned: Path, mine: Path) -> None:
    (cloned.parent / "link").symlink_to(mine)  # the user's own, above the place that is named
    configure(cloned, 'cache-dir = "var"')
    torchcopylint("a.py", cwd=cloned, env={"TORCHCOPYLINT_CACHE_DIR": str(mine / "variable")})
    torchcopylint("--cache-dir", cloned.parent / "link" / "new" / "option", "a.py", cwd=cloned)
    assert kept(mine / "variable") and kept(mine / "new" / "option") and not (cloned / "var").exists()
    assert torchcopylint("clean", "--cache-dir", mine / "variable", cwd=cloned).returncode == 0
    assert os.listdir(mine) == ["new"]


def test_a_directory_with_other_things_in_it_is_left_alone(torchcopylint: Run, cloned: Path) -> None:
    (cloned / "src").mkdir()
    write(cloned / "src", b=LOST)
    configure(cloned, 'cache-dir = "src"')
    done = torchcopylint(".", cwd=cloned)
    assert f"results are not cached: {cloned / 'src'} contains files that torchcopylint did not write" in done.stderr
    done = torchcopylint("clean", cwd=cloned)
    assert (
        done.returncode == 2
        and "src: contains files that torchcopylint did not write, which were left: b.py" in done.stderr
    )
    assert os.listdir(cloned / "src") == ["b.py"]


@pytest.mark.parametrize("handles", [True, False])
def test_with_and_without_handles_of_directories(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mine: Path, handles: bool
) -> None:
    """Where a system has none (Windows), each name is looked at instead."""
    if handles and not level.HANDLES:
        pytest.skip("this system has none")
    monkeypatch.setattr(level, "HANDLES", handles)
    folder = Folder(str(tmp_path), ("a", "b"))
    folder.prepare()
    folder.write("00", "0.json", b"old")
    folder.write("00", "0.json", b"new")
    assert folder.read("00", "0.json") == b"new"
    (tmp_path / "a" / "b" / "11").symlink_to(mine)
    (tmp_path / "a" / "b" / "00" / "1.json").symlink_to(mine / "entry")
    (mine / "entry").write_text("mine")
    for act in (lambda: folder.write("11", "0.json", b""), lambda: folder.read("00", "1.json")):
        with pytest.raises(Refused, match="is a link"):
            act()
    folder.write("00", "1.json", b"new")
    assert folder.clear() == [".gitignore", "11", TAG]
    assert [(path.name, path.read_text()) for path in mine.iterdir()] == [("entry", "mine")]
    (tmp_path / "a" / "b" / "11").unlink()
    assert folder.clear() == [] and not os.listdir(tmp_path / "a")
