"""python -m benchmarks [--only import,pages,…] [--database sqlite|postgresql] [--sizes 10000,100000]

Prints one table; nothing is asserted. --list FILE imports a real list instead of an invented one.
docs/performance.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import delivery, exports, imports, machine, pages
from benchmarks.databases import KINDS, Place
from benchmarks.figures import Figure, table
from crm.settings import ROOT

NAMES = ("import", "pages", "export", "delivery")


def main() -> None:
    """Measure what is asked for and print the table."""
    given = _given()
    # seeding lets the counts be mended from nothing, which in service would be an error to log
    logging.disable(logging.ERROR)
    folder = Path(os.environ.get("CRM_DATA_DIR") or ROOT / "var").expanduser().resolve() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    kinds: Sequence[str] = [given.database] if given.database else KINDS
    print("\n".join(machine.words(kinds)), flush=True)
    found: list[Figure] = []
    for kind in kinds:
        place = Place(kind, folder, keep=given.keep)
        for figure in _figures(place, given):
            found.append(figure)
            # As they come too: a long run that is stopped has not been for nothing.
            print(" ".join(cell for cell in figure.cells() if cell), file=sys.stderr, flush=True)
    print(f"load at the end: {machine.load()}\n\n{table(found)}")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, default=NAMES, help="some of: " + ", ".join(NAMES))
    parser.add_argument("--database", choices=KINDS, default=None)
    parser.add_argument(
        "--sizes", type=_sizes, default=(10_000, 100_000), help="firms in the table, for pages"
    )
    parser.add_argument("--export-rows", type=int, default=100_000)
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument(
        "--list", type=Path, default=os.environ.get("CRM_BENCH_LIST") or None, help="or CRM_BENCH_LIST"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave seeded PostgreSQL databases (crm_bench_…) for the next run; SQLite's stay in any case",
    )
    given = parser.parse_args()
    if given.list is not None and not Path(given.list).is_file():
        parser.error(f"no such list: {given.list}")
    return given


def _names(text: str) -> tuple[str, ...]:
    wanted = tuple(text.split(","))
    if unknown := [name for name in wanted if name not in NAMES]:
        raise argparse.ArgumentTypeError(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return wanted


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.replace("_", "").split(",")))


def _figures(place: Place, given: argparse.Namespace) -> Iterator[Figure]:
    if "import" in given.only:
        yield from imports.figures(place, Path(given.list).resolve() if given.list else None)
    if "pages" in given.only:
        yield from pages.figures(place, given.sizes)
    if "export" in given.only:
        yield from exports.figures(place, given.export_rows)
    if "delivery" in given.only:
        yield from delivery.figures(place, given.mails)


if __name__ == "__main__":
    main()
