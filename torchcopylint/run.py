"""Files → the outcome of each: the complete run for one file, and for many."""

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
from torchcopylint.domain.finding import Finding, Judgement
from torchcopylint.files.source import Source, Unreadable, Unwritable, decode, read_bytes, rewrite, too_large
from torchcopylint.lone import Loss
from torchcopylint.outcome import Outcome, about_cells, about_file, attempt, card_of, unreadable
from torchcopylint.parse.python import Complaint, ParseFailure, TooDeep, tree_of
from torchcopylint.pool import FEW, PATIENCE, pool
from torchcopylint.project.project import Project, Surroundings

if TYPE_CHECKING:
    from torchcopylint.fix import Fixed
    from torchcopylint.interpret import Look
    from torchcopylint.ir import syntax

_RECURSION = 5000
"""Enough frames for the deepest syntax that parse accepts, and few enough for a stack of 8 MB."""

WRITE, HAND_BACK, DIFF = "write", "hand back", "diff"


def _any(finding: Finding) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fixing:
    """Which kinds of fixes are applied ("safe", "unsafe"), and how.

    WRITE: in the file. HAND_BACK: in the text of the outcome. DIFF: only shown; the findings do not change.

    shows: which findings to show at all; makes: which of them to fix. Both refer to the text before it changes.
    """

    kinds: frozenset[str]
    how: str = WRITE
    shows: Callable[[Finding], bool] = _any
    makes: Callable[[Finding], bool] = _any


@dataclass(frozen=True, slots=True)
class Target:
    """A path to lint, or why it cannot be read; its own settings, if they differ from those of the run."""

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
    """The outcome of each target, in order, whatever the number of processes; from the cache if possible."""
    known = {n: found for n, target in enumerate(targets) if (found := _kept(target, settings, cache)) is not None}
    left = [target for n, target in enumerate(targets) if n not in known]
    if len(left) >= FEW:
        import torchcopylint.interpret  # noqa: F401  once, before processes fork

    work = partial(_lint_target, settings=settings, project=Project(), cache=cache, fixing=fixing)
    with closing(pool(work, left, jobs, partial(_lost, settings=settings))) as fresh:
        for n in range(len(targets)):
            yield known.pop(n) if n in known else next(fresh)


def _kept(target: Target, settings: Settings, cache: Cache | None) -> Outcome | None:
    if cache is None or target.unreadable:
        return None
    found = cache.find(target.path, target.settings or settings, Outcome)
    return found if found and all(cards.find(finding.code) for finding in found.findings) else None


