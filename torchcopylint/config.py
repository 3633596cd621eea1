"""What to lint and what to report: the nearest pyproject.toml's [tool.torchcopylint], under the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from torchcopylint import cards
from torchcopylint.declaration import Declaration, DeclarationError, declaration
from torchcopylint.finding import Confidence

_TABLE = "tool.torchcopylint"


class ConfigError(Exception):
    """A setting that cannot be used; says where it stands and what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One source of settings, or several laid over each other; None: not said."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] | None = None
    confidence: Confidence | None = None
    models: tuple[Declaration, ...] | None = None

    def shows(self, card: cards.Card, confidence: Confidence) -> bool:
        """Whether a finding of that rule, known that well, is to be reported."""
        chosen = _longest(card.rule.code, (*(self.select or ()), *(self.extend_select or ())))
        if chosen < 0 and card.on and (self.select is None or card.rule.code.startswith("TCL9")):
            chosen = 0
        floor = card.shown_from if self.confidence is None else self.confidence
        return chosen > _longest(card.rule.code, self.ignore or ()) and confidence >= floor

    def over(self, below: Settings) -> Settings:
        """These settings where they say something, else those below; a select starts the choice of rules anew."""
        if self.select is not None:
            below = replace(below, ignore=None, extend_select=None)
        said = {item.name: getattr(self, item.name) for item in fields(self) if getattr(self, item.name) is not None}
        if self.extend_select and below.extend_select:
            said["extend_select"] = below.extend_select + self.extend_select
        return replace(below, **said)


def selectors(names: Iterable[str], where: str) -> tuple[str, ...]:
    """Codes, prefixes of codes and slugs → codes and prefixes; an unknown one is an error at `where`."""
    found = []
    for name in names:
        rule = cards.find(name)
        code = rule.code if rule else name.upper()
        if not (code.startswith("TCL") and any(rule.code.startswith(code) for rule in cards.rules())):
            nearest = cards.nearest(name)
            hint = f"; did you mean {nearest!r}?" if nearest else "; `torchcopylint rule` lists all rules"
            raise ConfigError(f"{where}: unknown rule {name!r}{hint}")
        found.append(code)
    return tuple(found)


def confidence(name: str, where: str) -> Confidence:
    """A confidence by its name; an unknown one is an error at `where`."""
    try:
        return Confidence[name.upper()]
    except KeyError:
        raise ConfigError(f"{where}: must be one of low, medium, high, not {name!r}") from None


def nearest_pyproject(paths: Iterable[str]) -> str | None:
    """The first pyproject.toml with our table, from the paths' common directory upwards."""
    starts = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)]
    try:
        directory = os.path.commonpath(starts or [os.getcwd()])
    except ValueError:  # different drives
        directory = os.getcwd()
    while True:
        candidate = os.path.join(directory, "pyproject.toml")
        if os.path.isfile(candidate) and _table(candidate) is not None:
            return candidate
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return None


def load(path: str) -> Settings:
    """The settings of a pyproject.toml; an unknown key or a wrong type is an error naming file and key."""
    known = {item.name.replace("_", "-"): item.name for item in fields(Settings)}
    said: dict[str, Any] = {}
    for key, value in (_table(path) or {}).items():
        where = f"{path}: {_TABLE}.{key}"
        if key not in known:
            close = get_close_matches(key, known, n=1, cutoff=0)
            raise ConfigError(f"{where}: unknown key; did you mean {close[0]!r}?")
        if key == "confidence":
            if not isinstance(value, str):
                raise ConfigError(f"{where}: must be a string, not {value!r}")
            said[key] = confidence(value, where)
            continue
        if key == "models":
            said[key] = _models(value, where)
            continue
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{where}: must be a list of strings, not {value!r}")
        said[known[key]] = tuple(value) if "exclude" in key else selectors(value, where)
    return Settings(**said)


def _models(value: object, where: str) -> tuple[Declaration, ...]:
    """What the user says of their own calls."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: must be a table of calls, not {value!r}")
    found = []
    for name, entry in value.items():
        try:
            found.append(declaration(name, entry))
        except DeclarationError as error:
            raise ConfigError(f"{where}.{_quoted(name)}{error.key}: {error}") from None
    return tuple(found)


def _quoted(key: str) -> str:
    return key if key.isidentifier() else f'"{key}"'


def _table(path: str) -> dict[str, Any] | None:
    """Our table of a pyproject.toml, or None where it has none."""
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if b"torchcopylint" not in raw:
        return None
    import tomllib  # only for projects that configure us

    try:
        tool = tomllib.loads(raw.decode()).get("tool")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    table = tool.get("torchcopylint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: {_TABLE}: must be a table, not {table!r}")
    return table


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)
