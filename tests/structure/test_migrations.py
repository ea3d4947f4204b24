"""Migrations run up and down on both databases, and end where the models are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from crm.database import db


@pytest.mark.both_databases
def test_the_schema_is_what_the_models_say(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.both_databases
def test_every_migration_goes_down_and_up_again(app):
    db.session.remove()
    db.session.execute(sa.text("DELETE FROM users"))
    db.session.commit()
    db.session.remove()
    downgrade(revision="base")
    left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    upgrade()
    assert db.session.scalar(sa.text("SELECT count(*) FROM territories")) == 10
