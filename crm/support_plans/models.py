"""Support plans (帮扶方案): goals, measures, versions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.database import BigId, JsonText, UtcDateTime, WanAmount, db
from crm.firms.models import Firm


class SupportPlan(db.Model):
    """One firm, one target rung, one year. state: see crm.domain.support_plan.PLAN_STATES."""

    __tablename__ = "support_plans"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"), index=True)
    target_rung: Mapped[int]
    target_year: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="draft", index=True)
    version_no: Mapped[int] = mapped_column(default=1)
    summary: Mapped[str | None] = mapped_column(sa.Text)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    submitted_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_reason: Mapped[str | None] = mapped_column(sa.Text)
    result: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    firm: Mapped[Firm] = relationship()
    owner: Mapped[User | None] = relationship()
    goals: Mapped[list[PlanGoal]] = relationship(
        back_populates="plan", order_by="PlanGoal.position", cascade="all, delete-orphan"
    )
    measures: Mapped[list[PlanMeasure]] = relationship(
        back_populates="plan", order_by="PlanMeasure.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (sa.UniqueConstraint("firm_id", "target_rung", "target_year"),)


class PlanGoal(db.Model):
    """What shall be reached: measured how, from which value to which, by when."""

    __tablename__ = "plan_goals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("support_plans.id"), index=True)
    position: Mapped[int]
    indicator: Mapped[str] = mapped_column(sa.String(120))
    unit: Mapped[str | None] = mapped_column(sa.String(20))
    value_from: Mapped[str | None] = mapped_column(sa.String(40))
    value_to: Mapped[str] = mapped_column(sa.String(40))
    due_on: Mapped[date | None]

    plan: Mapped[SupportPlan] = relationship(back_populates="goals")


class PlanMeasure(db.Model):
    """What we do about it: kind, person, partner, due date, state, evidence, money in 万元."""

    __tablename__ = "plan_measures"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("support_plans.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(200))
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    partner: Mapped[str | None] = mapped_column(sa.String(120))
    due_on: Mapped[date | None]
    amount: Mapped[Decimal | None] = mapped_column(WanAmount)
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    done_on: Mapped[date | None]
    evidence: Mapped[str | None] = mapped_column(sa.String(300))

    plan: Mapped[SupportPlan] = relationship(back_populates="measures")
    responsible: Mapped[User | None] = relationship()


class PlanVersion(db.Model):
    """The frozen text of an approved version, as a document; never changed."""

    __tablename__ = "plan_versions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("support_plans.id"))
    version_no: Mapped[int]
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    frozen_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    document: Mapped[Any] = mapped_column(JsonText)

    __table_args__ = (sa.UniqueConstraint("plan_id", "version_no"),)
