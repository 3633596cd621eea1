"""Findings added and removed between two revisions of this repository, on pinned packages and repositories.

tests/ecosystem/diff BASE HEAD [SOURCE ...]

All rules are selected, also those that are off by default, at --confidence low. A revision is anything that git
knows, or . for the working tree as it is. Exit code 0: nothing differs, 1: something does, 2: not all was compared.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

from compare import Kind, compare
from packages import Package
from report_differences import Comparison, as_json, as_text, line_of
from results import NoReport, Result, Results
from revision import Revision, checked_out, resolve
from run import DEFAULT_CACHE, HERE, ROOT
from sources import Source, Unavailable, folder_of, read_sources


def read_options(sources: list[Source], arguments: list[str] | None) -> argparse.Namespace:
    """The command line, checked against the sources."""
    parser = argparse.ArgumentParser("diff", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [source.name for source in sources]
    parser.add_argument("base", metavar="BASE", help="the revision that is compared with")
    parser.add_argument("head", metavar="HEAD", help="the revision that is judged")
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help=f"only these of: {', '.join(names)}")
    parser.add_argument(
        "--wording", action="store_true", help="show also, and count as different, what is only worded so"
    )
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="%(default)s by default")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes of a run; 0 (default): one per CPU")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where sources and results lie (%(default)s)")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.sources) - set(names)):
        parser.error(f"neither in packages.toml nor in sources.toml: {', '.join(unknown)}")
    options.cache = options.cache.resolve()
    return options


class Comparing:
    """Compares two revisions source by source; each is checked out when the first result of it is missing."""

    def __init__(self, options: argparse.Namespace, scope: ExitStack) -> None:
        self.compared = Comparison(resolve(options.base, ROOT), resolve(options.head, ROOT))
        self.failed = False
        self._cache: Path = options.cache
        self._results = Results(self._cache / "diff", options.jobs)
        self._program = cache(lambda revision: scope.enter_context(checked_out(revision, ROOT)))

    def add(self, source: Source, said: str) -> None:
        """Compare what the revisions find in a source; said: how far we are."""
        print(f"{said} {source}", end="", file=sys.stderr, flush=True)
        try:
            files = folder_of(source, self._cache)
            before, after = (self._of(source, files, end) for end in (self.compared.base, self.compared.head))
        except (Unavailable, NoReport) as error:
            # A repository cannot be had from everywhere; a package can.
            self.failed |= isinstance(source, Package) or isinstance(error, NoReport)
            self.compared.skipped[str(source)] = str(error)
            print(": skipped", file=sys.stderr)
            return
        print(file=sys.stderr)
        self._enter(str(source), files, before, after)

    def _of(self, source: Source, files: Path, revision: Revision) -> Result:
        result = self._results.of(source, files, revision, partial(self._program, revision))
        took = "kept" if result.seconds is None else f"{result.seconds:.1f} s"
        print(f", {revision}: {len(result.findings)} ({took})", end="", file=sys.stderr, flush=True)
        return result

    def _enter(self, source: str, files: Path, before: Result, after: Result) -> None:
        had, has = self.compared.findings
        self.compared.sources.append(source)
        self.compared.findings = had + len(before.findings), has + len(after.findings)
        found = compare(before.findings, after.findings)
        self.compared.differences += [(source, line_of(files, one.found), one) for one in found]
        was, now = Counter(before.complaints), Counter(after.complaints)
        self.compared.complaints += [(source, Kind.REMOVED, said) for said in (was - now).elements()]
        self.compared.complaints += [(source, Kind.ADDED, said) for said in (now - was).elements()]


def main(arguments: list[str] | None = None) -> int:
    """Compare, report, and return the exit code."""
    sources = read_sources(HERE)
    options = read_options(sources, arguments)
    chosen = [source for source in sources if not options.sources or source.name in options.sources]
    with ExitStack() as scope:
        comparing = Comparing(options, scope)
        for number, source in enumerate(chosen, 1):
            comparing.add(source, f"[{number}/{len(chosen)}]")
    told = as_json if options.output_format == "json" else as_text
    print(told(comparing.compared, options.wording))
    return 2 if comparing.failed else int(comparing.compared.differs(options.wording))
