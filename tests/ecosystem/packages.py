"""Pinned packages as folders of source: wheels, downloaded with pip, unpacked once, never installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution at one version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def read_pins(path: Path) -> list[Package]:
    """The packages that a packages.toml names, in its order."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("packages")
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
    if not isinstance(table, dict):
        raise ValueError(f"{path}: there is no table [packages]")
    for name, version in table.items():
        if not isinstance(version, str):
            raise ValueError(f"{path}: packages.{name}: the version must be a string, not {version!r}")
    return [Package(name, version) for name, version in table.items()]


def unpack(package: Package, cache: Path) -> Path:
    """The folder with the package's files, below cache; downloaded and unpacked where it is not there yet."""
    folder = cache / f"{package.name}-{package.version}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            archive = _download(package, Path(scratch) / "download")
            unpacked = Path(scratch) / "unpacked"
            _extract(archive, unpacked)
            # Renamed when complete, so that an interrupted run leaves no half-filled folder behind.
            shutil.move(unpacked, folder)
    return folder


def _download(package: Package, into: Path) -> Path:
    # Of a source distribution pip would run the setup to learn what it holds.
    options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(into))
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, str(package)], capture_output=True, text=True
    )
    archives = sorted(into.iterdir()) if into.is_dir() else []
    if done.returncode or not archives:
        raise RuntimeError(f"{package}: pip download failed:\n{done.stderr.strip()}")
    return archives[0]


def _extract(archive: Path, into: Path) -> None:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(into)
    else:
        with tarfile.open(archive) as sdist:
            sdist.extractall(into, filter="data")
