"""Which files are linted: named or found by walking, once each, sorted; git's and the user's exclusions respected."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from torchcopylint.config.settings import DEFAULT_EXCLUDES
from torchcopylint.files.discover import Excludes, discover
from torchcopylint.files.gitignore import Patterns


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(root: Path, *paths: str, exclude: tuple[str, ...] = DEFAULT_EXCLUDES, force: bool = False) -> list[str]:
    """The files that `paths` under `root` come to, relative to it."""
    excludes = (Excludes(str(root), Patterns(exclude)),)
    files = discover([str(root / path) for path in paths or (".",)], lambda _: excludes, force).files
    return [Path(file).relative_to(root).as_posix() for file in files]


def test_a_directory_gives_its_python_files_sorted(tmp_path: Path) -> None:
    make(tmp_path, "b.py", "a/c.py", "a/d.pyi", "a/e.txt", "a/f.py.orig", "z/a.py")
    assert found(tmp_path) == ["a/c.py", "b.py", "z/a.py"]


def test_a_file_named_directly_may_have_any_name(tmp_path: Path) -> None:
    make(tmp_path, "train")
    assert found(tmp_path, "train") == ["train"]


def test_a_file_given_twice_is_linted_once(tmp_path: Path) -> None:
    make(tmp_path, "a/b.py")
    os.symlink(tmp_path / "a" / "b.py", tmp_path / "link.py")
    assert found(tmp_path, ".", "a", "a/b.py", "a/../a/b.py", "link.py") == ["a/b.py"]


def test_a_directory_loop_is_survived(tmp_path: Path) -> None:
    make(tmp_path, "a/b.py")
    os.symlink(tmp_path, tmp_path / "a" / "up")
    os.symlink("self.py", tmp_path / "self.py")
    assert found(tmp_path) == ["a/b.py"]
    assert found(tmp_path, "a/up") == ["a/up/a/b.py"]


def test_a_link_to_nowhere_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "a.py")
    os.symlink(tmp_path / "gone.py", tmp_path / ".#a.py")
    assert found(tmp_path) == ["a.py"]


def test_a_link_out_of_the_project_is_told_and_followed_only_where_it_is_named(tmp_path: Path) -> None:
    make(tmp_path, "cloned/pyproject.toml", "own.py")
    link = tmp_path / "cloned" / "link.py"
    link.symlink_to("../own.py")
    for paths, read in (
        (["cloned"], False),
        (["cloned", "cloned/link.py"], True),
        (["cloned/link.py", "cloned"], True),
    ):
        discovery = discover([str(tmp_path / path) for path in paths], lambda _: ())
        told = {} if read else {str(link): "it is a link that leads out of the project"}
        assert (discovery.files, discovery.unreadable) == ([str(link)] * read, told)


def test_a_missing_path_is_told_and_stops_nothing(tmp_path: Path) -> None:
    make(tmp_path, "a.py")
    missing = str(tmp_path / "b.py")
    discovery = discover([missing, str(tmp_path)], lambda _: ())
    assert discovery.missing == [missing]
    assert discovery.files == [str(tmp_path / "a.py")]


@pytest.mark.skipif(os.getuid() == 0, reason="root may list every directory")
def test_a_directory_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)
    discovery = discover([str(tmp_path)], lambda _: ())
    (tmp_path / "closed").chmod(0o700)
    assert discovery.unreadable == {str(tmp_path / "closed"): "Permission denied"}
    assert discovery.files == [str(tmp_path / "a.py")]


def test_what_is_no_source_is_skipped_by_default(tmp_path: Path) -> None:
    make(tmp_path, "a.py", ".venv/x.py", "build/x.py", "a/node_modules/x.py", "a/__pycache__/x.py", ".git/x.py")
    make(tmp_path, "any-name/pyvenv.cfg", "any-name/lib/x.py", "lib/site-packages/x.py")
    assert found(tmp_path) == ["a.py"]


def test_what_is_named_directly_is_linted_though_excluded_unless_forced(tmp_path: Path) -> None:
    make(tmp_path, "build/x.py", "build/build/y.py")
    assert found(tmp_path, "build") == ["build/x.py"]
    assert found(tmp_path, "build/x.py") == ["build/x.py"]
    assert found(tmp_path, "build/x.py", "build", force=True) == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("gen", ["a.py", "src/b.py"]),
        ("src/gen", ["a.py", "gen/c.py", "src/b.py"]),
        ("/gen", ["a.py", "src/b.py", "src/gen/d.py"]),
        ("*.py", []),
        ("src/**/*.py", ["a.py", "gen/c.py"]),
        ("b.py", ["a.py", "gen/c.py", "src/gen/d.py"]),
    ],
)
def test_excludes_speak_the_language_of_gitignore(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    make(tmp_path, "a.py", "gen/c.py", "src/b.py", "src/gen/d.py")
    assert found(tmp_path, exclude=(pattern,)) == expected


def test_gitignore_files_are_respected_nested_and_negated(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    make(tmp_path, "a.py", "gen/x.py", "src/b.py", "src/gen/y.py", "src/keep/z.py", "src/keep/w.py", "local.py")
    (tmp_path / ".gitignore").write_text("gen/\n/src/keep/*.py\n")
    (tmp_path / "src" / "keep" / ".gitignore").write_text("!z.py\n")
    (tmp_path / ".git" / "info" / "exclude").write_text("local.py\n")
    assert found(tmp_path) == ["a.py", "src/b.py", "src/keep/z.py"]
    assert found(tmp_path, "src") == ["src/b.py", "src/keep/z.py"]
    assert found(tmp_path, "src/gen") == ["src/gen/y.py"]


def test_a_repository_inside_another_has_its_own_rules(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "init", "-q", tmp_path / "inner"], check=True)
    make(tmp_path, "x.py", "inner/x.py")
    (tmp_path / ".gitignore").write_text("x.py\n")
    assert found(tmp_path) == ["inner/x.py"]
