"""Files → what became of each: the whole way of one file, and of many."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from torchcopylint import cards
from torchcopylint.cache.cache import Cache
from torchcopylint.config import Settings
from torchcopylint.domain.finding import Confidence, Finding, Judgement, Span
from torchcopylint.files.source import Source, Unreadable, Unwritable, decode, read_bytes, rewrite, too_large
from torchcopylint.parse.python import Complaint, TooDeep, tree_of
from torchcopylint.pool import FEW, pool
from torchcopylint.project.project import Project, Surroundings

if TYPE_CHECKING:
    from torchcopylint.interpret import Look

_RECURSION = 5000
"""Frames enough for the deepest syntax that parse lets through, and few enough for a stack of 8 MB."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: its findings in order; whether it was analysed; why that broke, if it did.

    skipped: the functions that cost too much to analyse; complaints: what went wrong in plugins.
    With fixing: what was fixed, what was left as it was and why, the text before and after where it changed, why
    that could not be written, if it could not, and whether the findings are those of a changed text, and of these
    only what is to be shown.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    analysed: bool = False
    failure: str = ""
    skipped: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    fixed: tuple[Finding, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()
    change: tuple[Source, Source] | None = None
    unwritten: str = ""
    chosen: bool = False


WRITE, HAND_BACK, DIFF = "write", "hand back", "diff"


def _any(finding: Finding) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fixing:
    """What kinds of fixes are made ("safe", "unsafe"), and how.

    WRITE: in the file. HAND_BACK: in the text of the outcome. DIFF: only to look at; the findings stay as they are.

    shows: which findings are wanted at all; makes: the fixes of which of them. Both are asked of the text before it
    changes.
    """

    kinds: frozenset[str]
    how: str = WRITE
    shows: Callable[[Finding], bool] = _any
    makes: Callable[[Finding], bool] = _any


@dataclass(frozen=True, slots=True)
class Target:
    """A path to lint, or why there is no point in trying; its own settings, where they are not those of the run."""

    path: str
    unreadable: str = ""
    settings: Settings | None = None


def run(
    targets: Sequence[Target],
    settings: Settings,
    jobs: int = 0,
    cache: Cache | None = None,
    fixing: Fixing | None = None,
) -> Generator[Outcome, None, None]:
    """The outcome of each target, in order, whatever the number of processes; from the cache where it has it."""
    known = {n: found for n, target in enumerate(targets) if (found := _kept(target, settings, cache)) is not None}
    left = [target for n, target in enumerate(targets) if n not in known]
    if len(left) >= FEW:
        import torchcopylint.interpret  # noqa: F401  once, before processes fork

    work = partial(_lint_target, settings=settings, project=Project(), cache=cache, fixing=fixing)
    with closing(pool(work, left, jobs, _lost)) as fresh:
        for n in range(len(targets)):
            yield known.pop(n) if n in known else next(fresh)


def _kept(target: Target, settings: Settings, cache: Cache | None) -> Outcome | None:
    if cache is None or target.unreadable:
        return None
    return cache.find(target.path, target.settings or settings, Outcome)


def lint(source: Source, settings: Settings, surroundings: Surroundings | None = None) -> Outcome:
    """The outcome of one source; surroundings: the project around it, where something has been read of that before."""
    from torchcopylint.models import may_matter
    from torchcopylint.models.own import declared
    from torchcopylint.place.finish import finish

    if len(source.stored) > settings.largest:
        return unreadable(source.path, too_large(settings.largest), settings)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own, of escapes in strings: not our business
            if not may_matter(source.text) and not isinstance(tree_of(source.text), Complaint):
                return Outcome(source.path, finish((), source, settings))
            with declared(settings.models or (), source.text):
                skipped, wrong = list[str](), list[str]()
                found, complete = _analyse(source, settings, surroundings, skipped, wrong)
            shown = finish(found, source, settings, complete and not skipped)
            return Outcome(source.path, shown, analysed=True, skipped=tuple(skipped), complaints=tuple(wrong))
    except (TooDeep, RecursionError):
        found = _about_file(source, settings, "unreadable-file", "it is nested too deeply")
        return Outcome(source.path, found)
    except cards.CardError:
        raise
    except Exception as error:
        return Outcome(source.path, failure=_describe(error))
    finally:
        sys.setrecursionlimit(limit)


def lint_bytes(
    path: str,
    raw: bytes,
    settings: Settings,
    surroundings: Surroundings | None = None,
    fixing: Fixing | None = None,
) -> Outcome:
    """The outcome of the bytes of a file, not yet decoded, that is called `path`."""
    try:
        if len(raw) > settings.largest:
            raise too_large(settings.largest)
        return _lint_and_fix(decode(path, raw), settings, surroundings, fixing)
    except Unreadable as error:
        return unreadable(path, error, settings)


def _lint_and_fix(
    source: Source, settings: Settings, surroundings: Surroundings | None, fixing: Fixing | None
) -> Outcome:
    """The outcome of a source, with its fixes made; what is found in a notebook stands in the file that holds it."""
    outcome = lint_with_fixes(source, settings, surroundings, fixing)
    if source.notebook is None or not (outcome.findings or outcome.refused):
        return outcome
    from torchcopylint.fix import stored

    now = outcome.change[1] if outcome.change and fixing and fixing.how != DIFF else source
    refused = tuple((stored(finding, now), reason) for finding, reason in outcome.refused)
    return replace(outcome, findings=tuple(stored(finding, now) for finding in outcome.findings), refused=refused)


def lint_with_fixes(
    source: Source, settings: Settings, surroundings: Surroundings | None = None, fixing: Fixing | None = None
) -> Outcome:
    """The outcome of one source, with its fixes made; places are those of the program, also in notebooks."""
    outcome = lint(source, settings, surroundings)
    if fixing is None or not any(finding.no_fix or finding.fix in fixing.kinds for finding in outcome.findings):
        return outcome
    from torchcopylint.fix import fix, stored

    def again(changed: Source) -> tuple[Finding, ...] | None:
        after = lint(changed, settings, surroundings)
        return None if after.failure else after.findings

    hidden = [finding for finding in outcome.findings if not fixing.shows(stored(finding, source))]
    spared = [finding for finding in outcome.findings if not fixing.makes(finding)]
    fixed = fix(source, outcome.findings, again, fixing.kinds, spared, hidden)
    outcome = replace(outcome, refused=fixed.refused)
    if not fixed.done:
        return outcome
    if fixing.how == WRITE:
        try:
            rewrite(source, fixed.source)
        except Unwritable as error:
            return replace(outcome, unwritten=str(error))
    outcome = replace(outcome, fixed=fixed.done, change=(source, fixed.source))
    return outcome if fixing.how == DIFF else replace(outcome, findings=fixed.left, chosen=True)


def _lint_target(
    target: Target, settings: Settings, project: Project, cache: Cache | None, fixing: Fixing | None
) -> Outcome:
    settings = target.settings or settings
    try:
        if target.unreadable:
            raise Unreadable(target.unreadable)
        raw = read_bytes(target.path, settings.largest)
    except Unreadable as error:
        return unreadable(target.path, error, settings)
    around = project.around(target.path)
    outcome = lint_bytes(target.path, raw, settings, around, fixing)
    if cache is not None and not outcome.failure:
        cache.keep(target.path, raw, settings, outcome, around.used, around.folders)
    return outcome


def unreadable(path: str, error: Unreadable, settings: Settings) -> Outcome:
    """The outcome of a file that gives no text."""
    empty = Source(path, "")
    return Outcome(path, _about_file(empty, settings, "unreadable-file", error.reason, error.line, error.column))


def _lost(target: Target) -> Outcome:
    return Outcome(target.path, failure="the process that analysed it died")


def _analyse(
    source: Source,
    settings: Settings,
    surroundings: Surroundings | None,
    skipped: list[str],
    complaints: list[str],
) -> tuple[tuple[Finding, ...], bool]:
    """What the rules find in a source, and whether it could be read to its end.

    The functions that are given up are added to `skipped`, what goes wrong in plugins to `complaints`.
    """
    from torchcopylint.checks import judge
    from torchcopylint.interpret import interpret
    from torchcopylint.parse.concrete import ParseFailure
    from torchcopylint.place.comment import speaks
    from torchcopylint.place.locate import locate

    surroundings = surroundings or Project().around(source.path)
    try:
        tree = surroundings.project.tree(source)
    except ParseFailure as failure:
        return _about_file(source, settings, "syntax-error", *failure.complaint), False
    asked: list[Judgement] = []
    look = _asking(asked, settings, complaints) if settings.asks else None
    events = interpret(tree, source, surroundings, skipped, look)
    found_out = asked if settings.asks else judge(events, complaints)
    judged = [(judgement, _card(judgement.slug)) for judgement in found_out]
    if not speaks(source.text):
        judged = [(judgement, card) for judgement, card in judged if settings.shows(card, judgement.confidence)]
    return (locate(judged, tree, source, surroundings) if judged else ()), True


def _asking(asked: list[Judgement], settings: Settings, complaints: list[str]) -> Look:
    """What is to look at the code while it is at hand: it judges, and gives what is shown its trial."""
    from torchcopylint.confirm.ask import asking

    return asking(asked, lambda judgement: settings.shows(_card(judgement.slug), judgement.confidence), complaints)


def _about_file(
    source: Source, settings: Settings, slug: str, reason: str, line: int = 1, column: int = 1
) -> tuple[Finding, ...]:
    """The finding of one of the tool's own rules, alone, or nothing where it is not to be shown."""
    card = _card(slug)
    if not settings.shows(card, Confidence.HIGH):
        return ()
    span = Span(line, column, line, column + 1)
    shown = dict(enumerate(source.lines()[line - 1 : line], line))
    message = card.say({"reason": reason})
    return (Finding(source.path, span, card.rule.code, slug, message, source_lines=shown),)


def _card(slug: str) -> cards.Card:
    rule = cards.find(slug)
    if rule is None:
        raise cards.CardError(f"{cards.directory()}: no card for the rule {slug!r}")
    return cards.load(rule)


def _describe(error: Exception) -> str:
    """What went wrong and where in this program, on one line."""
    from traceback import extract_tb

    try:
        reason = str(error)
    except Exception:  # a text made of nested nodes may be what broke
        reason = "?"
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {reason} ({last.filename}:{last.lineno})".replace("\n", " ")
