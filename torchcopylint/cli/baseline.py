"""`torchcopylint baseline`: records what is found today, so that only what is new is reported."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from torchcopylint.cli.destination import destination
from torchcopylint.cli.failure import complain, fail, missing, say
from torchcopylint.cli.options import settings_options
from torchcopylint.cli.project import checked, files, nearest

DEFAULT = "torchcopylint-baseline.json"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--baseline", "file", type=click.Path(dir_okay=False), metavar="PATH", help=f"The file ({DEFAULT}).")
@click.option("--add", is_flag=True, help="Take new findings in too; a file that is there otherwise only loses some.")
@settings_options
@click.option("-j", "--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0 (the default): one per CPU.")
def command(
    paths: tuple[str, ...], file: str | None, add: bool, force_exclude: bool, jobs: int, **options: Any
) -> None:
    """Record today's findings in PATHS as known, or drop from the record what is no longer found."""
    from torchcopylint.place.baseline import Baseline, BaselineError, load
    from torchcopylint.run import Target, run

    known = nearest(**options)
    file = file or checked(lambda: known.settings(paths[0])).baseline or DEFAULT
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
    left = f"; {new} new not added (--add takes them in)" if new else ""
    say(f"{file}: {', '.join([f'{len(after.entries)} known', *filter(None, changes)])}{left}")
