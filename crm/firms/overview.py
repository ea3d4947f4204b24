"""What the overview of a firm answers in one screen: what is due, what was promised, what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.accounts.models import User
from crm.activities.queries import ActivityRow, recent
from crm.database import db
from crm.deadlines.models import Deadline
from crm.support_plans.models import PlanMeasure, SupportPlan

SHOWN = 4


@dataclass(frozen=True)
class DueLine:
    """One open deadline; measure: title of the measure where one is due."""

    id: int
    kind: str
    due_on: date
    measure: str | None


@dataclass(frozen=True)
class MeasureLine:
    """One measure of a plan in force."""

    id: int
    plan_id: int
    title: str
    kind: str
    state: str
    due_on: date | None
    partner: str | None
    person: str | None


@dataclass(frozen=True)
class Overview:
    """The first lines of each panel."""

    due: tuple[DueLine, ...]
    measures: tuple[MeasureLine, ...]
    activities: tuple[ActivityRow, ...]


def overview(firm_id: int) -> Overview:
    """First lines of the panels, three statements; the caller has checked the territory."""
    measure = sa.and_(Deadline.source_type == "measure", Deadline.source_id == PlanMeasure.id)
    due = db.session.execute(
        sa.select(Deadline.id, Deadline.kind, Deadline.due_on, PlanMeasure.title)
        .outerjoin(PlanMeasure, measure)
        .where(Deadline.firm_id == firm_id, Deadline.state == "open")
        .order_by(Deadline.due_on, Deadline.id)
        .limit(SHOWN)
    )
    settled = PlanMeasure.state.in_(("done", "cancelled"))
    measures = db.session.execute(
        sa.select(
            PlanMeasure.id,
            PlanMeasure.plan_id,
            PlanMeasure.title,
            PlanMeasure.kind,
            PlanMeasure.state,
            PlanMeasure.due_on,
            PlanMeasure.partner,
            User.display_name,
        )
        .join(SupportPlan, SupportPlan.id == PlanMeasure.plan_id)
        .outerjoin(User, User.id == PlanMeasure.responsible_id)
        .where(SupportPlan.firm_id == firm_id, SupportPlan.state != "closed")
        .order_by(settled, PlanMeasure.due_on.is_(None), PlanMeasure.due_on, PlanMeasure.id)
        .limit(SHOWN)
    )
    return Overview(
        due=tuple(DueLine(*row) for row in due),
        measures=tuple(MeasureLine(*row) for row in measures),
        activities=tuple(recent(firm_id, SHOWN)),
    )
