"""The options that several commands share: which rules, which files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from torchcopylint.files.regular import LARGEST, MOST

_Function = TypeVar("_Function", bound=Callable[..., Any])
_LEVELS = click.Choice(["low", "medium", "high"])


def comma_separated(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values of an option that may be repeated and may hold several, separated by commas; None if not given."""
    split = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    return split if values else None


def listing(name: str, metavar: str, text: str) -> Callable[[_Function], _Function]:
    """An option that takes several values."""
    return click.option(name, multiple=True, metavar=metavar, callback=comma_separated, help=text)


def cache_option(function: _Function) -> _Function:
    """The option that says where results are kept."""
    option: Callable[[_Function], _Function] = click.option(
        "--cache-dir",
        type=click.Path(),
        metavar="PATH",
        envvar="TORCHCOPYLINT_CACHE_DIR",
        help="Where results are kept (or TORCHCOPYLINT_CACHE_DIR).",
    )
    return option(function)


_RULES = (
    listing("--select", "RULES", "Only these rules: codes, their beginnings, names."),
    listing("--ignore", "RULES", "Do not report these rules."),
    listing("--extend-select", "RULES", "Report these rules too."),
    click.option(
        "--confidence", type=_LEVELS, metavar="LEVEL", help="low, medium or high: what is at least that sure."
    ),
)
_FILES = (
    listing("--exclude", "GLOBS", "Skip these, and not what is skipped by default."),
    listing("--extend-exclude", "GLOBS", "Skip these too."),
    click.option(
        "--max-file-size",
        type=click.IntRange(1, MOST),
        metavar="BYTES",
        help=f"Pass over files with more bytes than that (default {LARGEST}).",
    ),
    click.option("--force-exclude", is_flag=True, help="Skip what is excluded even if it is named."),
)


def settings_options(function: _Function) -> _Function:
    """The options that choose rules and files, as they stand over what a project's files say."""
    return _with((*_RULES, *_FILES), function)


def rule_options(function: _Function) -> _Function:
    """Those of them that choose rules."""
    return _with(_RULES, function)


def _with(options: Sequence[Callable[[_Function], _Function]], function: _Function) -> _Function:
    for option in reversed(options):
        function = option(function)
    return function
