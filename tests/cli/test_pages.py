"""The pages for those who change the program name only files, commands and options that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from workspace import ROOT, Run

from torchcopylint.cli.named import COMMANDS
from torchcopylint.config.keys import KEYS

PACKAGE = ROOT / "torchcopylint"
PAGES = {
    PACKAGE / "ARCHITECTURE.md": PACKAGE,
    ROOT / ".github" / "CONTRIBUTING.md": ROOT,
    ROOT / ".github" / "SECURITY.md": ROOT,
    ROOT / "CHANGELOG.md": ROOT,
}
"""Each page, and where the names of files on it are seen from; those of the repository's top are known everywhere."""

_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]*)+|[\w-]+\.(?:py|md|toml|tsv)")
_PLACEHOLDER = re.compile(r"CODE|slug|FILE|PATH|^torchcopylint\.toml$")


def named_files(page: Path) -> list[str]:
    """What the page names in code marks that reads like a file or folder of ours."""
    words = (word for code in _CODE.findall(page.read_text(encoding="utf-8")) for word in code.split())
    return [word for word in words if _FILE.fullmatch(word) and not _PLACEHOLDER.search(word)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_and_links_exist(page: Path) -> None:
    tops = (PAGES[page], ROOT, PACKAGE)
    missing = [name for name in named_files(page) if not any((top / name).exists() for top in tops)]
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    missing += [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_enough_is_named_for_the_check_to_mean_something() -> None:
    assert len(named_files(PACKAGE / "ARCHITECTURE.md")) > 40
    assert len(named_files(ROOT / ".github" / "CONTRIBUTING.md")) > 8


def test_commands_and_options_exist(torchcopylint: Run) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    known = torchcopylint("--help").stdout
    for command in re.findall(r"`torchcopylint (\w+)", text):
        assert command in COMMANDS, command
    for option in re.findall(r"`(--[\w-]+)`", text):
        assert option in known or option == "--update", option


def test_settings_and_variables_that_security_speaks_of_exist() -> None:
    words = set(_CODE.findall((ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")))
    assert {"extend", "baseline", "max-file-size", "cache-dir"} <= words & set(KEYS)
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    assert all(word in code for word in words if word.startswith("TORCHCOPYLINT_") or word.startswith("torchcopylint."))


def test_every_room_of_the_package_is_in_the_architecture() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    told = set(re.findall(r"`(\w+)/`", (PACKAGE / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    assert rooms - told == set()
