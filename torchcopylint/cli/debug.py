"""`torchcopylint debug`: the results of the stages before the rules, for those who change them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from torchcopylint.cli.failure import fail
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.kind import Kind

if TYPE_CHECKING:
    from torchcopylint.confirm.claim import Asked, Claim
    from torchcopylint.domain.event import Event
    from torchcopylint.domain.finding import Span
    from torchcopylint.files.source import Source
    from torchcopylint.ir import syntax
    from torchcopylint.project.project import Project

_Function = TypeVar("_Function", bound=Callable[..., Any])


@click.group()
def command() -> None:
    """Print the intermediate code or the events of a file, or test a claim about it with torch."""


def _on_a_file(function: _Function) -> _Function:
    function = click.option(
        "--output-format", "style", type=click.Choice(["text", "json"]), default="text", help="text or json."
    )(function)
    return click.argument("path", type=click.Path())(function)


@command.command()
@_on_a_file
def ir(path: str, style: str) -> None:
    """Print the three-address code of FILE."""
    from torchcopylint.lower import lower

    source, tree = _read(path)
    code = str(lower(tree, displayed=_displayed(source)))
    click.echo(json.dumps({"path": path, "code": code.splitlines()}, indent=2) if style == "json" else code)


@command.command()
@_on_a_file
def events(path: str, style: str) -> None:
    """Print the events in FILE as the rules see them, with the steps that led to each."""
    from torchcopylint.interpret import interpret
    from torchcopylint.ir.site import Site
    from torchcopylint.parse.concrete import spans_of
    from torchcopylint.project.project import Project

    source, tree = _read(path)
    found = interpret(tree, source, Project().around(path))
    nodes = [node for event in found for node in (event.node, *(step.node for step in event.steps))]
    spans = spans_of(tree, [node for node in nodes if isinstance(node, Site)])
    if style == "json":
        click.echo(json.dumps([_record(event, spans) for event in found], indent=2))
        return
    for event in found:
        click.echo(f"{_place(path, spans.get(event.node))} {event}")
        for step in event.steps:
            click.echo(f"    {_place(path, spans.get(step.node))} {step.role.name} {step.phrase}")


@command.command()
@click.option("--output-format", "style", type=click.Choice(["text", "json"]), default="text", help="text or json.")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
def kinds(paths: tuple[str, ...], style: str) -> None:
    """Print what the parameters and results of each function are taken for, how surely, and on what ground.

    Paths in JSON are relative to the folder named. A file that cannot be read is passed over, with a message.
    """
    records = [record for path in paths for record in _kinds_below(path)]
    if style == "json":
        click.echo(json.dumps(records, indent=2))
        return
    for record in records:
        place = f"{record['path']}:{record['line']}: {record['function']} {record['name']}"
        click.echo(f"{place}: {record['kind']} ({record['proof']}, {record['why']})")


_PROOFS = ("none", "low", "medium", "high")
_KIND_WORDS = {
    Kind.OBJECT: "object",
    Kind.DATASET: "object",
    Kind.DISTRIBUTION: "object",
    Kind.SCALER: "object",
    Kind.ACCELERATOR: "object",
    Kind.PARAMS: "unknown",
    Kind.MODULES: "unknown",
    Kind.ITEMS: "unknown",
    Kind.SCALARS: "list",
}
"""Where the word that the records use is not the kind's own; what comes in several forms is not said."""
_GROUND_WORDS = {
    Ground.GUESSED: "by its uses, name, place or callers",
    Ground.DECLARED: "as annotated or tested",
    Ground.MADE: "as made",
}


def _kinds_below(path: str) -> Iterator[dict[str, Any]]:
    from torchcopylint.files.discover import discover
    from torchcopylint.project.project import Project

    project = Project()
    for file in discover([path], lambda _: ()).files:
        shown = os.path.relpath(file, path) if os.path.isdir(path) else file
        try:
            yield from _kinds_in(file, shown, project)
        except SystemExit:
            continue  # the message has been written


