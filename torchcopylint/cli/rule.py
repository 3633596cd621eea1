"""`torchcopylint rule`: the card of a rule, or the list of all rules."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from torchcopylint.cli.failure import complain, fail
from torchcopylint.files.regular import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from torchcopylint.cards import Rule


@click.command()
@click.argument("name", required=False, metavar="[RULE]")
def command(name: str | None) -> None:
    """Print the card of a rule (code or name) or a page such as `copying`; without RULE, list all."""
    from torchcopylint import cards

    try:
        if name is None:
            _list_rules(cards.rules(), cards.pages())
            for complaint in cards.complaints():
                complain(complaint)
            return
        found = cards.find(name)
        path = cards.load(found).rule.path if found is not None else cards.pages().get(name.lower())
        if path is not None:
            _print(path)
            return
        nearest = next(iter(get_close_matches(name.lower(), cards.pages(), n=1)), None) or cards.nearest(name)
    except cards.CardError as error:
        fail(str(error))
    hint = f"did you mean {nearest!r}?" if nearest else "`torchcopylint rule` lists all rules"
    fail(f"unknown rule {name!r}; {hint}")


def _list_rules(rules: tuple[Rule, ...], pages: dict[str, Path]) -> None:
    from shutil import get_terminal_size

    from torchcopylint.cards import load

    width = max(len(rule.slug) for rule in rules)
    room = get_terminal_size().columns - width - 13 if sys.stdout.isatty() else None
    for rule in rules:
        card = load(rule)
        click.echo(
            f"{rule.code}  {rule.slug:<{width}}  {'on ' if card.on else 'off'}  {_cut(card.summary, room)}".rstrip()
        )
    for name, path in pages.items():
        first = read_text(str(path)).split("\n\n")[1].replace("\n", " ")
        click.echo(f"{name:<{width + 13}}{_cut(first, room)}")


def _cut(text: str, room: int | None) -> str:
    return text if not room or len(text) <= room else f"{text[: room - 1]}…"


def _print(path: Path) -> None:
    text = read_text(str(path))
    if sys.stdout.isatty():
        from shutil import get_terminal_size

        from torchcopylint.cards.markdown import markdown

        text = markdown(text, min(get_terminal_size().columns, 100), not os.environ.get("NO_COLOR"))
    click.echo(text, nl=False)
