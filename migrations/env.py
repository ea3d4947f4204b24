"""Runs migrations on the application's database; short lock limits on PostgreSQL."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import context
from flask import current_app

from crm.database import JsonText, UtcDateTime, WanAmount, db

log = logging.getLogger("alembic")


def render_item(type_: str, item: object, autogen_context: object) -> str | bool:
    """Plain column types in migrations: they must not import the product's code."""
    if type_ != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, JsonText):
        return "sa.Text()"
    if isinstance(item, WanAmount):
        return 'sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")'
    if isinstance(item, sa.BigInteger) and item._variant_mapping:
        return "BigId"
    if isinstance(item, sa.String) and not isinstance(item, sa.Text) and item._variant_mapping:
        return f"sort_text({item.length})"
    return False


def run() -> None:
    engine = db.engine
    if context.is_offline_mode():
        context.configure(url=str(engine.url), target_metadata=db.metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # A migration waits briefly for a lock and gives up, rather than queue every reader behind it.
            connection.execute(sa.text("SET lock_timeout = '10s'"))
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            render_as_batch=False,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


if not current_app:
    raise RuntimeError("run migrations with: flask db upgrade")
run()
