"""Names and source that a terminal or a CI system would obey: shown as escapes, in every format and every complaint."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from workspace import LOST, Run, configure

from torchcopylint.report import formats
from torchcopylint.report.harmless import harmless

NAMES = [
    "::error file=x::a.py",
    "b\n::error::x.py",
    "c\r::add-mask::x.py",
    "d\x1b[31m.py",
    "e\u202egnp.py",
    os.fsdecode(b"f\xe9.py"),
    "##vso[task.x]g.py",
    "h%0A::error::x.py",
    "i\x9b2J.py",
    "j\u2028::error::x.py",
    "k##[error]&<>'\x7f.py",
    "l\u200b\ufeff.py",
]
KEYS = ["\x1b]0;owned\x07 ::error::x ##[error]y", "##vso[task.z]w \u202e\u2066\u200b\x9b2J\x7f"]
SOURCE = "import torch\n\nx = torch.zeros(3)\n" + "".join(f'x.clone(memory_format="{key}")\n' for key in KEYS)
"""What is quoted in messages as well as shown as lines."""


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files with these names, which all have that source; what the first run finds, the others take from its cache."""
    directory = tmp_path_factory.mktemp("nasty")
    for name in NAMES:
        (directory / name).write_text(SOURCE, newline="")
    return directory


def obeyed(text: str) -> list[str]:
    """What a terminal would not just show, and the lines that a CI system would take for a command."""
    hidden = [
        char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\n\t"
    ]
    commands = [line for line in text.split("\n") if line.strip().startswith("::") or "##[" in line or "##vso[" in line]
    return hidden + commands


def names_of_sarif(text: str) -> list[str]:
    places = [result["locations"][0]["physicalLocation"] for result in json.loads(text)["runs"][0]["results"]]
    return [os.fsdecode(unquote_to_bytes(place["artifactLocation"]["uri"])) for place in places]


def names_of_html(text: str) -> list[str]:
    names: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "article":
                names.append(str(dict(attrs)["data-path"]))

    Reader().feed(text)
    return names


def names_of_junit(text: str) -> list[str]:
    return [str(case.get("file")) for case in ElementTree.fromstring(text).iter("testcase")]


Names = Callable[[str], list[str]]
EXACT: dict[str, Names] = {
    "json": lambda text: [found["path"] for found in json.loads(text)],
    "json-lines": lambda text: [json.loads(row)["path"] for row in text.splitlines()],
    "sarif": names_of_sarif,
    "gitlab": lambda text: [found["location"]["path"] for found in json.loads(text)],
    "rdjson": lambda text: [found["location"]["path"] for found in json.loads(text)["diagnostics"]],
}
"""The formats for machines that can hold every name, and the names in a report."""


def in_xml(name: str) -> str:
    return name.replace("\x1b", "\ufffd").replace("\udce9", "\ufffd")


@pytest.mark.parametrize("style", formats())
def test_no_format_prints_what_is_obeyed(torchcopylint: Run, nasty: Path, style: str) -> None:
    done = torchcopylint("--output-format", style, ".", encoding="utf-8", cwd=nasty)
    assert (done.returncode, done.stderr.count("\n")) == (1, 2 * (style == "full"))
    report = done.stdout
    if style == "github":  # each line is a command, of ours
        rows = report.rstrip("\n").split("\n")
        assert [row.startswith("::error file=") for row in rows] == [True] * len(NAMES) * 2
        report = "\n".join(row.removeprefix("::") for row in rows)
    assert obeyed(report) == []
    assert report.count("TCL505") >= len(NAMES)
    if style in EXACT:
        assert sorted(set(EXACT[style](report))) == sorted(NAMES)
    elif style == "html":
        assert sorted(set(names_of_html(report))) == sorted(map(harmless, NAMES))
    elif style == "junit":
        assert sorted(set(names_of_junit(report))) == sorted(map(in_xml, NAMES))
    if style == "json":
        assert all(KEYS[n % 2] in found["message"] for n, found in enumerate(json.loads(report)))


