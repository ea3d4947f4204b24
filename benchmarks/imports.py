"""Import of a list of 7,074 firms, beside bare SQLAlchemy bulk inserts of the same rows.

Two peers: the firms alone, which a script would write; and every row the import writes (search keys, audit
entries with their seals, counts), which is the least that the same result can cost by plain inserts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.databases import Place, application, migrate
from benchmarks.figures import Figure, median, rate, seconds_of
from benchmarks.invention import write_list
from crm.accounts.queries import actor_named
from crm.audit.models import AuditEntry, AuditSeal
from crm.database import db
from crm.firms.models import Contact, Firm, FirmSearchKey, FirmTally, FormerName
from crm.imports.use_cases import ImportOptions, import_file
from crm.territories.models import Territory

REPEATS = 3
# In the order in which they refer to each other.
_WRITTEN = (Territory, Firm, FormerName, Contact, FirmSearchKey, FirmTally, AuditEntry, AuditSeal)
_Rows = list[tuple[sa.Table, list[dict[str, Any]]]]


def figures(place: Place, listed: Path | None) -> Iterator[Figure]:
    """Rows a second, each time into a fresh database. listed: the real list; an invented one unless given."""
    path = listed or place.folder / "list.csv"
    if listed is None:
        write_list(path)
    imported: list[float] = []
    firms_alone: list[float] = []
    everything: list[float] = []
    told: dict[str, int] = {}
    rows: _Rows = []
    for _ in range(REPEATS):
        took, told, rows = _import(place, path)
        imported.append(took)
        firms_alone.append(_bare(place, _firms_only(rows), path))
        everything.append(_bare(place, rows, path))
    count = told["rows"]
    case = f"{'the real' if listed else 'an invented'} list, {told['new']:,} of {count:,} rows new"
    ours = median(imported)
    spread = f"{min(imported):.1f} to {max(imported):.1f} s"
    written = sum(len(part) for _, part in rows)
    for peer, note in (
        (median(firms_alone), f"{spread}; peer: file read, firms inserted, no check, search key or audit"),
        (median(everything), f"peer: file read, all {written:,} rows inserted that the import writes"),
    ):
        yield Figure(
            place.kind,
            "import",
            case,
            f"{ours:.1f} s, {rate(count, ours, 'rows')}",
            peer=f"{peer:.1f} s, {rate(count, peer, 'rows')}",
            ratio=ours / peer,
            note=note,
        )


def _import(place: Place, path: Path) -> tuple[float, dict[str, int], _Rows]:
    """Seconds, counts of the report, and every row that stands in the database now and did not before."""
    with place.fresh() as url, application(place.folder, url):
        migrate()
        before = {model: _largest(model) for model in _WRITTEN}
        actor = actor_named("city")
        counts: list[dict[str, int]] = []

        def ours() -> None:
            options = ImportOptions(skip_bad_rows=True)
            report, _ = import_file(actor, "firms", path, options, dry_run=False, tick=lambda _done: None)
            counts.append(report.counts)

        took = seconds_of(ours)
        rows: _Rows = []
        for model in _WRITTEN:
            table: sa.Table = model.__table__  # type: ignore[attr-defined]
            found = db.session.execute(sa.select(table).where(_key(model) > before[model]))
            rows.append((table, [dict(row) for row in found.mappings()]))
    return took, counts[0], rows


def _key(model: Any) -> sa.ColumnElement[int]:
    found: sa.ColumnElement[int] = sa.inspect(model).primary_key[0]
    return found


def _largest(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.max(_key(model)))) or 0


def _firms_only(rows: _Rows) -> _Rows:
    """The firms, and the townships they stand in."""
    return [(table, part) for table, part in rows if table.name in ("territories", "firms")]


def _bare(place: Place, rows: _Rows, path: Path) -> float:
    """Seconds of reading the file and inserting rows made before, in one transaction."""
    with place.fresh() as url, application(place.folder, url):
        migrate()
        db.session.remove()

        def insert() -> None:
            with path.open(encoding="utf-8-sig", newline="") as file:
                list(csv.DictReader(file))
            with db.engine.begin() as connection:
                for table, part in rows:
                    if part:
                        connection.execute(sa.insert(table), part)

        return seconds_of(insert)
