"""`torchcopylint check`: lints files and directories; what is to be printed where, and the exit code."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from torchcopylint.cli.changes import Changes
from torchcopylint.cli.confirmation import Confirmation, ConfirmingCommand, confirm_options
from torchcopylint.cli.destination import destination
from torchcopylint.cli.failure import complain, fail
from torchcopylint.cli.ignoring import ignoring
from torchcopylint.cli.narrow import Narrow
from torchcopylint.cli.options import settings_options
from torchcopylint.cli.progress import progress
from torchcopylint.cli.project import checked, directory_of, excludes, files, nearest
from torchcopylint.cli.tally import Tally

if TYPE_CHECKING:
    from torchcopylint.config import Nearest
    from torchcopylint.run import Fixing, Outcome


def _known_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name of an output format, checked; the formats are looked up only when one is named."""
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
    help="concise, full (the default on a terminal), grouped, html, json, json-lines, sarif, github, gitlab, junit, "
    "rdjson.",
)
@click.option("--output-file", type=click.Path(dir_okay=False), metavar="PATH", help="Write the report to this file.")
@settings_options
@click.option("--baseline", type=click.Path(), metavar="PATH", help="Do not report what this file knows of.")
@click.option("--since", metavar="REV", help="Report only what is on lines changed since this git revision.")
@click.option("--stdin-filename", type=click.Path(), metavar="PATH", help="The name of what - reads.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0 (the default): one per CPU.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier runs.")
@confirm_options
@click.option("--fix", is_flag=True, help="Make the safe fixes, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that may change more.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--add-ignore", is_flag=True, help="Write a comment for each finding that takes it back.")
@click.option("--ignore-reason", default="", metavar="TEXT", help="What --add-ignore gives as the reason.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Count files, and findings per rule, on standard error.")
@click.option("--show-files", is_flag=True, help="Print the files that would be linted, and stop.")
@click.option("--show-settings", is_flag=True, help="Print the settings that hold for PATHS, and stop.")
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
    baseline: str | None,
    since: str | None,
    force_exclude: bool,
    stdin_filename: str | None,
    jobs: int,
    no_cache: bool,
    exit_zero: bool,
    statistics: bool,
    quiet: bool,
    show_files: bool,
    show_settings: bool,
    confirm: str | None,
    python: str | None,
    show_snippet: bool,
    save_snippets: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignore: bool,
    ignore_reason: str,
    **options: Any,
) -> int:
    from torchcopylint.report import load

    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("- cannot be combined with other paths.")
    if stdin_filename and paths != ("-",):
        raise click.UsageError("--stdin-filename needs - as the only path.")
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff.")
    if since and (fix or diff):
        raise click.UsageError("--since cannot be combined with --fix or --diff, which move the lines.")
    if add_ignore and (fix or diff or paths == ("-",)):
        raise click.UsageError("--add-ignore writes into files; it cannot be combined with -, --fix or --diff.")
    if ignore_reason and not add_ignore:
        raise click.UsageError("--ignore-reason needs --add-ignore.")
    named = (stdin_filename,) if stdin_filename else tuple(path for path in paths if path != "-")
    known = nearest(asks=bool(confirm or show_snippet or save_snippets), **options)
    if show_files or show_settings:
        return _show(named or (".",), known, force_exclude, show_files)
    for path in named or (".",):
        checked(partial(known.settings, path))  # what is wrong is told before anything is printed
    tally = Tally()
    narrow = Narrow(known, baseline, since)
    said = checked(partial(known.settings, named[0] if named else ".")).confirm
    confirmation = Confirmation(confirm, python, show_snippet, save_snippets, said, jobs, tally.complain)
    fixing = _fixing(fix, unsafe_fixes, diff, paths != ("-",), narrow)
    outcomes = _lint(paths, stdin_filename, known, narrow, force_exclude, jobs, not no_cache, quiet, tally, fixing)
    # The fixed text goes to standard output: the findings must not be mixed into it.
    usual = sys.stderr if fix and not diff and paths == ("-",) else sys.stdout
    style = output_format or ("full" if usual.isatty() and not output_file else "concise")
    changes = Changes(fixing, tally.complain)
    with closing(outcomes), destination(output_file, usual) as out:
        watched = changes.watch(outcomes)
        if diff:
            deque(tally.findings(watched), maxlen=0)
        else:
            found = confirmation.of(watched)
            load(style)(tally.findings(ignoring(found, ignore_reason, tally) if add_ignore else found), out)
    sys.stdout.flush()
    if statistics:
        tally.print_statistics()
    elif style == "full" and not diff and not quiet:
        tally.print_summary()
    if (fixing or style == "full") and not quiet:
        changes.announce()
    return 2 if tally.broken else 1 if tally.rules and not exit_zero else 0


def _fixing(fix: bool, unsafe_fixes: bool, diff: bool, in_place: bool, narrow: Narrow) -> Fixing | None:
    """What the options say about fixes."""
    from torchcopylint.run import DIFF, HAND_BACK, WRITE, Fixing

    kinds = frozenset({"safe", "unsafe"} if unsafe_fixes else {"safe"})
    if diff:
        return Fixing(kinds, DIFF, narrow.shows)
    return Fixing(kinds, WRITE if in_place else HAND_BACK, narrow.shows) if fix else None


def _lint(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    known: Nearest,
    narrow: Narrow,
    force_exclude: bool,
    jobs: int,
    caching: bool,
    quiet: bool,
    tally: Tally,
    fixing: Fixing | None,
) -> Generator[Outcome, None, None]:
    from torchcopylint.cache import Cache, default_directory
    from torchcopylint.run import Target, run

    if paths == ("-",):
        yield from narrow.of(_stdin(stdin_filename or "stdin", known, force_exclude, fixing))
        return
    found = files(paths, known, force_exclude)
    for path in found.missing:
        tally.complain(f"{path or repr(path)}: no such file or directory")
    everything = narrow.files(sorted((*found.files, *found.unreadable)))
    targets = checked(
        lambda: [Target(path, found.unreadable.get(path, ""), known.settings(path)) for path in everything]
    )
    cache = Cache(default_directory(paths[0])) if caching and targets and not fixing else None
    yield from narrow.of(progress(run(targets, known.said, jobs, cache, fixing), len(targets), quiet))


def _stdin(name: str, known: Nearest, force_exclude: bool, fixing: Fixing | None) -> Iterator[Outcome]:
    """The outcome of standard input; where it is fixed, its text goes to standard output, changed or not."""
    from torchcopylint.run import HAND_BACK, lint_bytes

    raw = fixed = sys.stdin.buffer.read()
    skipped = force_exclude and any(exclude.skip_named(name) for exclude in excludes(known, directory_of(name)))
    outcome = None if skipped else lint_bytes(name, raw, known.settings(name), fixing=fixing)
    if outcome and outcome.change:
        fixed = outcome.change[1].encoded()
    if fixing and fixing.how == HAND_BACK:
        sys.stdout.buffer.write(fixed)
    if outcome:
        yield outcome


def _show(paths: tuple[str, ...], known: Nearest, force_exclude: bool, show_files: bool) -> int:
    """Prints what would be linted, or with which settings."""
    from torchcopylint.cli.config import describe

    if show_files:
        found = files(paths, known, force_exclude)
        for path in sorted((*found.files, *found.unreadable)):
            click.echo(path)
        for path in found.missing:
            complain(f"{path or repr(path)}: no such file or directory")
        return 2 if found.missing else 0
    for number, path in enumerate(paths):
        text = checked(partial(describe, path, known))
        click.echo(f"\n{text}" if number else text)
    return 0