def _kinds_in(path: str, shown: str, project: Project) -> list[dict[str, Any]]:
    from torchcopylint.interpret import interpret
    from torchcopylint.interpret.known import Named, known
    from torchcopylint.parse.concrete import spans_of

    source, tree = _read(path)
    found: list[Named] = []
    interpret(tree, source, project.around(path), look=lambda _, program, __: found.extend(known(program)))
    spans = spans_of(tree, [named.function.node for named in found])
    return [
        {
            "path": shown,
            "line": spans[named.function.node].line,
            "function": named.function.name,
            "name": named.name,
            "kind": "parameter" if named.parameter else _KIND_WORDS.get(named.known.kind, named.known.kind.value),
            "proof": _PROOFS[named.known.proof],
            "why": _GROUND_WORDS[named.known.ground],
        }
        for named in found
        if named.function.node in spans
    ]


@command.command()
@click.option("--python", metavar="PATH", default=sys.executable, help="The interpreter that has torch.")
@click.argument("claims", nargs=-1, required=True, metavar="PATH:LINE:CODE...")
def claim(claims: tuple[str, ...], python: str) -> None:
    """Test with torch whether a rule is right about a line, as if it had been reported there; print JSON.

    Correct code should be refuted and bugs confirmed, whatever the analysis says about them. "basis" is what the
    analysis saw there: a finding, an event that the rule does not report, or nothing. In each case the whole function
    is run as well, and watched at the line.
    """
    from torchcopylint.confirm.claim import BadClaim, Claim, answers
    from torchcopylint.confirm.session import NoTorch, Session

    try:
        asked = _put([Claim.read(text) for text in claims])
        with Session(python) as session:
            said = answers(session, asked)
    except (BadClaim, NoTorch) as error:
        fail(str(error))
    records = [
        {
            "path": one.claim.path,
            "line": one.claim.line,
            "code": one.claim.rule.code,
            "basis": one.basis.name.lower(),
            "outcome": answer["outcome"],
            "reason": answer["reason"],
        }
        for one, answer in zip(asked, said, strict=True)
    ]
    click.echo(json.dumps(records, indent=2))


def _put(claims: list[Claim]) -> list[Asked]:
    """What each claim asks, in the order of the claims; a file is analysed once."""
    from torchcopylint.confirm.claim import put

    found: dict[Claim, Asked] = {}
    for path in dict.fromkeys(claim.path for claim in claims):
        source, tree = _read(path)
        found.update((asked.claim, asked) for asked in put(source, tree, [c for c in claims if c.path == path]))
    return [found[claim] for claim in claims]


def _read(path: str) -> tuple[Source, syntax.Module]:
    """The file and its tree; an unreadable file ends the program with a message."""
    from torchcopylint.files.source import Unreadable, read
    from torchcopylint.parse.concrete import parse
    from torchcopylint.parse.python import ParseFailure, TooDeep

    try:
        source = read(path)
        return source, parse(source)
    except Unreadable as error:
        fail(f"{path}:{error.line}:{error.column}: {error.reason}")
    except ParseFailure as failure:
        reason, line, column = failure.complaint
        fail(f"{path}:{line}:{column}: {reason}")
    except TooDeep:
        fail(f"{path}: it is nested too deeply")


def _displayed(source: Source) -> frozenset[int]:
    return source.notebook.displayed if source.notebook else frozenset()


def _place(path: str, span: Span | None) -> str:
    return f"{path}:{span.line}:{span.column}:" if span is not None else "(in another file):"


def _record(event: Event, spans: dict[object, Span]) -> dict[str, Any]:
    """An event as plain data: its class, its place, its facts, its steps."""
    return {
        "event": type(event).__name__,
        **_lines(spans.get(event.node)),
        "function": event.place.function,
        "facts": {name: _plain(value) for name, value in event.facts().items()},
        "steps": [
            {**_lines(spans.get(step.node)), "role": step.role.name, "text": step.phrase} for step in event.steps
        ],
    }


def _lines(span: Span | None) -> dict[str, int]:
    return {"line": span.line, "column": span.column} if span is not None else {}


def _plain(value: object) -> object:
    """A fact as JSON: enumeration members by name, sets sorted."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(str(_plain(item)) for item in value)
    return value if isinstance(value, str | int | bool | None) else getattr(value, "name", str(value))
