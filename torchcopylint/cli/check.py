"""`torchcopylint check`: lints files and directories; what is to be printed where, and the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from torchcopylint.cli.destination import destination
from torchcopylint.cli.failure import fail
from torchcopylint.cli.options import settings_options
from torchcopylint.cli.tally import Tally

if TYPE_CHECKING:
    from torchcopylint.config import Settings
    from torchcopylint.discover import Excludes
    from torchcopylint.run import Outcome


def _known_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name of an output format, checked; the formats are looked up only when one is named."""
    if value is not None:
        from torchcopylint.report import formats

        if value not in formats():
            raise click.BadParameter(f"{value!r} is not one of {', '.join(formats())}.", ctx, param)
    return value


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--output-format",
    metavar="NAME",
    callback=_known_format,
    help="concise, full (the default on a terminal), grouped, json, json-lines, sarif, github, gitlab, junit, rdjson.",
)
@click.option("--output-file", type=click.Path(dir_okay=False), metavar="PATH", help="Write the report to this file.")
@settings_options
@click.option("--stdin-filename", type=click.Path(), metavar="PATH", help="The name of what - reads.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0 (the default): one per CPU.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Count files, and findings per rule, on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors only.")
def command(paths: tuple[str, ...], **options: Any) -> None:
    """Lint files and directories (the default command)."""
    try:
        code = _check(paths, **options)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at the end
        if not isinstance(error, BrokenPipeError):
            fail(f"stopped: {error}")
        code = 1  # the reader has seen enough
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _check(
    paths: tuple[str, ...],
    output_format: str | None,
    output_file: str | None,
    force_exclude: bool,
    stdin_filename: str | None,
    jobs: int,
    exit_zero: bool,
    statistics: bool,
    quiet: bool,
    **options: Any,
) -> int:
    from torchcopylint.report import load

    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("- cannot be combined with other paths.")
    if stdin_filename and paths != ("-",):
        raise click.UsageError("--stdin-filename needs - as the only path.")
    named = (stdin_filename,) if stdin_filename else tuple(path for path in paths if path != "-")
    settings, excludes = _settings(named, **options)
    tally = Tally()
    if paths == ("-",):
        outcomes = _stdin(stdin_filename, settings, excludes if force_exclude else ())
    else:
        outcomes = _files(paths, settings, excludes, force_exclude, jobs, tally)
    style = output_format or ("full" if sys.stdout.isatty() and not output_file else "concise")
    with closing(outcomes), destination(output_file) as out:
        load(style)(tally.findings(outcomes), out)
    if statistics:
        tally.print_statistics()
    elif style == "full" and not quiet:
        tally.print_summary()
    return 2 if tally.broken else 1 if tally.rules and not exit_zero else 0


def _settings(
    named: tuple[str, ...], confidence: str | None, **lists: tuple[str, ...] | None
) -> tuple[Settings, tuple[Excludes, ...]]:
    """The settings in force for the named paths, and what is to be skipped."""
    from torchcopylint import config
    from torchcopylint.cards import CardError
    from torchcopylint.discover import DEFAULT_EXCLUDES, Excludes
    from torchcopylint.gitignore import Patterns

    rules = {"select", "ignore", "extend_select"}
    try:
        chosen: dict[str, Any] = {
            name: config.selectors(value, f"--{name.replace('_', '-')}") if name in rules and value else value
            for name, value in lists.items()
        }
        said = config.Settings(
            confidence=config.confidence(confidence, "--confidence") if confidence else None, **chosen
        )
        file = config.nearest_pyproject(named)
        below = config.load(file) if file else config.Settings()
    except (config.ConfigError, CardError) as error:
        fail(str(error))
    in_file = (*(below.exclude or ()), *(below.extend_exclude or ()))
    if said.exclude is not None:
        in_file = below.extend_exclude or ()
    default = () if said.exclude is not None or below.exclude is not None else DEFAULT_EXCLUDES
    on_line = (*default, *(said.exclude or ()), *(said.extend_exclude or ()))
    excludes = (
        Excludes(os.path.dirname(file) if file else ".", Patterns(in_file)),
        Excludes(".", Patterns(on_line)),
    )
    return said.over(below), excludes


def _files(
    paths: Iterable[str],
    settings: Settings,
    excludes: tuple[Excludes, ...],
    force_exclude: bool,
    jobs: int,
    tally: Tally,
) -> Generator[Outcome, None, None]:
    from torchcopylint.discover import discover
    from torchcopylint.run import Target, run

    found = discover(paths, excludes, force_exclude)
    for path in found.missing:
        tally.complain(f"{path or repr(path)}: no such file or directory")
    everything = sorted((*found.files, *found.unreadable))
    return run([Target(path, found.unreadable.get(path, "")) for path in everything], settings, jobs)


def _stdin(name: str | None, settings: Settings, excludes: tuple[Excludes, ...]) -> Generator[Outcome, None, None]:
    from torchcopylint.run import lint_bytes

    if not (name and any(exclude.skip_named(name) for exclude in excludes)):
        yield lint_bytes(name or "stdin", sys.stdin.buffer.read(), settings)
