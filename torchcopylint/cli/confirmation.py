"""`--confirm`: tests the findings with torch and adds its verdicts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from torchcopylint.cli.project import checked
from torchcopylint.cli.tally import count

if TYPE_CHECKING:
    from torchcopylint.cli.asked import Asked
    from torchcopylint.config import Confirm, Nearest
    from torchcopylint.domain.finding import Finding, Verdict
    from torchcopylint.outcome import Outcome

_Function = TypeVar("_Function", bound=Callable[..., Any])
_HOW = click.Choice(["all", "only"])

_OPTIONS = (
    click.option("--confirm", type=_HOW, metavar="[=only]", help="Test findings with torch; only: drop refuted ones."),
    click.option("--python", metavar="PATH", help="The Python interpreter that has torch."),
    click.option("--show-snippet", is_flag=True, help="Print the programs that were run."),
    click.option(
        "--save-snippets", type=click.Path(file_okay=False), metavar="DIR", help="Write these programs to files."
    ),
)


def confirm_options(function: _Function) -> _Function:
    """The options of --confirm."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


class ConfirmingCommand(click.Command):
    """A command whose `--confirm` needs no value: what follows it is a path, not its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        alone = ["--confirm=all" if arg == "--confirm" else arg for arg in args[:end]]
        return super().parse_args(ctx, [*alone, *args[end:]])


@dataclass(slots=True)
class Confirmation:
    """The options from the command line, over those from each finding's configuration; if --confirm is off, it does
    nothing."""

    asked: Asked
    known: Nearest
    own: Confirm
    complain: Callable[[str], None]

    @classmethod
    def of(cls, asked: Asked, known: Nearest, complain: Callable[[str], None]) -> Confirmation:
        """The same with the user configuration, which is read only if something is tested with torch."""
        from torchcopylint.config import Confirm
        from torchcopylint.config.user import own

        return cls(asked, known, checked(own) if asked.confirms else Confirm(), complain)

    @property
    def on(self) -> bool:
        """Whether findings are tested with torch at all."""
        return self.asked.confirms

    def judged(self, outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
        """The outcomes, with verdicts in their findings; without torch unchanged, after an error message."""
        return self._judged(list(outcomes)) if self.on else outcomes

    def _judged(self, outcomes: list[Outcome]) -> Iterator[Outcome]:
        from torchcopylint.domain.finding import Ruling

        verdicts = self._verdicts([f for outcome in outcomes for f in outcome.findings if is_of_torch(f)])
        for outcome in outcomes:
            told = [
                replace(f, verdict=verdicts[id(f)]) if id(f) in verdicts else f
                for f in outcome.findings
                if not (self.asked.confirm == "only" and id(f) in verdicts and verdicts[id(f)].ruling is Ruling.REFUTED)
            ]
            for finding in told:
                self._hand_out(finding)
            yield replace(outcome, findings=tuple(told))

    def _verdicts(self, findings: list[Finding]) -> dict[int, Verdict]:
        """The verdicts, by the identity of the finding; each finding is tested with the interpreter of its
        configuration."""
        from torchcopylint.confirm.session import NoTorch, Session
        from torchcopylint.pool import cpus

        verdicts: dict[int, Verdict] = {}
        for (python, deadline), some in self._by_interpreter(findings).items():
            session = Session(python, deadline, self.asked.jobs or cpus())
            try:
                with session, _Progress() as progress:
                    verdicts.update(zip(map(id, some), session.verdicts(some, progress.tell), strict=True))
            except NoTorch as error:
                self._without(some, f"{error}; name an interpreter that has torch with --python")
        return verdicts

    def _by_interpreter(self, findings: list[Finding]) -> dict[tuple[str, int], list[Finding]]:
        """The findings by interpreter and deadline; an interpreter that must not be started causes an error message."""
        from torchcopylint.confirm.interpreter import chosen, permit
        from torchcopylint.confirm.session import NoTorch
        from torchcopylint.files.checkout import Checkout

        checkout = Checkout.around(self.asked.named)
        by_setting: dict[Confirm | None, list[Finding]] = {}
        for finding in findings:
            by_setting.setdefault(self.known.settings(finding.path).confirm, []).append(finding)
        found: dict[tuple[str, int], list[Finding]] = {}
        for said, some in by_setting.items():
            try:
                interpreter = chosen(self.asked.python, self.own, said, checkout)
                permit(interpreter, checkout)
                found.setdefault((interpreter.path, interpreter.deadline), []).extend(some)
            except NoTorch as error:
                self._without(some, str(error))
        return found

    def _without(self, findings: list[Finding], why: str) -> None:
        self.complain(f"{count(len(findings), 'finding')} could not be confirmed: {why}")

    def _hand_out(self, finding: Finding) -> None:
        from torchcopylint.confirm.repro import name_of, program_of, save
        from torchcopylint.report.harmless import harmless, harmless_lines

        if finding.verdict is None or not finding.verdict.snippet:
            return
        if self.asked.show_snippet:
            where = f"{finding.path}:{finding.span.line}:{finding.span.column}: {finding.code}"
            click.echo(f"--- {harmless(where)}\n{harmless_lines(program_of(finding.verdict.snippet))}\n", err=True)
        if (place := self.asked.save_snippets) is not None:
            try:
                os.makedirs(place, exist_ok=True)
                save(finding.verdict.snippet, os.path.join(place, name_of(finding)))
            except OSError as error:
                self.complain(f"{place}: cannot be written: {error.strerror}")
                self.asked = replace(self.asked, save_snippets=None)  # reported once, and not tried again


def is_of_torch(finding: Finding) -> bool:
    """The tool's own rules, about files and comments, cannot be tested with torch."""
    return not finding.code.startswith("TCL9")


class _Progress:
    """Progress on one line of a terminal; nothing anywhere else."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._begun = time.monotonic()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:
            click.echo("\r\033[K", nl=False, err=True)

    def tell(self, done: int, every: int, rule: str) -> None:
        """Shows how many are done, out of how many, and the rule of the last one."""
        if self._shown:
            rate = done / max(time.monotonic() - self._begun, 0.001)
            click.echo(f"\r\033[K{done}/{every} tested, {rate:.1f} per second, {rule}", nl=False, err=True)
