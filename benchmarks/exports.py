"""Export of many holders, beside COPY (on SQLite: cursor and csv module) of the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from benchmarks.databases import Place, application
from benchmarks.figures import Figure, rate, seconds_of
from benchmarks.seeding import holders_seed
from crm.accounts.queries import actor_named
from crm.clock import today
from crm.database import db
from crm.exports import use_cases

COLUMNS = """SELECT f.name, f.code, t.name, f.hnte_field, c.number, c.granted_on, c.valid_to, c.cohort
FROM firms f JOIN certifications c ON c.firm_id = f.id JOIN territories t ON t.id = f.district_id
WHERE c.scheme = 'hnte' ORDER BY t.code, f.name_order"""


def figures(place: Place, size: int) -> Iterator[Figure]:
    """Rows a second of a frozen submission: read, check, render, hash, store."""
    with place.seeded(f"holders_{size}", holders_seed(size)) as url, application(place.folder, url):
        actor = actor_named("city")
        written: list[use_cases.Written] = []
        took = seconds_of(
            lambda: written.append(use_cases.write(actor, "hnte_holders", today(), purpose="benchmark"))
        )
        peer = seconds_of(_copy if place.kind == "postgresql" else _cursor)
        rows = written[0].submission.row_count
    yield Figure(
        place.kind,
        "export",
        f"{rows:,} rows, checked and frozen",
        rate(rows, took, "rows"),
        peer=rate(rows, peer, "rows"),
        ratio=took / peer,
        note=f"{written[0].submission.byte_count / 1e6:.1f} MB; peer neither checks nor guards",
    )


def _copy() -> None:
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    with raw.cursor().copy(f"COPY ({COLUMNS}) TO STDOUT WITH (FORMAT csv)") as copy:
        for _ in copy:
            pass


def _cursor() -> None:
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    csv.writer(io.StringIO()).writerows(raw.execute(COLUMNS))
