"""`--confirm`: the findings that lint found are put to torch, and go on with its verdicts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from torchcopylint.cli.failure import fail

if TYPE_CHECKING:
    from torchcopylint.cli.asked import Asked
    from torchcopylint.config import Confirm
    from torchcopylint.domain.finding import Finding, Verdict
    from torchcopylint.run import Outcome

_Function = TypeVar("_Function", bound=Callable[..., Any])
_HOW = click.Choice(["all", "only"])

_OPTIONS = (
    click.option("--confirm", type=_HOW, metavar="[=only]", help="Put findings to torch; only: drop what is refuted."),
    click.option("--python", metavar="PATH", help="The interpreter that has torch."),
    click.option("--show-snippet", is_flag=True, help="Print the programs that it ran."),
    click.option("--save-snippets", type=click.Path(file_okay=False), metavar="DIR", help="Write them to files."),
)


def confirm_options(function: _Function) -> _Function:
    """The options of --confirm."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


class ConfirmingCommand(click.Command):
    """A command whose `--confirm` may stand alone: what follows it is a path, not its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        alone = ["--confirm=all" if arg == "--confirm" else arg for arg in args[:end]]
        return super().parse_args(ctx, [*alone, *args[end:]])


@dataclass(slots=True)
class Confirmation:
    """What was asked for on the command line, and in the project's file; nothing is done where it is off."""

    asked: Asked
    said: Confirm | None
    complain: Callable[[str], None]

    @property
    def on(self) -> bool:
        """Whether findings are put to torch at all."""
        return self.asked.confirms

    def of(self, outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
        """The outcomes, their findings with verdicts; without torch as they were, after a complaint."""
        return self._judged(list(outcomes)) if self.on else outcomes

    def _judged(self, outcomes: list[Outcome]) -> Iterator[Outcome]:
        findings = [finding for outcome in outcomes for finding in outcome.findings if is_of_torch(finding)]
        verdicts = dict(zip(map(id, findings), self._verdicts(findings), strict=False))
        for outcome in outcomes:
            told = [
                replace(f, verdict=verdicts[id(f)]) if id(f) in verdicts else f
                for f in outcome.findings
                if not (self.asked.confirm == "only" and id(f) in verdicts and verdicts[id(f)].outcome == "refuted")
            ]
            for finding in told:
                self._hand_out(finding)
            yield replace(outcome, findings=tuple(told))

    def _verdicts(self, findings: list[Finding]) -> list[Verdict]:
        from torchcopylint.confirm.session import DEADLINE, NoTorch, Session
        from torchcopylint.pool import cpus

        python = self.asked.python or (self.said.python if self.said else None) or sys.executable
        deadline = (self.said.deadline if self.said else None) or DEADLINE
        try:
            with Session(python, deadline, self.asked.jobs or cpus()) as session, _Progress() as progress:
                return session.verdicts(findings, progress.tell)
        except NoTorch as error:
            self.complain(f"nothing could be confirmed: {error}; name an interpreter that has torch with --python")
            return []

    def _hand_out(self, finding: Finding) -> None:
        from torchcopylint.confirm.repro import name_of, program_of

        if finding.verdict is None or not finding.verdict.snippet:
            return
        if self.asked.show_snippet:
            where = f"{finding.path}:{finding.span.line}:{finding.span.column}: {finding.code}"
            click.echo(f"--- {where}\n{program_of(finding.verdict.snippet)}\n", err=True)
        if (place := self.asked.save_snippets) is not None:
            try:
                os.makedirs(place, exist_ok=True)
                with open(os.path.join(place, name_of(finding)), "w", encoding="utf-8") as file:
                    file.write(finding.verdict.snippet)
            except OSError as error:
                fail(f"{place}: cannot be written: {error.strerror}")


def is_of_torch(finding: Finding) -> bool:
    """The tool's own rules, on files and comments, are nothing to ask torch about."""
    return not finding.code.startswith("TCL9")


class _Progress:
    """How far it is, on one line of a terminal; nothing anywhere else."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._begun = time.monotonic()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:
            click.echo("\r\033[K", nl=False, err=True)

    def tell(self, done: int, every: int, rule: str) -> None:
        """So many of so many are done, the last one of this rule."""
        if self._shown:
            rate = done / max(time.monotonic() - self._begun, 0.001)
            click.echo(f"\r\033[K{done}/{every} asked, {rate:.1f} a second, {rule}", nl=False, err=True)
