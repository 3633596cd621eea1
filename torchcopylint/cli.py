"""The command line: words → settings, files and a report; how it went → the exit code."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from torchcopylint import __version__

if TYPE_CHECKING:
    from torchcopylint.cards import Rule
    from torchcopylint.config import Settings
    from torchcopylint.discover import Excludes
    from torchcopylint.finding import Finding
    from torchcopylint.run import Outcome

_Function = TypeVar("_Function", bound=Callable[..., Any])
_CONTEXT = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    """Commands, of which `check` need not be named: `torchcopylint src` is `torchcopylint check src`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        own = {*self.commands, "-h", "--help", "--version"}
        return super().parse_args(ctx, args if args[0] in own else ["check", *args])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS] PATHS...", "| COMMAND [ARGS]..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in (*self.get_params(ctx), *check.params) if isinstance(param, click.Option)]
        rows = [option.get_help_record(ctx) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([row for row in rows if row])
        self.format_commands(ctx, formatter)


@click.group(cls=_Commands, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="torchcopylint", message="%(prog)s %(version)s")
def cli() -> None:
    """Find copies that are references, writes seen through another name, and copies that keep the graph.

    PATHS are files and directories of Python code; - reads standard input. Exit code 0: nothing found, 1: findings,
    2: something could not be done.
    """


def _comma_separated(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values of an option that may be repeated and may hold several, separated by commas; None if not given."""
    split = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    return split if values else None


def _known_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name of an output format, checked; the formats are looked up only when one is named."""
    if value is not None:
        from torchcopylint.report import formats

        if value not in formats():
            raise click.BadParameter(f"{value!r} is not one of {', '.join(formats())}.", ctx, param)
    return value


def _listing(name: str, metavar: str, text: str) -> Callable[[_Function], _Function]:
    """An option that takes several values."""
    return click.option(name, multiple=True, metavar=metavar, callback=_comma_separated, help=text)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--output-format", metavar="NAME", callback=_known_format, help="concise, or full (the default on a terminal)."
)
@_listing("--select", "RULES", "Report these rules and no others: codes, beginnings of codes, names.")
@_listing("--ignore", "RULES", "Do not report these rules.")
@_listing("--extend-select", "RULES", "Report these rules too.")
@click.option("--confidence", type=click.Choice(["low", "medium", "high"]), help="Report what is at least that sure.")
@_listing("--exclude", "GLOBS", "Skip these, in the language of .gitignore; replaces what is skipped by default.")
@_listing("--extend-exclude", "GLOBS", "Skip these too.")
@click.option("--force-exclude", is_flag=True, help="Skip what is excluded even if it is named in PATHS.")
@click.option("--stdin-filename", type=click.Path(), metavar="PATH", help="The name of what - reads.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0 (the default): one per CPU.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Count files, and findings per rule, on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors only.")
def check(paths: tuple[str, ...], **options: Any) -> None:
    """Lint files and directories (the default command)."""
    try:
        code = _check(paths, **options)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at the end
        if not isinstance(error, BrokenPipeError):
            _fail(f"stopped: {error}")
        code = 1  # the reader has seen enough
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _check(
    paths: tuple[str, ...],
    output_format: str | None,
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
    tally = _Tally()
    if paths == ("-",):
        outcomes = _stdin(stdin_filename, settings, excludes if force_exclude else ())
    else:
        outcomes = _files(paths, settings, excludes, force_exclude, jobs, tally)
    style = output_format or ("full" if sys.stdout.isatty() else "concise")
    with closing(outcomes):
        load(style)(tally.findings(outcomes), sys.stdout)
    sys.stdout.flush()
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
        _fail(str(error))
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
    tally: _Tally,
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


class _Tally:
    """Counts what goes by, for the exit code and the statistics."""

    def __init__(self) -> None:
        self.rules: Counter[tuple[str, str]] = Counter()
        self.files: Counter[str] = Counter()
        self.with_findings = 0
        self.broken = False

    def findings(self, outcomes: Iterable[Outcome]) -> Iterator[Finding]:
        """The findings of the outcomes; a failed file is complained of at once, and does not stop the others."""
        for outcome in outcomes:
            if outcome.failure:
                self.complain(f"{outcome.path}: internal error: {outcome.failure}; please report it")
            self.files["failed" if outcome.failure else "linted" if outcome.analysed else "skipped"] += 1
            self.with_findings += bool(outcome.findings)
            self.rules.update((finding.code, finding.slug) for finding in outcome.findings)
            yield from outcome.findings

    def complain(self, message: str) -> None:
        """Says on standard error what could not be done."""
        self.broken = True
        click.echo(f"torchcopylint: {message}", err=True)

    def print_summary(self) -> None:
        total, checked = sum(self.rules.values()), sum(self.files.values())
        where = f" in {_count(self.with_findings, 'file')}" if total else ""
        click.echo(f"{_count(total, 'finding')}{where} ({_count(checked, 'file')} checked)", err=True)

    def print_statistics(self) -> None:
        for (code, slug), count in sorted(self.rules.items()):
            click.echo(f"{count:>7} {code} {slug}", err=True)
        for state in ("linted", "skipped", "failed"):
            click.echo(f"{self.files[state]:>7} files {state}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@cli.command()
@click.argument("name", required=False, metavar="[RULE]")
def rule(name: str | None) -> None:
    """Print the card of a rule (code or name), or list all rules."""
    from torchcopylint import cards

    try:
        if name is None:
            _list_rules(cards.rules())
            return
        found = cards.find(name)
        if found is not None:
            _print_card(found)
            return
        nearest = cards.nearest(name)
    except cards.CardError as error:
        _fail(str(error))
    hint = f"did you mean {nearest!r}?" if nearest else "`torchcopylint rule` lists all rules"
    _fail(f"unknown rule {name!r}; {hint}")


def _list_rules(rules: tuple[Rule, ...]) -> None:
    from shutil import get_terminal_size

    from torchcopylint.cards import load

    width = max(len(rule.slug) for rule in rules)
    room = get_terminal_size().columns - width - 13 if sys.stdout.isatty() else None
    for rule in rules:
        card = load(rule)
        text = card.summary if not room or len(card.summary) <= room else f"{card.summary[: room - 1]}…"
        click.echo(f"{rule.code}  {rule.slug:<{width}}  {'on ' if card.on else 'off'}  {text}".rstrip())


def _print_card(rule: Rule) -> None:
    from torchcopylint.cards import load

    text = load(rule).rule.path.read_text(encoding="utf-8")
    if sys.stdout.isatty():
        from shutil import get_terminal_size

        from torchcopylint.markdown import markdown

        text = markdown(text, min(get_terminal_size().columns, 100), not os.environ.get("NO_COLOR"))
    click.echo(text, nl=False)


def _fail(message: str) -> NoReturn:
    click.echo(f"torchcopylint: {message}", err=True)
    sys.exit(2)


def main() -> None:
    """Runs the command line of this process."""
    if sys.stdout is None:  # closed by who started us
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  for as long as the process lives
    cli(prog_name="torchcopylint")
