"""A file on its way in: uploaded, read, checked, applied, reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import BigId, JsonText, UtcDateTime, db


class ImportBatch(db.Model):
    """One file and what became of it. The file lies under the data folder by its stored name.

    kind: firms or certifications. state: uploaded, checking, checked, applying, applied, failed, cancelled.
    counts: rows, new, changed, same, refused, warnings. problems: row, column, value, code, message.
    """

    __tablename__ = "import_batches"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(12))
    filename: Mapped[str] = mapped_column(sa.String(200))
    stored_name: Mapped[str] = mapped_column(sa.String(80))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey("territories.id"))
    created_by: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    options: Mapped[Any] = mapped_column(JsonText)  # sheet, header_row, encoding, mapping, skip_bad_rows
    counts: Mapped[Any | None] = mapped_column(JsonText)
    problems: Mapped[Any | None] = mapped_column(JsonText)
    preview: Mapped[Any | None] = mapped_column(JsonText)
    error: Mapped[Any | None] = mapped_column(JsonText)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    cancel_wanted: Mapped[bool] = mapped_column(default=False)
    # Whoever works on it holds the lease; a sweep takes up what a dead worker left.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempt: Mapped[int] = mapped_column(default=0)
