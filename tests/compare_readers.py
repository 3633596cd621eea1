"""Whether both readers make the same of the files in folders: `python tests/compare_readers.py DIRECTORY...`.

Prints what they do not agree on, and how many files were read; fails where there is anything.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "support"), str(Path(__file__).parents[1])]


def main() -> None:
    """Compare, and end with the number of files that differ."""
    from readers import differences

    from torchcopylint.files.source import Unreadable, read

    seen = different = 0
    for name in sys.argv[1:]:
        for path in sorted(Path(name).rglob("*.py")):
            try:
                found = list(differences(read(str(path))))
            except Unreadable:
                continue
            seen += 1
            different += bool(found)
            for line in found[:3]:
                print(f"{path}: {line}")
    print(f"{seen} files, {different} of them differ")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
