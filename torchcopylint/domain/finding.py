"""The program's results: a judgement while it still refers to syntax, a finding once it has lines and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, auto

from torchcopylint.domain.fact import Fact
from torchcopylint.domain.ground import Ground


class Confidence(IntEnum):
    """How well the kinds and relations behind a finding are known."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Role(Fact):
    """The meaning of a step of a path for its event."""

    SEEN = auto()
    """Nothing in particular."""
    MADE = auto()
    NAMED = auto()
    """It gets another name."""
    TAKEN = auto()
    """A view, a reference or a shallow copy of it is taken."""
    COPIED = auto()
    KEPT = auto()
    """It is stored where it lasts, or returned or yielded."""
    WRITTEN = auto()
    TRAINED = auto()
    REPLACED = auto()
    READ = auto()
    """It is read with its new values."""
    READ_EARLY = auto()
    USED = auto()
    LOOP = auto()
    CALL = auto()


class Severity(IntEnum):
    """What a finding costs, if it is true: given by the rule's card, unless a check overrides it.

    INFORMATION: nothing urgent; WARNING: time or memory; ERROR: wrong results, or an exception.
    """

    INFORMATION = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a syntax node, what happened there as a short phrase for people, and its role."""

    node: object
    phrase: str
    role: Role = Role.SEEN


@dataclass(frozen=True, slots=True)
class Change:
    """One change that a fix makes: a syntax node, and the source text that takes its place ("" removes it)."""

    node: object
    text: str


@dataclass(frozen=True, slots=True)
class Storage:
    """Memory that holds values: what it is called in a picture, and the names that point at it."""

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Which names share storage when a write happens: through which name it goes ("": none), and the write."""

    storages: tuple[Storage, ...]
    writer: str = ""
    write: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on an event: the rule's slug, where, the words for the card's message, the path that led there.

    changes: the fix, where there is an exact one; whether it is safe is the card's to say. imports: the modules that
    the new text names ("copy"). severity: where it is not the card's at this place.
    picture: who shares storage with whom, where that can be drawn.
    in_cell: in a notebook, the same in its cell; the rest is in the file that holds it.
    trial: the program by which torch can be asked, where it is to be. ground: the weakest on which it rests that what
    the fix changes is of the kind that it is taken for; the event's own counts as well. harmless: nothing about this
    place speaks against what the card says of its fixes.
    """

    slug: str
    node: object
    fields: Mapping[str, str]
    steps: tuple[Step, ...] = ()
    confidence: Confidence = Confidence.HIGH
    changes: tuple[Change, ...] = ()
    imports: tuple[str, ...] = ()
    severity: Severity | None = None
    picture: Picture | None = None
    trial: str = ""
    ground: Ground = Ground.MADE
    harmless: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source: lines from 1, columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Note:
    """One step of a path in the text: where, and what happened there; path: the file, where it is another one."""

    span: Span
    phrase: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a fix in the text: the stretch that is replaced (an empty one: nothing), and by what."""

    span: Span
    text: str


class Ruling(Fact):
    """What a verdict comes to; the value is the word that users and formats have for it.

    PATTERN: the code at hand could not be run, and the rule's own example does the harm. It decides nothing.
    """

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    PATTERN = "pattern"

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of testing a finding with torch, and what was observed, or why nothing was.

    snippet: the program that was run.
    by_fix: whether what does no harm is the program with the finding's own fix, and not another that does it right.
    """

    ruling: Ruling
    reason: str
    snippet: str = ""
    by_fix: bool = False

    def __str__(self) -> str:
        return f"{self.ruling}: {self.reason}"


@dataclass(frozen=True, slots=True)
class InCell:
    """A finding in a notebook as people see it: the number of the code cell, places in that, the lines of that."""

    cell: int
    span: Span
    notes: tuple[Note, ...]
    source_lines: Mapping[int, str]
    preview: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the user: path as given, place, rule code and slug, the message, the path notes in order.

    confidence: is it so? severity: what does it cost if it is?
    source_lines: the lines that it speaks of and a few around them. function: the qualified name of the function it
    is in, "" at the top of a file. fingerprint: what it is known by when lines move. fix: "safe" or "unsafe" where
    there is one, else ""; edits: what it changes, the imports that are missing among them; imports: the modules that
    its text names; preview: the lines it would write, each with the number of the line whose place it takes (0: in
    another cell); no_fix:
    why there is none, where that is to be told.
    trial: the program by which torch can be asked, as text; verdict: what torch said, where it was asked.
    """

    path: str
    span: Span
    code: str
    slug: str
    message: str
    notes: tuple[Note, ...] = ()
    confidence: Confidence = Confidence.HIGH
    severity: Severity = Severity.ERROR
    source_lines: Mapping[int, str] = field(default_factory=dict)
    fix: str = ""
    edits: tuple[Edit, ...] = ()
    imports: tuple[str, ...] = ()
    preview: tuple[tuple[int, str], ...] = ()
    no_fix: str = ""
    trial: str = ""
    verdict: Verdict | None = None
    function: str = ""
    fingerprint: str = ""
    picture: Picture | None = None

    in_cell: InCell | None = None

    @property
    def shown(self) -> Finding:
        """The finding as people see it: in a notebook with `path:cell 3` for a path, and places in the cell."""
        own = self.in_cell
        if own is None:
            return self
        return replace(
            self,
            path=f"{self.path}:cell {own.cell}",
            span=own.span,
            notes=own.notes,
            source_lines=own.source_lines,
            preview=own.preview,
            in_cell=None,
        )
