"""Lint pinned releases of real packages and compare the findings with the verdicts in triage.jsonl.

python tests/ecosystem/run.py [--cache DIR] [--out DIR] [--full] [--record] [PACKAGE ...]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from packages import Package, read_pins, unpack
from program import lint
from triage import Place, blank_rows, read_findings, read_verdicts, recorded, table

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DEFAULT_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "torchcopylint-ecosystem"


def lint_package(package: Package, options: argparse.Namespace) -> tuple[dict[Place, str], bool]:
    """Lint one package, write what was found below options.out; the findings, and whether the program crashed."""
    folder = unpack(package, options.cache)
    ran = lint(ROOT, folder, "--output-format", "concise")
    (options.out / f"{package.name}.txt").write_text(ran.output, encoding="utf-8")
    if options.full:
        full = lint(ROOT, folder, "--output-format", "full")
        (options.out / f"{package.name}.full.txt").write_text(full.output, encoding="utf-8")
    found = read_findings(package.name, ran.output)
    line = f"{package}: {len(found)} findings, {ran.seconds:.1f} s"
    print(line, flush=True)
    # An exception that nothing caught also ends Python with 1: only findings make that exit code good.
    crashed = ran.exit_code != bool(found)
    if crashed:
        print(f"{package}: the program ended with {ran.exit_code}:\n{ran.errors.strip()}", file=sys.stderr)
    return found, crashed


def read_options(pins: list[Package]) -> argparse.Namespace:
    """The command line, checked against the pinned packages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [package.name for package in pins]
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"only these of: {', '.join(names)}")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where packages are unpacked (%(default)s)")
    parser.add_argument("--out", type=Path, help="where findings are written (the folder findings in the cache)")
    parser.add_argument("--full", action="store_true", help="write the findings with source and path notes as well")
    parser.add_argument("--record", action="store_true", help="note in triage.jsonl which findings are still given")
    options = parser.parse_args()
    if unknown := sorted(set(options.packages) - set(names)):
        parser.error(f"not in packages.toml: {', '.join(unknown)}")
    options.cache = options.cache.resolve()
    options.out = (options.out or options.cache / "findings").resolve()
    return options


def main() -> int:
    """Lint the packages, print the table; 0, or 2 where the program crashed or a package could not be had."""
    pins = read_pins(HERE / "packages.toml")
    options = read_options(pins)
    chosen = [package for package in pins if not options.packages or package.name in options.packages]
    versions = {package.name: package.version for package in chosen}
    triage = HERE / "triage.jsonl"
    everything = read_verdicts(triage)
    verdicts = [v for v in everything if versions.get(v.package) == v.version]
    options.out.mkdir(parents=True, exist_ok=True)
    found: dict[Place, str] = {}
    failed = False
    for package in chosen:
        try:
            findings, crashed = lint_package(package, options)
        except RuntimeError as error:
            findings, crashed = {}, True
            print(error, file=sys.stderr)
        found |= findings
        failed |= crashed
    judged = {verdict.place for verdict in verdicts}
    untriaged = {place: message for place, message in found.items() if place not in judged}
    (options.out / "untriaged.jsonl").write_text(blank_rows(untriaged, versions), encoding="utf-8")
    if options.record and not failed:
        triage.write_text(recorded(everything, found, versions), encoding="utf-8")
    print(table(found, verdicts))
    return 2 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"{error}")
