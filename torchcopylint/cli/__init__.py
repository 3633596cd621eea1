"""The command line: arguments → settings, files and a report; the outcome → the exit code. One module per command."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from torchcopylint import __version__
from torchcopylint.cli.failure import ending
from torchcopylint.cli.named import COMMANDS, FOR_DEVELOPERS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_WORDS = ("--help", "--version")

SECTIONS = {
    "What to report": ("select", "ignore", "extend_select", "confidence", "baseline", "since"),
    "What to lint": (
        "exclude",
        "extend_exclude",
        "force_exclude",
        "max_file_size",
        "stdin_filename",
        "watch",
        "jobs",
        "cache_dir",
        "no_cache",
    ),
    "How to report": ("output_format", "output_file", "statistics", "quiet", "exit_zero"),
    "Change the code": ("fix", "unsafe_fixes", "diff", "add_ignore", "ignore_reason"),
    "Ask torch": ("confirm", "python", "show_snippet", "save_snippets"),
}
"""The sections of the help with their options; options that are in no section come last."""

BRIEFLY = tuple(
    "select ignore confidence since exclude output_format fix unsafe_fixes diff confirm watch quiet".split()
)
"""The options in the short help."""


class _Commands(click.Group):
    """Commands, of which `check` need not be named: `torchcopylint src` is `torchcopylint check src`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing and not args:  # a shell asks for completions
            return super().parse_args(ctx, args)
        if not args or args[0] == "-h":
            click.echo(self._briefly(ctx), err=not args)
            ctx.exit(0 if args else 2)
        return super().parse_args(ctx, args if args[0] in (*COMMANDS, *_WORDS) else ["check", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = super().shell_complete(ctx, incomplete)
        check = self.get_command(ctx, "check")
        if check is not None and incomplete.startswith("-"):
            given = {item.value for item in found}
            inner = click.Context(check, parent=ctx, info_name="check")
            found += [item for item in check.shell_complete(inner, incomplete) if item.value not in given]
        return found

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS] PATHS...", "| COMMAND [ARGS]..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = self._options(ctx)
        parts = {title: [options.pop(name) for name in names] for title, names in SECTIONS.items()}
        for title, rows in {**parts, "Other": list(options.values())}.items():
            with formatter.section(title):
                formatter.write_dl(rows)
        self.format_commands(ctx, formatter)

    def _briefly(self, ctx: click.Context) -> str:
        """Help that fits on a screen: the most common options."""
        options = self._options(ctx)
        formatter = ctx.make_formatter()
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        with formatter.section("Options (--help lists all)"):
            formatter.write_dl([options[name] for name in BRIEFLY])
        with formatter.section("Commands"):
            named = {name: self.get_command(ctx, name) for name in COMMANDS if name not in FOR_DEVELOPERS}
            formatter.write_dl([(name, found.get_short_help_str()) for name, found in named.items() if found])
        return formatter.getvalue().rstrip("\n")

    def _options(self, ctx: click.Context) -> dict[str, tuple[str, str]]:
        """The names and help texts of all options, of this group and of `check`, by option name."""
        check = self.get_command(ctx, "check")
        every = (*self.get_params(ctx), *(check.params if check else ()))
        options = (param for param in every if isinstance(param, click.Option))
        return {str(option.name): row for option in options if (row := option.get_help_record(ctx)) is not None}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="torchcopylint", message="%(prog)s %(version)s")
def cli() -> None:
    """Find copies that share memory, writes that change other tensors, and copies that keep the graph.

    PATHS are Python files and directories; - reads standard input. Exit code 0: no findings, 1: findings,
    2: an error.
    """


def main() -> None:
    """Runs the command line of this process."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the parent process
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  for as long as the process lives
    with ending():
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        sys.exit(cli(prog_name="torchcopylint", standalone_mode=False))
