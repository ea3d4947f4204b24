"""python -m benchmarks [--only import,pages,…] [--database sqlite|postgresql] [--sizes 10000,100000]

Prints one table; nothing is asserted. --list FILE imports a real list instead of an invented one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import delivery, exports, imports, pages
from benchmarks.databases import KINDS, Place
from benchmarks.figures import Figure, table
from crm.settings import ROOT

NAMES = ("import", "pages", "export", "delivery")


def main() -> None:
    """Measure what is asked for and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(NAMES), help="some of: " + ", ".join(NAMES))
    parser.add_argument("--database", choices=KINDS, default=None)
    parser.add_argument("--sizes", default="10000,100000", help="firms in the table, for pages")
    parser.add_argument("--export-rows", type=int, default=100_000)
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--list", type=Path, default=os.environ.get("CRM_BENCH_LIST"))
    given = parser.parse_args()
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Figure] = []
    for kind in [given.database] if given.database else KINDS:
        place = Place(kind, folder, keep=False)
        for figure in _figures(place, given):
            found.append(figure)
            # As they come too: a long run that is stopped has not been for nothing.
            print(" ".join(cell for cell in figure.cells() if cell), file=sys.stderr, flush=True)
    print(table(found))


def _figures(place: Place, given: argparse.Namespace) -> Iterator[Figure]:
    wanted = given.only.split(",")
    if "import" in wanted:
        yield from imports.figures(place, Path(given.list) if given.list else None)
    if "pages" in wanted:
        yield from pages.figures(place, [int(size) for size in given.sizes.split(",")])
    if "export" in wanted:
        yield from exports.figures(place, given.export_rows)
    if "delivery" in wanted:
        yield from delivery.figures(place, given.mails)


if __name__ == "__main__":
    main()
