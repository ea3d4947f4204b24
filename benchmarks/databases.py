"""Databases to measure on: fresh ones, made and dropped; and the application upon them."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from psycopg import sql

from crm.app import create_app
from crm.database import db
from crm.settings import ROOT, read_settings
from tests.factories.people import make_cast
from tests.services.postgresql import address_of, find_server

KINDS = ("sqlite", "postgresql")
# Part of a cached database's name: raise it when seeding.py or invention.py change what they write.
SEED_VERSION = 1


@dataclass(frozen=True)
class Place:
    """Where the databases of one kind live. keep: seeded PostgreSQL databases stay for the next run."""

    kind: str
    folder: Path
    keep: bool

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Address of an empty database, gone at the end."""
        name = f"crm_bench_{uuid.uuid4().hex[:12]}"
        url = self._create(name)
        try:
            yield url
        finally:
            self._drop(name)

    @contextmanager
    def seeded(self, name: str, seed: Callable[[Path, str], None]) -> Iterator[str]:
        """Address of a database filled by seed(folder, address), kept for repeat runs where it may be.

        On SQLite the file stays in the folder; on PostgreSQL the database is dropped unless keep is set.
        Another schema or another SEED_VERSION is another name, so a stale one is never used.
        """
        full = f"crm_bench_{name}_{_schema_key()}"
        if self.kind == "postgresql" and not self.keep:
            with self.fresh() as url:
                seed(self.folder, url)
                yield url
            return
        if not self._exists(full):
            part = f"{full}_part"
            self._drop(part)
            seed(self.folder, self._create(part))
            self._rename(part, full)
        yield self._address(full)

    def _create(self, name: str) -> str:
        if self.kind == "postgresql":
            self._execute("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)
        return self._address(name)

    def _drop(self, name: str) -> None:
        if self.kind == "postgresql":
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            return
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{name}.db{suffix}").unlink(missing_ok=True)

    def _exists(self, name: str) -> bool:
        if self.kind == "sqlite":
            return (self.folder / f"{name}.db").is_file()
        with psycopg.connect(server(), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        return found is not None

    def _rename(self, old: str, new: str) -> None:
        if self.kind == "postgresql":
            self._execute("ALTER DATABASE {} RENAME TO {}", old, new)
        else:
            shutil.move(self.folder / f"{old}.db", self.folder / f"{new}.db")

    def _address(self, name: str) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return address_of(server(), name).replace("postgresql://", "postgresql+psycopg://", 1)

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(server(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@cache
def server() -> str:
    """Connection text of the PostgreSQL server that the tests use too."""
    return find_server(uuid.uuid4().hex[:12])


def server_version() -> str:
    with psycopg.connect(server()) as connection:
        return str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]


@contextmanager
def application(folder: Path, database_url: str, **changes: Any) -> Iterator[Flask]:
    """The product upon a database, its context pushed. changes: settings that differ from the default."""
    environ = {"CRM_DATA_DIR": str(folder / "data"), "CRM_SECRET_KEY": "benchmark-key-0123456789"}
    settings = replace(read_settings(environ), database_url=database_url, redis_url=None, **changes)
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def migrate() -> None:
    """Lay the tables and put the fixed cast in (inside an application)."""
    from flask_migrate import upgrade

    upgrade()
    make_cast()


def settle(url: str) -> None:
    """Bring a filled database into the state it has in service.

    PostgreSQL: what autovacuum does within minutes. SQLite: write-ahead log emptied, no statistics, since
    the product gathers none there.
    """
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _schema_key() -> str:
    """Changes with every migration and with what is seeded."""
    digest = hashlib.sha256(str(SEED_VERSION).encode())
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
