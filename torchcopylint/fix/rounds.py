"""Rounds of fixing: apply the fixes that do not overlap, lint again, keep the good ones, and repeat until nothing
changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from torchcopylint.domain.finding import Edit, Finding
from torchcopylint.files.source import Source
from torchcopylint.fix.patch import Lines, Patch, Stretch, apply, moved, patches_of, within
from torchcopylint.fix.stored import patched
from torchcopylint.parse.newer import readable_tree
from torchcopylint.parse.python import Complaint

Lint = Callable[[Source], "Sequence[Finding] | None"]
"""The findings of a source, or None if the analysis failed."""

Place = tuple[str, int]
"""A finding's code and the offset where it begins."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The result of fixing: the text, its remaining findings, the fixed ones, and those not fixed, with the reason."""

    source: Source
    left: tuple[Finding, ...]
    done: tuple[Finding, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()


def fix(
    source: Source,
    found: Sequence[Finding],
    lint: Lint,
    allowed: frozenset[str],
    spared: Iterable[Finding] = (),
    hidden: Iterable[Finding] = (),
) -> Fixed:
    """The source with those fixes of `found` applied that are of an allowed kind ("safe", "unsafe") and work.

    Some findings are spared: no fix is made for them; others are hidden: nor are they among those that are left.
    """
    rounds = _Rounds(source, tuple(found), lint, allowed, spared, hidden)
    while chosen := rounds.choose():
        rounds.attempt(chosen)
    left = tuple(finding for finding in rounds.found if not rounds.hides(finding))
    return Fixed(rounds.source, left, tuple(rounds.done), tuple(rounds.refused.values()))


def preview(edits: Sequence[Edit], source: Source) -> tuple[tuple[int, str], ...]:
    """The source lines that edits write, each with the number of the line whose place it takes."""
    lines = Lines(source.text)
    shown: list[tuple[int, str]] = []
    for first, last, inside in _stretches(patches_of(edits, lines), lines):
        start, end = lines.starts[first - 1], lines.start_after(last)
        rows = Source("", apply(source.text[start:end], [_earlier(patch, start) for patch in inside])).lines()
        old = Source("", source.text[start:end]).lines()
        shown += [(first, row) for row in rows if row.strip() and row not in old]
    return tuple(shown)


def _earlier(patch: Patch, start: int) -> Patch:
    return replace(patch, start=patch.start - start, end=patch.end - start)


def _stretches(patches: Iterable[Patch], lines: Lines) -> list[tuple[int, int, list[Patch]]]:
    """The runs of lines that the patches touch: first, last, the patches in them."""
    runs: list[tuple[int, int, list[Patch]]] = []
    for patch in sorted(patches):
        first = sum(start <= patch.start for start in lines.starts)
        last = max(first, sum(start < patch.end for start in lines.starts))
        if runs and runs[-1][1] >= first and runs[-1][2][-1].end > runs[-1][2][-1].start:
            before = runs.pop()
            runs.append((before[0], max(last, before[1]), [*before[2], patch]))
        else:
            runs.append((first, last, [patch]))
    return runs


class _Rounds:
    """The current text, its findings, and which of them are spared or hidden."""

    def __init__(
        self,
        source: Source,
        found: tuple[Finding, ...],
        lint: Lint,
        allowed: frozenset[str],
        spared: Iterable[Finding],
        hidden: Iterable[Finding],
    ) -> None:
        lines = Lines(source.text)
        self.source, self.found = source, found
        self.done: list[Finding] = []
        self.refused: dict[Place, tuple[Finding, str]] = {}
        self._lint, self._allowed = lint, allowed
        self._spared = [Stretch.at(*_place(finding, lines)) for finding in spared]
        self._hidden = [Stretch.at(*_place(finding, lines)) for finding in hidden]
        self._most = len(found)

    def hides(self, finding: Finding) -> bool:
        """Whether a finding of the current text is hidden."""
        place = _place(finding, Lines(self.source.text))
        return any(stretch.holds(*place) for stretch in self._hidden)

    def choose(self) -> list[tuple[Finding, tuple[Patch, ...]]]:
        """The fixes of this round: the first ones that do not overlap, up to the number that may be tried at once.

        Only the first of each rule in each function: it may make the others unnecessary.
        """
        lines = Lines(self.source.text)
        chosen: list[tuple[Finding, tuple[Patch, ...]]] = []
        taken: list[Patch] = []
        functions = set[tuple[str, str]]()
        for finding in self.found:
            place = _place(finding, lines)
            if place in self.refused or any(one.holds(*place) for one in (*self._spared, *self._hidden)):
                continue
            if finding.no_fix:
                self.refused[place] = finding, finding.no_fix
            if finding.no_fix or finding.fix not in self._allowed:
                continue
            patches = patches_of(finding.edits, lines)
            where = finding.code, finding.function
            if where not in functions and not any(patch.meets(other) for patch in patches for other in taken):
                chosen.append((finding, patches))
                taken += patches
                functions.add(where)
        return chosen[: max(1, self._most)]

    def attempt(self, chosen: list[tuple[Finding, tuple[Patch, ...]]]) -> None:
        """Applies the fixes if they work together; otherwise fewer are tried in the next round, and a single one is
        rejected."""
        fixed = [finding for finding, _ in chosen]
        patches = [patch for _, own in chosen for patch in own]
        after = patched(self.source, patches)
        found, complaint = self._judge(after, fixed, patches)
        if complaint and len(chosen) > 1:
            self._most = len(chosen) // 2
        elif complaint:
            self.refused[_place(fixed[0], Lines(self.source.text))] = fixed[0], complaint
        else:
            self.refused = {(code, moved(offset, patches)): refusal for (code, offset), refusal in self.refused.items()}
            self._spared = [stretch.moved(patches) for stretch in self._spared]
            self._hidden = [stretch.moved(patches) for stretch in self._hidden]
            self.source, self.found = after, found
            self.done += fixed
            self._most *= 2

    def _judge(self, after: Source, fixed: list[Finding], patches: list[Patch]) -> tuple[tuple[Finding, ...], str]:
        """The findings in the new text, and the reason to reject it ("" if there is none)."""
        tree = readable_tree(after.text)
        if isinstance(tree, Complaint):
            return (), f"the result would not be valid Python ({tree.reason})"
        if after.notebook and self.source.notebook and len(after.notebook.skipped) > len(self.source.notebook.skipped):
            return (), "the result would not be valid Python"
        found = self._lint(after)
        if found is None:
            return (), "the result cannot be analysed"
        before, now = Lines(self.source.text), Lines(after.text)
        old = {id(finding): _place(finding, before) for finding in self.found}
        gone = {id(finding) for finding in fixed}
        expected = Counter((code, moved(at, patches)) for key, (code, at) in old.items() if key not in gone)
        extra = Counter(_place(finding, now) for finding in found) - expected
        for finding in fixed:
            code, at = old[id(finding)]
            if extra[code, moved(at, patches)]:
                return tuple(found), "the finding would still be there"
        # A finding inside a replaced span may now be anywhere in it.
        inside = Counter(code for key, (code, at) in old.items() if key not in gone and within(at, patches))
        fresh = Counter(code for code, _ in extra.elements()) - inside
        return tuple(found), f"it would introduce {', '.join(sorted(fresh))}" if fresh else ""


def _place(finding: Finding, lines: Lines) -> Place:
    return finding.code, lines.offset(finding.span.line, finding.span.column)
