"""Write table.json from the torch at hand: `python -m torchcopylint.models.generate [--check]`. For developers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from torchcopylint.models.table import Row

TABLE = Path(__file__).with_name("table.json")
NEEDED = ("torch", "numpy", "expecttest")


def derived() -> dict[str, Row]:
    """The rows of the torch that is installed, by name, sorted."""
    import torch

    from torchcopylint.models.derive.catalogue import catalogue
    from torchcopylint.models.derive.conclude import concluded
    from torchcopylint.models.derive.evidence import gathered
    from torchcopylint.models.derive.hand import corrected, corrections
    from torchcopylint.models.derive.samples import samples

    torch.set_num_threads(1)
    sampled, by_hand = samples(), corrections()
    rows = {}
    for name, callee in catalogue().items():
        rows[name] = corrected(concluded(gathered(callee, sampled)), by_hand.get(name, {}))
    return rows


def as_text(version: str, rows: Iterable[Row]) -> str:
    """The table as it is shipped: one line per name, fields that say the usual left out."""
    lines = (f"{json.dumps(row.name)}: {json.dumps(entry(row), separators=(',', ':'))}" for row in rows)
    return f'{{"torch": {json.dumps(version)}, "rows": {{\n' + ",\n".join(lines) + "\n}}\n"


def entry(row: Row) -> dict[str, Any]:
    """The fields of a row that differ from the usual."""
    usual = {field.name: field.default for field in fields(Row) if field.default is not MISSING}
    return {key: value for key, value in asdict(row).items() if key != "name" and usual.get(key, MISSING) != value}


def differences(shipped: dict[str, Any], rows: dict[str, Row]) -> list[str]:
    """What changed, one line per name: gone, new, or the fields that differ."""
    now = json.loads(as_text("", rows.values()))["rows"]
    lines = [f"gone: {name}" for name in shipped.keys() - now.keys()]
    lines += [f"new: {name} {now[name]}" for name in now.keys() - shipped.keys()]
    for name in now.keys() & shipped.keys():
        changed = sorted(
            key for key in now[name].keys() | shipped[name].keys() if now[name].get(key) != shipped[name].get(key)
        )
        lines += [f"changed: {name} {key}: {shipped[name].get(key)} -> {now[name].get(key)}" for key in changed]
    return sorted(lines)


def main(arguments: list[str]) -> int:
    """Write the table, or with --check say how the torch at hand differs; 0 written or equal, 1 different, 2 cannot."""
    missing = [name for name in NEEDED if not _importable(name)]
    if missing or set(arguments) - {"--check"}:
        print(f"needs {', '.join(missing)}" if missing else "usage: generate [--check]", file=sys.stderr)
        return 2
    import torch

    rows = derived()
    if "--check" not in arguments:
        TABLE.write_text(as_text(torch.__version__.split("+")[0], rows.values()), "utf-8")
        return 0
    lines = differences(json.loads(TABLE.read_text("utf-8"))["rows"], rows)
    print("\n".join(lines))
    return 1 if lines else 0


def _importable(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
