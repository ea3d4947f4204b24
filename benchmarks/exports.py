"""Export of many holders, beside COPY (on SQLite: cursor and csv module) of the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from benchmarks.databases import Place, application
from benchmarks.figures import Figure, median, rate, seconds_of
from benchmarks.seeding import holders_seed
from crm.accounts.queries import actor_named
from crm.clock import today
from crm.database import db
from crm.exports import use_cases

REPEATS = 3
# What the profile hnte_holders prints, in its order; the day is a literal since COPY takes no parameters.
_COLUMNS = """
SELECT row_number() OVER (ORDER BY t.code, f.name_order, f.code, c.number), f.name, f.code, t.name,
       f.hnte_field, c.number, c.granted_on, c.valid_to, c.cohort, '有效'
FROM firms f JOIN certifications c ON c.firm_id = f.id JOIN territories t ON t.id = f.district_id
WHERE c.scheme = 'hnte' AND NOT f.is_archived AND c.valid_from <= '{day}' AND c.valid_to >= '{day}'
  AND c.revoked_from IS NULL
ORDER BY 1"""


def figures(place: Place, size: int) -> Iterator[Figure]:
    """Rows a second of a frozen submission (read, check, render, hash, store) and of its check alone."""
    with place.seeded(f"holders_{size}", holders_seed(size)) as url, application(place.folder, url):
        actor, day = actor_named("city"), today()
        written: list[use_cases.Written] = []

        def write() -> None:
            written.append(use_cases.write(actor, "hnte_holders", day, purpose="benchmark"))

        def check() -> None:
            use_cases.check(actor, "hnte_holders", day)

        ours = median([seconds_of(write) for _ in range(REPEATS)])
        checked = median([seconds_of(check) for _ in range(REPEATS)])
        db.session.rollback()
        copy = _copy if place.kind == "postgresql" else _cursor
        sizes: list[int] = []
        peer = median([seconds_of(lambda: sizes.append(copy(day))) for _ in range(REPEATS)])
        rows, weight = written[0].submission.row_count, written[0].submission.byte_count
    way = "COPY" if place.kind == "postgresql" else "sqlite3 cursor and csv"
    for case, took, note in (
        ("checked, written, frozen", ours, f"{weight / 1e6:.1f} MB; peer: {way}, {sizes[0] / 1e6:.1f} MB"),
        ("of it read and checked", checked, ""),
    ):
        yield Figure(
            place.kind,
            "export",
            f"{rows:,} rows, {case}",
            f"{took:.1f} s, {rate(rows, took, 'rows')}",
            peer=f"{peer:.2f} s, {rate(rows, peer, 'rows')}",
            ratio=took / peer,
            note=note,
        )


def _copy(day: date) -> int:
    """Bytes that COPY gives."""
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    with raw.cursor().copy(f"COPY ({_COLUMNS.format(day=day)}) TO STDOUT WITH (FORMAT csv)") as copy:
        return sum(len(part) for part in copy)


def _cursor(day: date) -> int:
    """Bytes that the driver and the csv module give."""
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    file = io.StringIO()
    csv.writer(file).writerows(raw.execute(_COLUMNS.format(day=day)))
    return len(file.getvalue().encode())
