"""Certifications: one grant of a scheme to a firm."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.database import BigId, UtcDateTime, db, sort_text
from crm.firms.models import Firm


class Certification(db.Model):
    """One grant: number, dates, and what ended it.

    valid_to is the last day in force (None: open-ended). renews_id points at the certification this one
    renews; the chain is followed both ways. revoked_from: first day no longer in force.
    """

    __tablename__ = "certifications"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"), index=True)
    scheme: Mapped[str] = mapped_column(sa.String(40))
    number: Mapped[str | None] = mapped_column(sa.String(60))
    number_normal: Mapped[str | None] = mapped_column(sort_text(60))
    granted_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    update_due: Mapped[date | None]
    cohort: Mapped[str | None] = mapped_column(sa.String(60))  # 批次
    authority: Mapped[str | None] = mapped_column(sa.String(100))
    revoked_from: Mapped[date | None]
    revoke_reason: Mapped[str | None] = mapped_column(sa.String(300))
    renews_id: Mapped[int | None] = mapped_column(sa.ForeignKey("certifications.id"), unique=True)
    note: Mapped[str | None] = mapped_column(sa.Text)
    import_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    firm: Mapped[Firm] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("scheme", "number_normal"),
        sa.Index("ix_certifications_scheme_valid_to", "scheme", "valid_to"),
        sa.Index("ix_certifications_valid_to", "valid_to"),
    )
