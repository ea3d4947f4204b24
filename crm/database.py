"""The database: session, column types, transactions; the same on SQLite and PostgreSQL.

`with transaction():` stands in use cases only. On SQLite every writing transaction begins IMMEDIATE,
because a deferred one that reads first and writes later fails under two writers.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False}, disable_autonaming=True)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC; naive values are refused, so that no local time slips in."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WanAmount(sa.TypeDecorator[Decimal]):
    """Money in 万元, four decimals (to the yuan).

    A scaled integer on SQLite, which has no exact decimal.
    """

    impl = sa.Numeric(18, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(18, 4))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Decimal | int | None:
        if value is None or dialect.name != "sqlite":
            return value
        return int((Decimal(value) * 10000).to_integral_value())

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value
        return Decimal(value) / 10000


class JsonText(sa.TypeDecorator[Any]):
    """A JSON document as text, keys sorted: equal documents are equal bytes, which the audit chain needs."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else json.loads(value)


def json_text(value: Any) -> str:
    """Canonical JSON of a document: sorted keys, no spaces, dates and decimals as text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def sort_text(length: int) -> sa.String:
    """Text compared byte by byte on both databases: ranges and keyset pages must not depend on a locale."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


# One integer key type: identity bigints on PostgreSQL, rowid on SQLite.
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def prepare_engine(engine: Engine) -> None:
    """Set what a connection needs on SQLite; PostgreSQL gets its time-outs by connect_args."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: we say IMMEDIATE or DEFERRED.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "synchronous=NORMAL",
            "cache_size=-32000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def transaction(*, dry_run: bool = False) -> Iterator[None]:
    """One unit of work: commit at the end, roll back on any error; an inner one joins the outer.

    dry_run: the same code, rolled back at the end; nothing is published.
    """
    session = db.session()
    if session.info.get("depth", 0):
        session.info["depth"] += 1
        try:
            yield
        finally:
            session.info["depth"] -= 1
        return
    # What was read before is a snapshot that must not be written on: end it, begin anew for writing.
    session.rollback() if session.in_transaction() else None
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
    session.info["depth"] = 1
    session.info["after_commit"] = []
    try:
        yield
        session.flush()
        if dry_run:
            session.rollback()
            session.info["after_commit"] = []
        else:
            session.commit()
    except BaseException:
        session.rollback()
        session.info["after_commit"] = []
        raise
    finally:
        session.info["depth"] = 0
    for publish in session.info.pop("after_commit", []):
        publish()


def after_commit(publish: Callable[[], None]) -> None:
    """Call publish once the outermost transaction has committed (never after a rollback)."""
    db.session().info.setdefault("after_commit", []).append(publish)


def constraint_name(error: IntegrityError) -> str | None:
    """Name of the constraint a statement broke; SQLite names columns, so the name is built as ours are."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None:
        return str(diag.constraint_name) if diag.constraint_name else None
    found = re.match(r"UNIQUE constraint failed: (.+)", str(error.orig))
    if not found:
        return None
    if found[1].startswith("index '"):
        return found[1].removeprefix("index '").rstrip("'")
    columns = [part.strip() for part in found[1].split(",")]
    table = columns[0].split(".")[0]
    return f"uq_{table}_" + "_".join(column.split(".")[1] for column in columns)


def insert_ignoring(table: sa.Table) -> Any:
    """INSERT … ON CONFLICT DO NOTHING: an existing natural key means done already."""
    from sqlalchemy.dialects import postgresql, sqlite

    module = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return module.insert(table).on_conflict_do_nothing()


# So many rows go past the statement compiler, which costs more than the database itself.
BULK_FROM = 200


def insert_in_chunks(table: sa.Table, rows: list[dict[str, Any]], size: int = 2000) -> None:
    """Bulk INSERT of plain rows inside the running transaction; every row has the same keys."""
    # a value left to a default on our side needs the compiler
    if len(rows) >= BULK_FROM and all(c.default is None or c.name in rows[0] for c in table.columns):
        _insert_by_driver(table, rows)
        return
    for start in range(0, len(rows), size):
        db.session.execute(sa.insert(table), rows[start : start + size])


def _insert_by_driver(table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Hand rows to the driver: COPY on PostgreSQL, one prepared INSERT on SQLite.

    Values pass through the column types as ever, and errors are those of any other statement.
    """
    connection = db.session.connection()
    dialect = connection.dialect
    names = list(rows[0])
    quote = dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in names)})"
    prepare = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    values = (
        [row[name] if process is None else process(row[name]) for name, process in prepare] for row in rows
    )
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        if dialect.name == "sqlite":
            places = ", ".join("?" for _ in names)
            driver.executemany(f"INSERT INTO {into} VALUES ({places})", values)
        else:
            with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(into, None, error, dialect.loaded_dbapi.Error) from error


def insert_with_ids(table: sa.Table, rows: list[dict[str, Any]]) -> list[int]:
    """Bulk INSERT inside the running transaction; returns the new ids in the order of the rows.

    SQLite would answer RETURNING row by row: there the one writer that holds the lock gives the ids itself.
    """
    if not rows:
        return []
    if db.engine.dialect.name != "sqlite":
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(db.session.scalars(statement, rows))
    last = db.session.scalar(sa.select(sa.func.max(table.c.id))) or 0
    ids = list(range(last + 1, last + 1 + len(rows)))
    insert_in_chunks(table, [{**row, "id": row_id} for row, row_id in zip(rows, ids, strict=True)])
    return ids
