"""Deadlines: derived from their sources, never typed."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.database import BigId, UtcDateTime, db
from crm.firms.models import Firm


class Deadline(db.Model):
    """One thing due on a day, with what it comes from.

    state: open, done (done_on, evidence), waived (reason), closed (its source ended; reason). Overdue is
    open and past. Natural key: kind, source, period.
    """

    __tablename__ = "deadlines"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    source_type: Mapped[str] = mapped_column(sa.String(20))  # certification, measure
    source_id: Mapped[int] = mapped_column(sa.BigInteger)
    period: Mapped[str] = mapped_column(sa.String(20))
    due_on: Mapped[date]
    moved_from: Mapped[date | None]
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    done_on: Mapped[date | None]
    evidence: Mapped[str | None] = mapped_column(sa.String(300))
    reason: Mapped[str | None] = mapped_column(sa.String(300))
    settled_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    firm: Mapped[Firm] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("kind", "source_type", "source_id", "period"),
        sa.Index("ix_deadlines_state_due_on_id", "state", "due_on", "id"),
        sa.Index("ix_deadlines_firm_id_due_on", "firm_id", "due_on"),
        sa.Index("ix_deadlines_source", "source_type", "source_id"),
    )
