"""The keys of a configuration file, each defined once: its description, its validation and its JSON schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from torchcopylint import cards
from torchcopylint.config.declaration import KINDS, RETURNS, Declaration, DeclarationError, declaration
from torchcopylint.config.quote import quote, quote_key
from torchcopylint.config.settings import Confirm, PerFile
from torchcopylint.domain.finding import Confidence
from torchcopylint.files.regular import MOST

_LONGEST = 3600
"""The longest deadline in seconds: operating systems have smaller limits than TOML."""


class ConfigError(Exception):
    """An invalid setting; says where it is and what would be valid."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its description, the function that validates a value, the schema of the value."""

    text: str
    read: Callable[[Any, str], Any]
    schema: Callable[[], dict[str, Any]]


def selectors(names: Iterable[str], where: str) -> tuple[str, ...]:
    """Codes, prefixes of codes and slugs → codes and prefixes; an unknown one is an error at `where`."""
    found = []
    for name in names:
        rule = cards.find(name)
        code = rule.code if rule else name.upper()
        if not any(rule.code.startswith(code) and len(code) >= len(rule.code) - 3 for rule in cards.rules()):
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


def unknown(key: str, known: Iterable[str], where: str) -> ConfigError:
    """The error for an unknown key, with the most similar known one."""
    return ConfigError(f"{where}: unknown key; did you mean {get_close_matches(key, known, n=1, cutoff=0)[0]!r}?")


def _strings(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where}: must be a list of strings, not {quote(value)}")
    return tuple(value)


def _string(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{where}: must be a string, not {quote(value)}")
    return value


def _path(value: object, where: str) -> str:
    path = _string(value, where)
    if "\0" in path:
        raise ConfigError(f"{where}: must be a path, not {quote(value)}")
    return path


def _size(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
        raise ConfigError(f"{where}: must be a number of bytes from 1 to {MOST}, not {value!r}")
    return value


def _rules(value: object, where: str) -> tuple[str, ...]:
    return selectors(_strings(value, where), where)


def _level(value: object, where: str) -> Confidence:
    return confidence(_string(value, where), where)


def _per_file(value: object, where: str) -> tuple[PerFile, ...]:
    entries = _table(value, where, "of patterns").items()
    return tuple(PerFile(pattern, _rules(rules, f"{where}.{quote_key(pattern)}")) for pattern, rules in entries)


def _models(value: object, where: str) -> tuple[Declaration, ...]:
    found = []
    for name, entry in _table(value, where, "of calls").items():
        try:
            found.append(declaration(name, entry))
        except DeclarationError as error:
            raise ConfigError(f"{where}.{quote_key(name)}{error.key}: {error}") from None
    return tuple(found)


def _confirm(value: object, where: str) -> Confirm:
    entries = _table(value, where, "")
    for key, entry in entries.items():
        if key == "python":
            _path(entry, f"{where}.python")
        elif key != "deadline":
            raise unknown(key, ("python", "deadline"), f"{where}.{quote_key(key)}")
        elif not isinstance(entry, int) or isinstance(entry, bool) or not 1 <= entry <= _LONGEST:
            raise ConfigError(f"{where}.deadline: must be a number of seconds from 1 to {_LONGEST}, not {quote(entry)}")
    return Confirm(**entries)


def _table(value: object, where: str, of: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: must be a table {of}".rstrip() + f", not {quote(value)}")
    return value


def _rule_schema() -> dict[str, Any]:
    names = [name for rule in cards.rules() for name in (rule.code, rule.slug)]
    prefixes = sorted({rule.code[:length] for rule in cards.rules() for length in (3, 4, 5)})
    return {"type": "array", "items": {"enum": [*prefixes, *names]}}


def _list_schema() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


def _path_schema() -> dict[str, Any]:
    return {"type": "string", "pattern": r"^[^\u0000]+$"}


def _size_schema() -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": MOST}


def _level_schema() -> dict[str, Any]:
    return {"enum": [level.name.lower() for level in Confidence]}


def _per_file_schema() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _rule_schema()}


def _models_schema() -> dict[str, Any]:
    place = {"type": "integer", "minimum": 0}
    places = {"anyOf": [place, {"type": "array", "items": place, "minItems": 1}]}
    properties = {"kind": {"enum": list(KINDS)}, "of": places, "writes": places, "returns": {"enum": list(RETURNS)}}
    entry = {"type": "object", "properties": properties, "required": ["kind"], "additionalProperties": False}
    names = {"pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)+$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": entry}


def _confirm_schema() -> dict[str, Any]:
    properties = {"python": _path_schema(), "deadline": {"type": "integer", "minimum": 1, "maximum": _LONGEST}}
    return {"type": "object", "properties": properties, "additionalProperties": False}


KEYS = {
    "extend": Key("A configuration file that these settings extend and override.", _path, _path_schema),
    "select": Key("The only rules to report: codes, code prefixes or names.", _rules, _rule_schema),
    "ignore": Key("Rules not to report.", _rules, _rule_schema),
    "extend-select": Key("Additional rules to report.", _rules, _rule_schema),
    "per-file-ignores": Key(
        "File patterns, each with the rules not to report in these files.", _per_file, _per_file_schema
    ),
    "exclude": Key("Patterns of paths to skip instead of the default exclusions.", _strings, _list_schema),
    "extend-exclude": Key("Patterns of additional paths to skip.", _strings, _list_schema),
    "max-file-size": Key("Skip files larger than this number of bytes.", _size, _size_schema),
    "cache-dir": Key("Directory for cached results, below the directory of this file.", _path, _path_schema),
    "confidence": Key("The minimum confidence of reported findings.", _level, _level_schema),
    "baseline": Key("A file of known findings that are not reported.", _path, _path_schema),
    "models": Key("What your own functions do, by their fully qualified names.", _models, _models_schema),
    "confirm": Key("How findings are tested with torch.", _confirm, _confirm_schema),
}
"""Each is a field of `Settings` of the same name, with underscores, except `extend`."""


def schema() -> dict[str, Any]:
    """The JSON schema of [tool.torchcopylint], and of torchcopylint.toml as a whole."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "torchcopylint",
        "type": "object",
        "properties": {name: {"description": key.text, **key.schema()} for name, key in KEYS.items()},
        "additionalProperties": False,
    }
