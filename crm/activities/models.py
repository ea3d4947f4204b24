"""Activities (服务记录): visits, calls, meetings, training, mail."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.database import BigId, UtcDateTime, db
from crm.firms.models import Firm


class Activity(db.Model):
    """One service rendered. form_key makes a form sent twice one record."""

    __tablename__ = "activities"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))  # visit, call, meeting, training, mail
    happened_on: Mapped[date]
    minutes: Mapped[int | None]
    firm_people: Mapped[str | None] = mapped_column(sa.String(200))
    summary: Mapped[str] = mapped_column(sa.Text)
    next_step: Mapped[str | None] = mapped_column(sa.String(200))
    next_step_due: Mapped[date | None]
    next_step_done_on: Mapped[date | None]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    form_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    firm: Mapped[Firm] = relationship()
    user: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.Index("ix_activities_firm_id_happened_on", "firm_id", "happened_on"),
        sa.Index("ix_activities_user_id_next_step_due", "user_id", "next_step_due"),
    )
