"""`torchcopylint baseline`: records the current findings, so that only new ones are reported."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from torchcopylint.cli.destination import destination
from torchcopylint.cli.failure import complain, fail, missing, say
from torchcopylint.cli.options import settings_options
from torchcopylint.cli.project import checked, directory_of, files, nearest

if TYPE_CHECKING:
    from torchcopylint.config.file import Layer

DEFAULT = "torchcopylint-baseline.json"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--baseline", "file", type=click.Path(dir_okay=False), metavar="PATH", help=f"The file ({DEFAULT}).")
@click.option("--add", is_flag=True, help="Also add new findings; without it, an existing file only loses some.")
@settings_options
@click.option(
    "-j", "--jobs", type=click.IntRange(min=0), default=0, help="Number of processes; 0 (the default): one per CPU."
)
def command(
    paths: tuple[str, ...], file: str | None, add: bool, force_exclude: bool, jobs: int, **options: Any
) -> None:
    """Record today's findings in PATHS as known, or drop those that are no longer found."""
    from torchcopylint.place.baseline import Baseline, BaselineError, load
    from torchcopylint.run import Target, run

    known = nearest(**options)
    file = file or _of_project(checked(lambda: known.layer(directory_of(paths[0]))))
    there = os.path.exists(file)
    try:
        before = load(file) if there else Baseline(file)
    except BaselineError as error:
        fail(str(error))
    found = files(paths, known, force_exclude)
    targets = checked(lambda: [Target(path, settings=known.settings(path)) for path in found.files])
    outcomes = list(run(targets, known.said, jobs))
    broken = [missing(path) for path in found.missing]
    broken += [f"{outcome.path}: {outcome.broken}" for outcome in outcomes if outcome.broken]
    for message in broken:
        complain(message)
    if broken:
        fail("nothing was recorded")
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    after = before.updated(findings, found.files, add or not there)
    with destination(file, sys.stdout) as out:
        out.write(after.text())
    new = sum(not after.knows(finding) for finding in findings)
    gone, more = len(before.entries - after.entries), len(after.entries - before.entries)
    changes = [f"{more} added" if more else "", f"{gone} removed" if gone else ""]
    left = f"; {new} new not added (use --add)" if new else ""
    say(f"{file}: {', '.join([f'{len(after.entries)} known', *filter(None, changes)])}{left}")


def _of_project(layer: Layer) -> str:
    """The file that the project's settings name, or the default one here: it is written only below the settings, or
    below the current directory.

    A project that was only cloned cannot replace any other file, through a path or a link; --baseline can.
    """
    from torchcopylint.config.file import key_in

    named = layer.settings.baseline
    file, root = (named, layer.root) if named is not None else (DEFAULT, os.getcwd())
    if not _below(os.path.realpath(root), os.path.realpath(file)):
        origin = layer.origins.get("baseline", "")
        where = f"{origin}: {key_in('baseline', origin)}" if named is not None else os.path.abspath(DEFAULT)
        reason = f"leads out of {root}, where a project may have nothing written; if that is meant, say"
        fail(f"{where}: {reason} --baseline {os.path.realpath(file)}")
    return file


def _below(directory: str, file: str) -> bool:
    try:
        return os.path.commonpath((directory, file)) == directory
    except ValueError:  # another drive
        return False
