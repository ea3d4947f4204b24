"""Submissions (报送批次): frozen exports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from crm.database import BigId, JsonText, UtcDateTime, db


class Submission(db.Model):
    """What a receiver was given: the bytes, their SHA-256, how many rows, who, when, for what."""

    __tablename__ = "submissions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    profile: Mapped[str] = mapped_column(sa.String(40))
    on_date: Mapped[date]
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey("territories.id"), index=True)
    filename: Mapped[str] = mapped_column(sa.String(200))
    encoding: Mapped[str] = mapped_column(sa.String(20))
    row_count: Mapped[int]
    byte_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    problems: Mapped[Any] = deferred(
        mapped_column(JsonText, nullable=False)
    )  # as they were when it was written
    problem_count: Mapped[int] = mapped_column(default=0)
    purpose: Mapped[str | None] = mapped_column(sa.String(200))
    created_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    created_by_name: Mapped[str] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.Index("ix_submissions_profile_id", "profile", "id"),)
