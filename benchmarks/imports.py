"""Import of a list of 7,074 firms, beside a bare bulk insert of the same rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from benchmarks.databases import Place, application, migrate
from benchmarks.figures import Figure, rate, seconds_of
from benchmarks.invention import write_list
from crm.accounts.queries import actor_named
from crm.imports.use_cases import ImportOptions, import_file


def figures(place: Place, listed: Path | None) -> Iterator[Figure]:
    """Rows a second. listed: the real list; an invented one of the same shape unless given."""
    path = listed or place.folder / "list.csv"
    if listed is None:
        write_list(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with place.fresh() as url, application(place.folder, url):
        migrate()
        actor = actor_named("city")
        counts: list[int] = []

        def ours() -> None:
            report, _ = import_file(
                actor, "firms", path, ImportOptions(), dry_run=False, tick=lambda _done: None
            )
            counts.append(report.counts["new"])

        took = seconds_of(ours)
    peer = _bare_insert(place, rows)
    yield Figure(
        place.kind,
        "import",
        f"{'the real list' if listed else 'an invented list'}, {len(rows):,} rows, {counts[0]:,} new",
        f"{took:.1f} s, {rate(len(rows), took, 'rows')}",
        peer=rate(len(rows), peer, "rows"),
        ratio=took / peer,
        note="peer: SQLAlchemy bulk insert of the same cells, no checks, keys, audit or search",
    )


def _bare_insert(place: Place, rows: list[dict[str, str]]) -> float:
    columns = [sa.Column(name, sa.Text) for name in rows[0]]
    table = sa.Table("bare", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), *columns)
    with place.fresh() as url:
        engine = sa.create_engine(url)

        def insert() -> None:
            with engine.begin() as connection:
                connection.execute(sa.insert(table), rows)

        table.create(engine)
        took = seconds_of(insert)
        engine.dispose()
    return took
