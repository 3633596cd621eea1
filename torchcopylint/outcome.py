"""The outcome of one file; and the single place where any failure with a file becomes its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torchcopylint import cards
from torchcopylint.config import Settings
from torchcopylint.domain.finding import Confidence, Finding, Span
from torchcopylint.files.source import Source, Unreadable
from torchcopylint.parse.python import TooDeep


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one file: its findings in order; whether it was analysed; why that failed, if it did.

    skipped: the functions that were too expensive to analyse; complaints: errors in plugins.
    With fixing: what was fixed, what was not and why, the text before and after if it changed, why it could not be
    written, if so, and whether the findings are those of the changed text, and only those to show.
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

    @property
    def broken(self) -> str:
        """The failure as reported to the user; "" if there is none."""
        return f"internal error: {self.failure}; please report it" if self.failure else ""


def attempt(path: str, settings: Settings, work: Callable[[], Outcome], so_far: Outcome | None = None) -> Outcome:
    """The outcome that `work` gives for a file; an error in the file, and any failure, becomes its outcome too.

    so_far: what is already known about the file, which is not lost if the work fails. Raises CardError: without the
    cards nothing can be reported for any file.
    """
    try:
        return work()
    except Unreadable as error:
        return unreadable(path, error, settings)
    except cards.CardError:
        raise
    except (Exception, SystemExit) as error:  # a plugin may try to end the program
        if so_far is None and isinstance(error, TooDeep | RecursionError):
            return unreadable(path, Unreadable("it is nested too deeply"), settings)
        if so_far is None and isinstance(error, MemoryError):
            return unreadable(path, Unreadable("its analysis takes too much memory"), settings)
        return replace(so_far or Outcome(path), failure=described(error))


def unreadable(path: str, error: Unreadable, settings: Settings) -> Outcome:
    """The outcome of a file that cannot be read."""
    empty = Source(path, "")
    return Outcome(path, about_file(empty, settings, "unreadable-file", error.reason, error.line, error.column))


def about_file(
    source: Source, settings: Settings, slug: str, reason: str, line: int = 1, column: int = 1
) -> tuple[Finding, ...]:
    """The finding of one of the tool's own rules, alone, or nothing if it is not shown."""
    return _told(source, settings, slug, {"reason": reason, "where": "the file"}, Span(line, column, line, column + 1))


def about_cells(source: Source, settings: Settings) -> tuple[Finding, ...]:
    """A finding for each notebook cell that is skipped because it is not Python."""
    found: tuple[Finding, ...] = ()
    for cell in source.notebook.skipped if source.notebook else ():
        fields = {"reason": cell.reason, "where": "this cell"}
        span = Span(cell.line, cell.column, cell.line, cell.column + 1)
        found += _told(source, settings, "syntax-error", fields, span, {cell.line: cell.text})
    return found


def _told(
    source: Source,
    settings: Settings,
    slug: str,
    fields: dict[str, str],
    span: Span,
    shown: dict[int, str] | None = None,
) -> tuple[Finding, ...]:
    card = card_of(slug)
    if not settings.shows(card, Confidence.HIGH):
        return ()
    lines = shown or dict(enumerate(source.lines()[span.line - 1 : span.line], span.line))
    return (Finding(source.path, span, card.rule.code, slug, card.say(fields), source_lines=lines),)


def card_of(slug: str) -> cards.Card:
    """The card of the rule of that name; raises CardError if it is missing."""
    rule = cards.find(slug)
    if rule is None:
        raise cards.CardError(f"{cards.directory()}: no card for the rule {slug!r}")
    return cards.load(rule)


def described(error: BaseException) -> str:
    """What went wrong and where in torchcopylint, on one line."""
    from traceback import extract_tb

    if isinstance(error, MemoryError):
        return "there is not enough memory to analyse it"
    try:
        reason = str(error)
    except Exception:  # the text of deeply nested nodes may be what failed
        reason = "?"
    frames = extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {reason}{where}".replace("\n", " ")
