"""Write table.tsv from the torch at hand: `python -m torchcopylint.models.generate [--check [N]]`. For developers.

With a number, --check derives only every N-th row.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import asdict, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torchcopylint.models.table import USUAL, Row, names, row, torch_version

TABLE = Path(__file__).with_name("table.tsv")
NEEDED = ("torch", "numpy", "expecttest")


def derived(every: int = 1) -> dict[str, Row]:
    """The rows of the torch that is installed, or every so many-th of them, by name, sorted."""
    import torch

    from torchcopylint.models.derive.catalogue import catalogue
    from torchcopylint.models.derive.conclude import concluded
    from torchcopylint.models.derive.evidence import gathered
    from torchcopylint.models.derive.hand import corrected, corrections
    from torchcopylint.models.derive.isolate import apart
    from torchcopylint.models.derive.samples import samples

    torch.set_num_threads(1)
    sampled, by_hand, callees = samples(), corrections(), catalogue()
    if unknown := by_hand.keys() - callees.keys():
        raise SystemExit(f"hand.toml: torch {torch.__version__} has no {', '.join(sorted(unknown))}")
    rows = apart(lambda callee: concluded(gathered(callee, sampled)), list(callees.values())[::every])
    return {row.name: corrected(row, by_hand.get(row.name, {})) for row in rows}


def as_text(version: str, rows: Iterable[Row]) -> str:
    """The table as it is shipped: the release, then a line per name; fields that say the usual are left out."""
    lines = (f"{row.name}\t{json.dumps(entry(row), separators=(',', ':'))}" for row in rows)
    return "\n".join([f"torch\t{version}", *lines]) + "\n"


def entry(row: Row) -> dict[str, Any]:
    """The fields of a row that differ from the usual; `saves` follows from `saves_for`."""
    usual = {field.name: field.default for field in fields(Row)} | USUAL
    return {key: value for key, value in asdict(row).items() if key not in ("name", "saves") and usual[key] != value}


def differences(now: dict[str, Row], left_out: Container[str] = ()) -> list[str]:
    """How the rows differ from the shipped table, one line per name and field: gone, new, changed; of those left out
    nothing is said."""
    shipped = {name: shipped_row for name in names() if name not in left_out and (shipped_row := row(name))}
    lines = [f"gone: {name}" for name in shipped.keys() - now.keys()]
    lines += [f"new: {name} is {now[name].kind}" for name in now.keys() - shipped.keys()]
    for name in now.keys() & shipped.keys():
        before, after = asdict(shipped[name]), asdict(now[name])
        changed = [key for key in before if before[key] != after[key]]
        lines += [f"changed: {name} {key}: {before[key]} -> {after[key]}" for key in changed]
    return sorted(lines)


def misleading(now: dict[str, Row]) -> list[str]:
    """Where the shipped table would be wrong in silence: what it takes for harmless shares or writes in these rows."""
    lines = []
    for name, found in now.items():
        shipped = row(name)
        if shipped is not None and shipped.kind != "unknown":
            lines += [f"{name} may share argument {i}" for i in sorted({*found.aliases} - {*shipped.aliases})]
            lines += [f"{name} may write argument {i}" for i in sorted({*found.writes} - {*shipped.writes})]
    return lines


def summary(rows: Iterable[Row]) -> str:
    """How many names the table knows, and how many of them were never executed."""
    every = list(rows)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(one.kind for one in every).items()))
    never = [one for one in every if not one.executed]
    unknown = sum(one.kind == "unknown" for one in never)
    return f"{len(every)} names: {kinds}; {len(never)} never executed, {unknown} of them unknown"


def main(arguments: list[str]) -> int:
    """Write the table, or with --check compare: 0 written or nothing to say, 1 something to say, 2 cannot be done.

    The release the table is for must give the very same rows. Another may differ, but not so that the table misleads.
    """
    missing = [name for name in NEEDED if not find_spec(name)]
    every = int(arguments[1]) if len(arguments) == 2 and arguments[1].isdecimal() else 1
    if missing or not every or arguments not in ([], ["--check"], ["--check", str(every)]):
        print(f"needs {', '.join(missing)}" if missing else "usage: generate [--check [N]]", file=sys.stderr)
        return 2
    import torch

    from torchcopylint.models.derive.catalogue import catalogue

    rows, release = derived(every), torch.__version__.split("+")[0]
    if "--check" not in arguments:
        TABLE.write_text(as_text(release, rows.values()), "utf-8")
        print(summary(rows.values()))
        return 0
    left_out = catalogue().keys() - rows.keys()
    lines = differences(rows, left_out) if release == torch_version() else misleading(rows)
    print("\n".join([f"table of {torch_version()}, torch {release}: {len(lines)} differences", *lines]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
