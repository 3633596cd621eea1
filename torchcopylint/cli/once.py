"""One run: the request → the files, their findings, a report, and the exit code."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from torchcopylint.cli.changes import Changes
from torchcopylint.cli.confirmation import Confirmation
from torchcopylint.cli.confirmed import only_confirmed
from torchcopylint.cli.destination import destination
from torchcopylint.cli.failure import complain, fail, missing
from torchcopylint.cli.ignoring import ignoring
from torchcopylint.cli.narrow import Narrow
from torchcopylint.cli.progress import progress
from torchcopylint.cli.project import checked, directory_of, files, folder, nearest
from torchcopylint.cli.tally import Tally

if TYPE_CHECKING:
    from torchcopylint.cache.cache import Cache
    from torchcopylint.cli.asked import Asked
    from torchcopylint.config import Nearest, Settings
    from torchcopylint.outcome import Outcome
    from torchcopylint.run import Fixing, Target


def once(asked: Asked) -> int:
    """Lints, reports and returns the exit code."""
    from torchcopylint.report import load

    known = nearest(asks=asked.confirms, **asked.settings)
    for path in asked.named:
        checked(partial(known.settings, path))  # errors are reported before anything is printed
    tally = Tally()
    narrow = Narrow(known, asked.baseline, asked.since)
    confirmation = Confirmation.of(asked, known, tally.complain)
    fixing = _fixing(asked, narrow)
    linting = _Stdin(asked, known, narrow) if asked.stdin else _Files(asked, known, narrow, tally)
    # The fixed text goes to standard output, so the findings must not be mixed into it.
    usual = sys.stderr if asked.fix and not asked.diff and asked.stdin else sys.stdout
    style = asked.output_format or ("full" if usual.isatty() and not asked.output_file else "concise")
    changes = Changes(fixing, tally.complain)
    proves = fixing is not None and confirmation.on
    outcomes = only_confirmed(linting, confirmation, fixing) if fixing and proves else linting.outcomes(fixing)
    with closing(outcomes), destination(asked.output_file, usual) as out:
        watched = changes.watch(outcomes)
        if asked.diff:
            deque(tally.findings(watched), maxlen=0)
        else:
            found = watched if proves else confirmation.judged(watched)
            kept = ignoring(found, asked.ignore_reason, tally) if asked.add_ignore else found
            load(style)(tally.findings(kept), out)
    sys.stdout.flush()
    if asked.statistics:
        tally.print_statistics()
    elif style == "full" and not asked.diff and not asked.quiet:
        tally.print_summary()
    if (fixing or style == "full") and not asked.quiet:
        changes.announce()
    return 2 if tally.broken else 1 if tally.rules and not asked.exit_zero else 0


def _fixing(asked: Asked, narrow: Narrow) -> Fixing | None:
    """The options about fixes."""
    from torchcopylint.run import DIFF, HAND_BACK, WRITE, Fixing

    kinds = frozenset({"safe", "unsafe"} if asked.unsafe_fixes else {"safe"})
    if asked.diff:
        return Fixing(kinds, DIFF, narrow.shows)
    return Fixing(kinds, HAND_BACK if asked.stdin else WRITE, narrow.shows) if asked.fix else None


class _Files:
    """The files under the given paths: linted, and linted again with fixes if needed."""

    def __init__(self, asked: Asked, known: Nearest, narrow: Narrow, tally: Tally) -> None:
        self._asked, self._known, self._narrow, self._tally = asked, known, narrow, tally

    def outcomes(self, fixing: Fixing | None) -> Generator[Outcome, None, None]:
        """The outcome of each file, in order, with the findings to show."""
        from torchcopylint.run import Target

        found = files(self._asked.paths, self._known, self._asked.force_exclude)
        for path in found.missing:
            self._tally.complain(missing(path))
        if not (found.files or found.missing or found.unreadable or self._asked.force_exclude or self._asked.quiet):
            complain(f"nothing to lint in {', '.join(self._asked.paths)}: no Python files, or all of them are excluded")
        every = self._narrow.files(sorted((*found.files, *found.unreadable)))
        targets = checked(
            lambda: [Target(path, found.unreadable.get(path, ""), self._known.settings(path)) for path in every]
        )
        self._narrow.prepare(target.settings for target in targets if target.settings)
        keeps = targets and not fixing and not self._asked.no_cache
        yield from self._run(targets, self._cache() if keeps else None, fixing)

    def _cache(self) -> Cache | None:
        """The cache directory; None if it cannot be used, which is reported."""
        from torchcopylint.cache.cache import Cache
        from torchcopylint.files.regular import Refused

        place = folder(self._asked.paths[0], self._known)
        try:
            place.prepare()
        except Refused as error:
            complain(f"results are not cached: {error}; use --cache-dir to choose another directory")
            return None
        except OSError:  # an unwritable file may still be readable
            pass
        return Cache(place)

    def again(self, paths: Sequence[str], fixing: Fixing) -> Generator[Outcome, None, None]:
        """The same for some of these files, with fixes; they are not tested with torch again."""
        from torchcopylint.run import Target

        targets = [Target(path, settings=replace(self._known.settings(path), asks=None)) for path in paths]
        yield from self._run(targets, None, fixing)

    def _run(
        self, targets: Sequence[Target], cache: Cache | None, fixing: Fixing | None
    ) -> Generator[Outcome, None, None]:
        from torchcopylint.run import run

        fresh = run(targets, self._known.said, self._asked.jobs, cache, fixing)
        yield from self._narrow.of(progress(fresh, len(targets), self._asked.quiet))


class _Stdin:
    """Standard input, under the file name given for it; its text, fixed or not, goes to standard output if
    requested."""

    def __init__(self, asked: Asked, known: Nearest, narrow: Narrow) -> None:
        self._known, self._narrow = known, narrow
        self._name = asked.stdin_filename or "stdin"
        if sys.stdin is None:
            fail("standard input is closed, so '-' cannot be read")
        most = known.settings(self._name).largest
        self._raw = sys.stdin.buffer.read(-1 if asked.fix else most + 1)  # skipped text is returned whole
        self._skipped = asked.force_exclude and self._excluded()

    def outcomes(self, fixing: Fixing | None) -> Generator[Outcome, None, None]:
        """Its outcome, unless it is skipped."""
        if not self._skipped:
            self._narrow.files([self._name])
            settings = self._known.settings(self._name)
            self._narrow.prepare([settings])
            yield from self._narrow.of([self._lint(settings, fixing)])
        elif fixing:
            self._hand_back(self._raw, fixing)

    def again(self, paths: Sequence[str], fixing: Fixing) -> Generator[Outcome, None, None]:
        """The same with fixes, if it is among these; it is not tested with torch again."""
        if paths:
            settings = replace(self._known.settings(self._name), asks=None)
            yield from self._narrow.of([self._lint(settings, fixing)])
        else:
            self._hand_back(self._raw, fixing)

    def _excluded(self) -> bool:
        from torchcopylint.files.discover import skipping

        return any(exclude.skip_named(self._name) for exclude in skipping(self._known)(directory_of(self._name)))

    def _lint(self, settings: Settings, fixing: Fixing | None) -> Outcome:
        from torchcopylint.run import lint_bytes_apart

        outcome = lint_bytes_apart(self._name, self._raw, settings, fixing)
        if fixing:
            self._hand_back(outcome.change[1].encoded() if outcome.change else self._raw, fixing)
        return outcome

    def _hand_back(self, text: bytes, fixing: Fixing) -> None:
        from torchcopylint.run import HAND_BACK

        if fixing.how == HAND_BACK:
            sys.stdout.buffer.write(text)