def lint(source: Source, settings: Settings, surroundings: Surroundings | None = None) -> Outcome:
    """The outcome of one source; surroundings: the project around it, if it has been read before."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own warnings about escapes in strings are not ours to show
            return attempt(source.path, settings, lambda: _lint(source, settings, surroundings))
    finally:
        sys.setrecursionlimit(limit)


def _lint(source: Source, settings: Settings, surroundings: Surroundings | None) -> Outcome:
    from torchcopylint.models import may_matter
    from torchcopylint.models.own import declared
    from torchcopylint.place.finish import finish

    if len(source.stored) > settings.largest:
        raise too_large(settings.largest)
    unread = about_cells(source, settings)
    whole = source.notebook is None or not source.notebook.skipped
    if not may_matter(source.text) and not isinstance(tree_of(source.text), Complaint):
        return Outcome(source.path, finish(unread, source, settings, whole))
    with declared(settings.models or (), source.text):
        skipped, wrong = list[str](), list[str]()
        found, complete = _analyse(source, settings, surroundings, skipped, wrong)
    every = sorted((*unread, *found), key=lambda finding: (finding.span, finding.code))
    shown = finish(every, source, settings, whole and complete and not skipped)
    return Outcome(source.path, shown, analysed=True, skipped=tuple(skipped), complaints=tuple(wrong))


def lint_bytes(
    path: str,
    raw: bytes,
    settings: Settings,
    surroundings: Surroundings | None = None,
    fixing: Fixing | None = None,
) -> Outcome:
    """The outcome of the undecoded bytes of the file `path`."""

    def work() -> Outcome:
        if len(raw) > settings.largest:
            raise too_large(settings.largest)
        return _lint_and_fix(decode(path, raw), settings, surroundings, fixing)

    return attempt(path, settings, work)


def _lint_and_fix(
    source: Source, settings: Settings, surroundings: Surroundings | None, fixing: Fixing | None
) -> Outcome:
    """The outcome of a source, with its fixes applied; positions in a notebook are those of its file."""
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
    """The outcome of one source, with its fixes applied; positions are those of the program, also in notebooks."""
    outcome = lint(source, settings, surroundings)
    if fixing is None or not any(finding.no_fix or finding.fix in fixing.kinds for finding in outcome.findings):
        return outcome
    from torchcopylint.fix import fix, stored

    def again(changed: Source) -> tuple[Finding, ...] | None:
        after = lint(changed, settings, surroundings)
        return None if after.failure else after.findings

    def fixed() -> Outcome:
        hidden = [finding for finding in outcome.findings if not fixing.shows(stored(finding, source))]
        spared = [finding for finding in outcome.findings if not fixing.makes(finding)]
        return _written(outcome, source, fix(source, outcome.findings, again, fixing.kinds, spared, hidden), fixing.how)

    return attempt(source.path, settings, fixed, outcome)


def _written(outcome: Outcome, source: Source, fixed: Fixed, how: str) -> Outcome:
    """The outcome after fixes are applied, which are written to the file if requested."""
    outcome = replace(outcome, refused=fixed.refused)
    if not fixed.done:
        return outcome
    if how == WRITE:
        try:
            rewrite(source, fixed.source)
        except Unwritable as error:
            return replace(outcome, unwritten=str(error))
    outcome = replace(outcome, fixed=fixed.done, change=(source, fixed.source))
    return outcome if how == DIFF else replace(outcome, findings=fixed.left, chosen=True)


def _lint_target(
    target: Target, settings: Settings, project: Project, cache: Cache | None, fixing: Fixing | None
) -> Outcome:
    settings = target.settings or settings

    def work() -> Outcome:
        if target.unreadable:
            raise Unreadable(target.unreadable)
        raw = read_bytes(target.path, settings.largest)
        around = project.around(target.path)
        outcome = lint_bytes(target.path, raw, settings, around, fixing)
        if cache is None or outcome.failure:
            return outcome

        def kept() -> Outcome:
            cache.keep(target.path, raw, settings, outcome, around.looked())
            return outcome

        return attempt(target.path, settings, kept, outcome)

    return attempt(target.path, settings, work)


def lost(path: str, why: Loss, settings: Settings, patience: float = PATIENCE) -> Outcome:
    """The outcome of a file whose process died or took more than `patience` seconds."""
    if why is Loss.OVERTIME:
        return unreadable(path, Unreadable(f"its analysis takes longer than {patience:.0f} seconds"), settings)
    return Outcome(path, failure="the process that analysed it died")


def _lost(target: Target, why: Loss, settings: Settings) -> Outcome:
    return lost(target.path, why, target.settings or settings)


def lint_bytes_apart(path: str, raw: bytes, settings: Settings, fixing: Fixing | None = None) -> Outcome:
    """The same as `lint_bytes`, in a separate process if the system can fork: a crash affects only that file."""

    def work(target: Target) -> Outcome:
        return lint_bytes(target.path, raw, settings, fixing=fixing)

    with closing(pool(work, [Target(path)], 1, partial(_lost, settings=settings))) as outcomes:
        return next(outcomes)


def _analyse(
    source: Source,
    settings: Settings,
    surroundings: Surroundings | None,
    skipped: list[str],
    complaints: list[str],
) -> tuple[tuple[Finding, ...], bool]:
    """The findings of the rules in a source, and whether all of it was analysed.

    Functions that are not analysed are added to `skipped`, errors in plugins to `complaints`.
    """
    from torchcopylint.checks import judge
    from torchcopylint.interpret import interpret
    from torchcopylint.place.comment import speaks

    surroundings = surroundings or Project().around(source.path)
    try:
        if _passes(source, settings, surroundings, skipped, complaints):
            return (), True
        tree = surroundings.project.concrete.tree(source)
    except ParseFailure as failure:
        return about_file(source, settings, "syntax-error", *failure.complaint), False
    asked: list[Judgement] = []
    look = _asking(tree, asked, settings, complaints) if settings.asks else None
    events = interpret(tree, source, surroundings, skipped, look)
    found_out = asked if settings.asks else judge(events, complaints)
    judged = [(judgement, card_of(judgement.slug)) for judgement in found_out]
    if not speaks(source.text):
        judged = [(judgement, card) for judgement, card in judged if settings.shows(card, judgement.confidence)]
    if not judged:
        return (), True
    from torchcopylint.place.locate import locate

    return locate(judged, tree, source, surroundings), True


def _passes(
    source: Source, settings: Settings, surroundings: Surroundings, skipped: list[str], complaints: list[str]
) -> bool:
    """Whether a first look, with Python's own tree, shows that there is nothing to report.

    It may report more than the analysis, which alone decides, and never less. Only of a source that passes what is
    given up is added to `skipped`, and what goes wrong in plugins to `complaints`.
    """
    from torchcopylint.checks import judge
    from torchcopylint.interpret import interpret
    from torchcopylint.place.comment import speaks_to_us

    given_up, wrong = list[str](), list[str]()
    try:
        tree = surroundings.project.plain.tree(source)
        judged = list(judge(interpret(tree, source, surroundings.screening(), given_up), wrong))
    except (ParseFailure, TooDeep, RecursionError):
        return False
    if judged and speaks_to_us(source.text):
        return False
    if any(settings.shows(card_of(judgement.slug), judgement.confidence) for judgement in judged):
        return False
    skipped += given_up
    complaints += wrong
    return True


def _asking(tree: syntax.Module, asked: list[Judgement], settings: Settings, complaints: list[str]) -> Look:
    """The function that looks at the code while it is available: it judges, and attaches trials to the findings to
    show."""
    from torchcopylint.confirm.ask import asking

    def shown(judgement: Judgement) -> bool:
        return settings.shows(card_of(judgement.slug), judgement.confidence)

    return asking(tree, asked, shown, complaints)
