"""Count the statements a piece of code sends, to hold a list to a fixed number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from crm.database import db


@contextmanager
def count_statements() -> Iterator[list[str]]:
    """The texts of all statements sent inside the block, in order."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _many):  # type: ignore[no-untyped-def]
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
