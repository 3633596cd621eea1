"""`torchcopylint rule`: the card of a rule, or the list of all rules."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from torchcopylint.cli.failure import complain, fail

if TYPE_CHECKING:
    from torchcopylint.cards import Rule


@click.command()
@click.argument("name", required=False, metavar="[RULE]")
def command(name: str | None) -> None:
    """Print the card of a rule (code or name), or list all rules."""
    from torchcopylint import cards

    try:
        if name is None:
            _list_rules(cards.rules())
            for complaint in cards.complaints():
                complain(complaint)
            return
        found = cards.find(name)
        if found is not None:
            _print_card(found)
            return
        nearest = cards.nearest(name)
    except cards.CardError as error:
        fail(str(error))
    hint = f"did you mean {nearest!r}?" if nearest else "`torchcopylint rule` lists all rules"
    fail(f"unknown rule {name!r}; {hint}")


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
