"""What diff lints: pinned packages, and repositories at a commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from packages import Package, read_pins, unpack

HOST = "https://github.com"


@dataclass(frozen=True, slots=True)
class Repository:
    """A public repository, `owner/name`, at one commit."""

    name: str
    commit: str

    def __str__(self) -> str:
        return f"{self.name}@{self.commit[:10]}"


Source: TypeAlias = Package | Repository


class Unavailable(Exception):
    """A source that cannot be had; says why."""


def read_sources(here: Path) -> list[Source]:
    """The packages of packages.toml, then the packages and the repositories of sources.toml, all in `here`."""
    path = here / "sources.toml"
    named = _table(path).get("repositories", [])
    commits = _table(here / "repositories.toml").get("repositories", {})
    if unknown := [name for name in named if name not in commits]:
        raise ValueError(f"{path}: repositories: {unknown[0]} is not in repositories.toml")
    packages = {
        package.name: package for file in ("packages.toml", "sources.toml") for package in read_pins(here / file)
    }
    return [*packages.values(), *(Repository(name, commits[name]) for name in named)]


def folder_of(source: Source, cache: Path) -> Path:
    """The folder with the source's files, below cache, got where it is not there yet; raises Unavailable."""
    if isinstance(source, Repository):
        return _clone(source, cache)
    try:
        return unpack(source, cache)
    except RuntimeError as error:
        raise Unavailable(str(error)) from None


def _clone(repository: Repository, cache: Path) -> Path:
    folder = cache / f"{repository.name.replace('/', '+')}-{repository.commit[:10]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            git, files = Path(scratch) / "git", Path(scratch) / "files"
            files.mkdir()
            _git(repository, "init", "--quiet", "--bare", str(git))
            fetch = ("fetch", "--quiet", "--depth", "1", f"{HOST}/{repository.name}", repository.commit)
            _git(repository, "--git-dir", str(git), *fetch)
            # A link is written as a file: what it leads to, perhaps outside of the repository, is not to be read.
            beside = ("--git-dir", str(git), "--work-tree", str(files), "-c", "core.bare=false")
            _git(repository, *beside, "-c", "core.symlinks=false", "checkout", "--quiet", "FETCH_HEAD", "--", ".")
            shutil.move(files, folder)
    return folder


def _git(repository: Repository, *arguments: str) -> None:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise Unavailable(f"{repository}: git could not get it:\n{done.stderr.strip()}")


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
