"""What runs by itself: the last run of each periodic task, where the administrator sees it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import BigId, UtcDateTime, db


class TaskRun(db.Model):
    """Last start, last good end and last fault of a periodic task."""

    __tablename__ = "task_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ok_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(sa.String(500))
    host: Mapped[str] = mapped_column(sa.String(120))
