"""`torchcopylint check`: lints files and directories; its options, and the exit code."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import click

from torchcopylint.cli.asked import Asked
from torchcopylint.cli.confirmation import ConfirmingCommand, confirm_options
from torchcopylint.cli.failure import complain, missing
from torchcopylint.cli.options import cache_option, settings_options
from torchcopylint.cli.project import checked, files, nearest


def _known_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The validated name of an output format; the formats are looked up only if one is given."""
    if value is not None:
        from torchcopylint.report import formats

        if value not in formats():
            raise click.BadParameter(f"{value!r} is not one of {', '.join(formats())}.", ctx, param)
    return value


@click.command(cls=ConfirmingCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--output-format",
    metavar="NAME",
    callback=_known_format,
    help="concise, full (on a terminal), grouped, html, json, json-lines, sarif, github, gitlab, junit, rdjson.",
)
@click.option("--output-file", type=click.Path(dir_okay=False), metavar="PATH", help="Write the report to this file.")
@settings_options
@click.option("--baseline", type=click.Path(), metavar="PATH", help="Do not report the findings recorded in this file.")
@click.option("--since", metavar="REV", help="Report only findings on lines changed since REV.")
@click.option("--stdin-filename", type=click.Path(), metavar="PATH", help="The file name to use for standard input.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    help="Number of processes; 0 (the default): one per CPU.",
    metavar="N",
)
@cache_option
@click.option("--no-cache", is_flag=True, help="Do not read or write cached results.")
@click.option("--watch", is_flag=True, help="Keep running, and lint again when a file changes.")
@confirm_options
@click.option("--fix", is_flag=True, help="Apply the safe fixes and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also apply fixes that may change behaviour.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; change nothing.")
@click.option("--add-ignore", is_flag=True, help="Suppress the findings with comments in the code.")
@click.option(
    "--ignore-reason", default="", metavar="TEXT", help="The reason to write in the comments of --add-ignore."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Count files, and findings per rule.")
@click.option("--show-files", is_flag=True, help="Print the files that would be linted.")
@click.option("--show-settings", is_flag=True, help="Print the settings for PATHS.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors only.")
def command(paths: tuple[str, ...], **options: Any) -> None:
    """Lint files and directories (the default command)."""
    sys.exit(_check(Asked.of(paths, options)))


def _check(asked: Asked) -> int:
    from torchcopylint.cli.once import once

    if wrong := asked.contradiction():
        raise click.UsageError(wrong)
    if asked.show_files or asked.show_settings:
        return _show(asked)
    if asked.watch:
        from torchcopylint.cli.watch import watch

        return watch(asked)
    return once(asked)


def _show(asked: Asked) -> int:
    """Prints what would be linted, or with which settings."""
    from torchcopylint.cli.config import describe
    from torchcopylint.report.harmless import harmless

    known = nearest(asks=asked.confirms, **asked.settings)
    if asked.show_files:
        found = files(asked.named, known, asked.force_exclude)
        for path in sorted((*found.files, *found.unreadable)):
            click.echo(harmless(path))
        for path in found.missing:
            complain(missing(path))
        return 2 if found.missing else 0
    for number, path in enumerate(asked.named):
        text = checked(partial(describe, path, known))
        click.echo(f"\n{text}" if number else text)
    return 0