def test_github_is_told_line_ends_as_it_wants_them(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "b\n::error::x.py").write_text(LOST)
    row = torchcopylint("--output-format", "github", ".").stdout
    assert row.startswith("::error file=b%0A%3A%3Aerror%3A%3Ax.py,line=4,") and row.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("caf\u00e9 \u6f22\u5b57 \U0001f600 a\u0301 \t|", None, id="letters"),
        pytest.param("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None, id="joiner in a word"),
        pytest.param("\U0001f469\u200d\U0001f4bb \u2764\ufe0f", None, id="joiner in a picture"),
        pytest.param("ad\u200dmin", r"ad\u200dmin", id="joiner between letters that need none"),
        pytest.param("a\x1b[2Jb\x07", r"a\x1b[2Jb\x07", id="escape"),
        pytest.param("a\r\nb", r"a\r\nb", id="lines"),
        pytest.param("\udcff\ud800", r"\xff\ud800", id="bytes that are no text"),
        pytest.param("a\u3164b\U000e0041", r"a\u3164b\U000e0041", id="cannot be seen"),
        pytest.param("x[a ::2] and x[::b]", None, id="slices"),
        pytest.param("  ::warning file=a,line=1::b", r"  \x3a:warning file=a,line=1::b", id="command of GitHub"),
        pytest.param("#1 ## [a] # [b]", None, id="number signs"),
        pytest.param("a##[debug]b ###[x", r"a#\x23[debug]b ##\x23[x", id="old command of GitHub, and of Azure"),
        pytest.param("x ##vso[task.setvariable variable=a]b", r"x #\x23vso[task.setvariable variable=a]b", id="Azure"),
    ],
)
def test_what_is_shown_as_an_escape(text: str, shown: str | None) -> None:
    assert harmless(text) == (text if shown is None else shown)
    assert harmless(harmless(text)) == harmless(text)


# Complaints


def test_complaints_are_lines_of_ours(torchcopylint: Run, tmp_path: Path) -> None:
    done = torchcopylint(*(f"{name} gone" for name in NAMES), encoding="utf-8")
    assert (done.returncode, obeyed(done.stderr), done.stderr.count("\n")) == (2, [], len(NAMES))
    done = torchcopylint("--no\x1b[31m\nsuch", "x.py")
    assert done.returncode == 2 and obeyed(done.stderr) == [] and "No such option" in done.stderr
    done = torchcopylint("--baseline", "a\x1b\n::error::b", ".")
    assert (done.returncode, obeyed(done.stderr)) == (2, [])
    configure(tmp_path, '"a\\u001b\\n::error::x" = 1')
    done = torchcopylint(".")
    assert (done.returncode, obeyed(done.stderr)) == (2, [])


def test_lists_of_files_and_settings_too(torchcopylint: Run, nasty: Path, tmp_path: Path) -> None:
    done = torchcopylint("--show-files", ".", encoding="utf-8", cwd=nasty)
    assert (obeyed(done.stdout), done.stdout.count("\n")) == ([], len(NAMES))
    (tmp_path / "torchcopylint.toml").write_text('exclude = ["\u202e ##[error]\\u001b\\u009b"]\n', encoding="utf-8")
    done = torchcopylint("--show-settings", "b\n::error::x.py", encoding="utf-8")
    assert obeyed(done.stdout) == [] and "exclude" in done.stdout


# Differences

FIXABLE = "import torch\n\nx = torch.zeros(3)\nx[x > 1].add_(1)\n"


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.py", FIXABLE, id="usual"),
        pytest.param("a b.py", FIXABLE.replace("\n", "\r\n"), id="Windows"),
        pytest.param("a.py", FIXABLE.rstrip(), id="no end"),
        pytest.param("a.py", FIXABLE.replace("\n\n", "\n\x0c\n# caf\u00e9\n"), id="form feed"),
        pytest.param('a\n"\u202e.py', FIXABLE, id="odd name"),
    ],
)
def test_a_difference_is_a_patch(torchcopylint: Run, tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, newline="")
    options: dict[str, Any] = {"text": False}
    done = torchcopylint("--diff", ".", **options)
    assert (
        b"no patch" not in done.stderr and obeyed(done.stdout.decode().replace("\r\n", "\n").replace("\x0c", "")) == []
    )
    subprocess.run(["git", "apply", "-p0", "-"], input=done.stdout, cwd=tmp_path, check=True)
    assert path.read_bytes() == text.replace("x[x > 1].add_(1)", "x[x > 1] += 1").encode()


def test_a_difference_that_would_be_obeyed_is_shown_and_said_to_be_no_patch(torchcopylint: Run, tmp_path: Path) -> None:
    lines = "#\x1b[2J\r'''\n::error::x\n##[error]\u202e'''\n"
    (tmp_path / "a.py").write_text(FIXABLE.replace("x[x", f"{lines}x[x"), newline="")
    done = torchcopylint("--diff", ".", encoding="utf-8")
    assert obeyed(done.stdout) == []
    assert done.stderr.startswith(
        "torchcopylint: a.py: control characters are escaped in the diff, so it is not a valid patch"
    )
    assert "\n-x[x > 1].add_(1)\n+x[x > 1] += 1\n" in done.stdout
