"""The options that several commands share: which rules, which files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from torchcopylint.files.regular import LARGEST, MOST

_Function = TypeVar("_Function", bound=Callable[..., Any])
_LEVELS = click.Choice(["low", "medium", "high"])


def comma_separated(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values of an option that may be repeated and may hold several values separated by commas; None if not
    given."""
    split = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    return split if values else None


def listing(name: str, metavar: str, text: str) -> Callable[[_Function], _Function]:
    """An option that takes several values."""
    return click.option(name, multiple=True, metavar=metavar, callback=comma_separated, help=text)


def cache_option(function: _Function) -> _Function:
    """The option for the cache directory."""
    option: Callable[[_Function], _Function] = click.option(
        "--cache-dir",
        type=click.Path(),
        metavar="PATH",
        envvar="TORCHCOPYLINT_CACHE_DIR",
        help="Directory for cached results (or TORCHCOPYLINT_CACHE_DIR).",
    )
    return option(function)


_RULES = (
    listing("--select", "RULES", "Report only these rules: codes, prefixes or names."),
    listing("--ignore", "RULES", "Do not report these rules."),
    listing("--extend-select", "RULES", "Also report these rules."),
    click.option("--confidence", type=_LEVELS, metavar="LEVEL", help="Minimum confidence: low, medium or high."),
)
_FILES = (
    listing("--exclude", "GLOBS", "Skip these instead of the default exclusions."),
    listing("--extend-exclude", "GLOBS", "Also skip these."),
    click.option(
        "--max-file-size",
        type=click.IntRange(1, MOST),
        metavar="BYTES",
        help=f"Skip files larger than this (default {LARGEST}).",
    ),
    click.option("--force-exclude", is_flag=True, help="Apply exclusions even to paths given explicitly."),
)


def settings_options(function: _Function) -> _Function:
    """The options that choose rules and files and take precedence over the project's configuration."""
    return _with((*_RULES, *_FILES), function)


def rule_options(function: _Function) -> _Function:
    """The options among them that choose rules."""
    return _with(_RULES, function)


def _with(options: Sequence[Callable[[_Function], _Function]], function: _Function) -> _Function:
    for option in reversed(options):
        function = option(function)
    return function
