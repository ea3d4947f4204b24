"""One plan: its rows, its text, the firm it is for."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.certifications.queries import grants_of
from crm.database import db
from crm.domain.access import Actor
from crm.domain.certification import in_force
from crm.domain.errors import NotFoundError
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import PlanMeasure, SupportPlan
from crm.support_plans.plan_text import (
    CertificateLine,
    FirmBasics,
    GoalText,
    MeasureText,
    PlanText,
)
from crm.territories.queries import tree


def plan_for(actor: Actor, plan_id: int) -> SupportPlan:
    """One plan with its goals, measures and people. Raises NotFoundError outside the actor's territory."""
    plan = db.session.scalar(
        sa.select(SupportPlan)
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .options(
            joinedload(SupportPlan.firm),
            joinedload(SupportPlan.owner),
            selectinload(SupportPlan.goals),
            selectinload(SupportPlan.measures).joinedload(PlanMeasure.responsible),
        )
        .where(SupportPlan.id == plan_id, in_scope(actor))
    )
    if plan is None:
        raise NotFoundError("support_plan", plan_id)
    return plan


def plan_locked(actor: Actor, plan_id: int) -> SupportPlan:
    """The plan as it is stored now, held against other writers until the transaction ends.

    Raises NotFoundError outside the actor's territory.
    """
    plan = db.session.scalar(
        sa.select(SupportPlan)
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .options(
            joinedload(SupportPlan.firm, innerjoin=True),
            selectinload(SupportPlan.goals),
            selectinload(SupportPlan.measures).joinedload(PlanMeasure.responsible),
        )
        .where(SupportPlan.id == plan_id, in_scope(actor))
        .with_for_update(of=SupportPlan)
        .execution_options(populate_existing=True)
    )
    if plan is None:
        raise NotFoundError("support_plan", plan_id)
    return plan


def text_of(plan: SupportPlan, firm: FirmBasics | None = None) -> PlanText:
    """The plan's text as its rows hold it now."""
    return PlanText(
        plan.target_rung,
        plan.target_year,
        plan.summary,
        tuple(
            GoalText(goal.id, goal.indicator, goal.unit, goal.value_from, goal.value_to, goal.due_on)
            for goal in plan.goals
        ),
        tuple(
            MeasureText(
                measure.id,
                measure.kind,
                measure.title,
                measure.responsible_id,
                measure.responsible.display_name if measure.responsible else "",
                measure.partner,
                measure.due_on,
                measure.amount,
            )
            for measure in plan.measures
        ),
        firm,
    )


def basics_of(firm: Firm, on: date) -> FirmBasics:
    """The firm as a plan's first section prints it, with the certifications in force on that day."""
    grants = [grant for grant in grants_of([firm.id])[firm.id] if in_force(grant, on)]
    return FirmBasics(
        name=firm.name,
        code=firm.code,
        place=tree().name(firm.district_id) + tree().name(firm.township_id),
        registered_on=firm.registered_on,
        firm_type=firm.firm_type,
        registered_capital=firm.registered_capital,
        industry=firm.industry,
        hnte_field=firm.hnte_field,
        rung=firm.rung,
        certificates=tuple(CertificateLine(grant.scheme, grant.number, grant.valid_to) for grant in grants),
    )
