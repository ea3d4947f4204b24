"""Databases, application, cast: what most tests stand on.

The fixed cast: officer (柯桥区), colleague (柯桥区), stranger (诸暨市), liaison (a township of 柯桥区),
city (绍兴市), chief (绍兴市), auditor, viewer, administrator.
A test runs on SQLite; marked `both_databases` it runs on PostgreSQL too.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient

from crm.app import create_app
from crm.database import db
from crm.domain.access import Actor
from crm.settings import Settings, read_settings
from tests.factories.people import Cast, make_cast

pytest_plugins = (
    "tests.services.postgresql",
    "tests.services.redis_server",
    "tests.services.browser",
    "tests.services.reproducible",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _settings(data_dir: Path, database_url: str) -> Settings:
    environ = {"CRM_DATA_DIR": str(data_dir), "CRM_SECRET_KEY": "test-secret-key-0123456789"}
    settings = read_settings(environ)
    return replace(settings, database_url=database_url, testing=True, redis_url=None)


def _migrated(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        from flask_migrate import upgrade

        upgrade()
        make_cast()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the cast, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.db"
    _migrated(_settings(folder, f"sqlite:///{path}"))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> sa.URL:
    """A migrated PostgreSQL database with the cast, a template for each test's own."""
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    _migrated(_settings(tmp_path_factory.mktemp("pg"), url.render_as_string(hide_password=False)))
    return url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A fresh database of this test's kind."""
    if database_kind == "sqlite":
        path = tmp_path / "crm.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template: sa.URL = request.getfixturevalue("postgres_template")
    name = f"crm_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(template.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template.database}"')
    yield template.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.dispose()


class BrowserlikeClient(FlaskClient):
    """Each request in a context and database session of its own, as behind a real server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        outer = _cv_app.set(None)  # type: ignore[arg-type]
        try:
            return super().open(*args, **kwargs)
        finally:
            _cv_app.reset(outer)
            # What the test read before is an old snapshot now.
            db.session.rollback()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, with its context pushed; CSRF off, faults raised."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(exist_ok=True)
    application = create_app(_settings(data_dir, database_url))
    application.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_FAULTS=True)
    application.test_client_class = BrowserlikeClient
    context = application.app_context()
    context.push()
    yield application
    db.session.remove()
    db.engine.dispose()
    context.pop()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The cast as actors."""
    return Cast.load()


@pytest.fixture
def sign_in(app: Flask):  # type: ignore[no-untyped-def]
    """sign_in(actor or name) -> a test client signed in as that person."""

    def signed_in(person: Actor | str) -> FlaskClient:
        client = app.test_client()
        name = person if isinstance(person, str) else person.name
        answer = client.post("/sign-in", data={"name": name, "password": Cast.PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
        return client

    return signed_in
