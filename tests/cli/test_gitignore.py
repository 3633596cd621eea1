"""The pattern language of .gitignore: git itself agrees, and no pattern takes long, whatever it holds."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from workspace import BOTH, Run, configure, places, write

from torchcopylint.files.gitignore import Patterns, lines
from torchcopylint.files.glob import Glob

PIECES = [" ", "\\ ", "\t", "\v", *"a b A 1 é * ** *** ? / / **/ /** .py ! - # ] \\a \\* \\/ \\".split()]
PIECES += "[ab] [!a] [^b] [a-c] [a-] [a-c-e] [c-a] [--0] [\\a-c] [a\\-c] []a] [^]] [\\]a] [a/b] [!/] [é] [!é]".split()
PIECES += [f"[[:{name}:]]" for name in "alpha digit space print graph punct cntrl xdigit upper no-such".split()]
PIECES += "[-] [ [[:] [[::]] [[:alpha: [[:digit:]_] [a-".split()
NAMES = ["a b", "a\tb", "a\vb", *"a b ab abc aab ba A1 1 - _ ^ c ] [ é \\ a\\ [a] x-y x: !a #a a.py b.py".split()]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository without files."""
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def ignored(repository: Path, text: str, paths: list[str]) -> set[str]:
    """Those of the paths that git ignores with this .gitignore."""
    (repository / ".gitignore").write_bytes(text.encode())
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "-z", "--stdin"]
    done = subprocess.run(command, input="\0".join(paths).encode(), capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.decode().split("\0")) - {""}


@pytest.mark.parametrize("seed", range(4))
def test_git_itself_agrees(repository: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(15):
        text = "\n".join("".join(chance.choices(PIECES, k=chance.randint(1, 6))) for _ in range(chance.randint(1, 5)))
        paths = sorted({"/".join(chance.choices(NAMES, k=chance.randint(1, 5))) for _ in range(90)})
        patterns = Patterns(lines(f"{text}\n".encode()))
        assert {path for path in paths if patterns.matches_within(path)} == ignored(repository, text, paths), text


@pytest.mark.parametrize(
    ("text", "matched", "other"),
    [
        pytest.param("d/a[/b]c", "d/abc", "d/a/c", id="a slash in brackets parts nothing"),
        pytest.param("a**/b", "ab", "axb", id="stars right behind plain characters stand at the beginning"),
        pytest.param("**\\/b", "a/b", "b", id="an escaped slash behind stars is there"),
        pytest.param("x?", "xa", "xé", id="a character that is two bytes is no single one"),
        pytest.param("x[[:space:]]y", "x y", "x\vy", id="blanks are those of git"),
        pytest.param("x[[:print:]]y", "x-y", "x\ty", id="every class of git's is known"),
        pytest.param("a\rb\r\n", "a\rb", "b", id="a carriage return ends no line, and is dropped before its end"),
        pytest.param("a b\\  ", "a b ", "a b", id="blanks at the end count where they are escaped"),
        pytest.param("\ufeffab", "ab", "\ufeffab", id="a byte order mark is not part of the first pattern"),
    ],
)
def test_where_it_is_easily_read_otherwise(repository: Path, text: str, matched: str, other: str) -> None:
    assert ignored(repository, text, [matched, other]) == {matched}
    patterns = Patterns(lines(text.encode()))
    assert (patterns.matches_within(matched), patterns.matches_within(other)) == (True, False)


def test_a_name_that_is_no_text_is_matched_by_its_bytes() -> None:
    assert Patterns(lines(b"a\xff?\n")).verdict(os.fsdecode(b"a\xff\xfe"), is_directory=False)


MANY = 200


def test_patterns_with_many_stars_take_no_longer_than_others(torchcopylint: Run, tmp_path: Path) -> None:
    """A regular expression tries all ways in which so many stars can share a name; the number of ways explodes."""
    stars, folders = "*a" * (MANY // 4) + "b", "**/*a*/" * (MANY // 4) + "b"
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text(f"{stars}\n{folders}\ngone.py\n")
    configure(tmp_path, f'extend-exclude = ["{stars}", "out.py"]\nper-file-ignores = {{ "{stars}" = ["TCL5"] }}')
    deep = tmp_path.joinpath(*["aa"] * 20)
    deep.mkdir(parents=True)
    write(deep, **{"a" * MANY: BOTH, "gone": BOTH, "out": BOTH})
    where = (deep / ("a" * MANY)).relative_to(tmp_path)
    done = torchcopylint("--exclude", stars, ".", timeout=60)
    assert places(done.stdout) == [f"{where}.py:4:1: TCL505", f"{where}.py:5:5: TCL107"]


@pytest.mark.parametrize("glob", ["*a" * 1000 + "b", "**/*a/" * 1000 + "b", "a*" * 1000 + "[b-c]", "?*" * 1000 + "b"])
def test_a_glob_takes_a_step_for_each_byte(glob: str) -> None:
    started = time.monotonic()
    for text in ("a" * 4000, "aa/" * 1300, "a" * 4000 + "c"):
        assert not Glob(glob.encode()).matches(text.encode() + b"x")
    assert time.monotonic() - started < 30  # ten thousand times what it takes; to try all ways, no time is enough
