"""A configuration file → its settings, with those it extends below them, and the file that each comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torchcopylint.config.keys import KEYS, ConfigError, unknown
from torchcopylint.config.quote import quote
from torchcopylint.config.settings import PerFile, Settings
from torchcopylint.files.regular import read_regular

OWN_FILE, PYPROJECT = "torchcopylint.toml", "pyproject.toml"
_LONGEST_CHAIN = 50
"""The longest allowed chain of files that extend one another."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings, the directory their patterns are relative to, the file, and the origin of each key that is set."""

    settings: Settings = field(default_factory=Settings)
    root: str = ""
    file: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)


def file_in(directory: str) -> str | None:
    """The configuration file in a directory: torchcopylint.toml, or a pyproject.toml with our table."""
    own = os.path.join(directory, OWN_FILE)
    if os.path.isfile(own):
        return own
    shared = os.path.join(directory, PYPROJECT)
    return shared if os.path.isfile(shared) and _table(shared) is not None else None


def load(path: str, on_the_way: tuple[str, ...] = ()) -> Layer:
    """The settings of a file; an unknown key or a wrong type is an error that names file and key."""
    real = os.path.realpath(path)
    if real in on_the_way:
        raise ConfigError(f"{on_the_way[-1]}: {key_in('extend', on_the_way[-1])}: circular reference to {path}")
    if len(on_the_way) > _LONGEST_CHAIN:
        where = key_in("extend", on_the_way[-1])
        raise ConfigError(f"{on_the_way[-1]}: {where}: chain of more than {_LONGEST_CHAIN} files, at {path}")
    said: dict[str, Any] = {}
    below = Layer()
    for key, value in (_table(path) or {}).items():
        where = f"{path}: {key_in(key, path)}"
        if key not in KEYS:
            raise unknown(key, KEYS, where)
        read = KEYS[key].read(value, where)
        if key == "extend":
            below = _extended(os.path.join(os.path.dirname(path), os.path.expanduser(read)), where, (*on_the_way, real))
        elif key == "baseline":
            said[key] = beside(path, read)
        elif key == "cache-dir":
            said["cache_dir"] = _within(path, read, where)
        elif key == "confirm":
            said[key] = replace(read, file=path)
        else:
            said[key.replace("-", "_")] = read
    root = os.path.dirname(path)
    own = Settings(**said)
    origins = {**_kept(below, own), **dict.fromkeys((name.replace("_", "-") for name in said), path)}
    return Layer(own.over(_seen_from(below, root)), root, path, origins)


def beside(file: str, path: str) -> str:
    """A path in a configuration file: relative to the directory of the file."""
    return os.path.normpath(os.path.join(os.path.dirname(file), os.path.expanduser(path)))


def _within(file: str, path: str, where: str) -> str:
    """A path in a configuration file that must be below the directory of the file: a cloned project must not write
    elsewhere."""
    own, named = os.path.dirname(file), beside(file, path)
    try:
        inside = named != own and os.path.commonpath((own, named)) == own
    except ValueError:  # another drive
        inside = False
    if not inside:
        reason = f"must be a directory below the one of this file, not {path!r}"
        raise ConfigError(f"{where}: {reason}; use --cache-dir or TORCHCOPYLINT_CACHE_DIR for any other directory")
    return named


def _extended(path: str, where: str, on_the_way: tuple[str, ...]) -> Layer:
    path = os.path.normpath(path)
    if not os.path.isfile(path):
        raise ConfigError(f"{where}: no such file: {path}")
    if os.path.basename(path) == PYPROJECT and _table(path) is None:
        raise ConfigError(f"{where}: has no table [tool.torchcopylint]: {path}")
    return load(path, on_the_way)


def _kept(below: Layer, own: Settings) -> dict[str, str]:
    """The origins of the lower settings that still apply."""
    gone = {"ignore", "extend-select"} if own.select is not None else set()
    return {key: file for key, file in below.origins.items() if key not in gone}


def _seen_from(below: Layer, root: str) -> Settings:
    """Settings whose file patterns are relative to another directory, rewritten for this one where possible."""
    settings, before = below.settings, below.root
    if not before or before == root:
        return settings
    way = os.path.relpath(before, root).replace(os.sep, "/")
    if way.startswith(".."):
        return settings  # patterns from a directory above apply anywhere below it

    def moved(pattern: str) -> str:
        anchored = "/" in pattern.rstrip("/")
        return f"/{way}/{pattern.lstrip('/')}" if anchored else f"/{way}/**/{pattern}"

    return replace(
        settings,
        per_file_ignores=settings.per_file_ignores
        and tuple(PerFile(moved(entry.pattern), entry.rules) for entry in settings.per_file_ignores),
        exclude=settings.exclude and tuple(map(moved, settings.exclude)),
        extend_exclude=settings.extend_exclude and tuple(map(moved, settings.extend_exclude)),
    )


def key_in(key: str, path: str) -> str:
    """The full name of a key in a configuration file."""
    return key if os.path.basename(path) != PYPROJECT else f"tool.torchcopylint.{key}"


def _table(path: str) -> dict[str, Any] | None:
    """Our table of a pyproject.toml, or None if it has none; for any other file, the whole file."""
    try:
        raw = read_regular(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    whole = os.path.basename(path) != PYPROJECT
    if b"torchcopylint" not in raw and not whole:
        return None
    import tomllib  # only for projects with a configuration for torchcopylint

    try:
        document = tomllib.loads(raw.decode())
    except RecursionError:
        raise ConfigError(f"{path}: cannot be read: it is nested too deeply") from None
    except ValueError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    tool = document.get("tool")
    table = document if whole else tool.get("torchcopylint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.torchcopylint: must be a table, not {quote(table)}")
    return table
