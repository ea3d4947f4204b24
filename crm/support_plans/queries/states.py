"""Where the plans of firms stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.database import db
from crm.support_plans.models import PlanMeasure, SupportPlan

_CHUNK = 500


@dataclass(frozen=True)
class PlanState:
    """State of a firm's newest plan and how many of its measures are done."""

    plan_id: int
    state: str
    target_rung: int
    target_year: int
    done: int
    total: int


def plan_state_of(firm_ids: Iterable[int]) -> dict[int, PlanState]:
    """Newest plan (latest target year) of each firm that has one; the caller has settled the territory."""
    wanted = list(firm_ids)
    found: dict[int, PlanState] = {}
    for start in range(0, len(wanted), _CHUNK):
        counted = sa.func.sum(sa.case((PlanMeasure.state != "cancelled", 1), else_=0))
        done = sa.func.sum(sa.case((PlanMeasure.state == "done", 1), else_=0))
        statement: Any = (
            sa.select(
                SupportPlan.firm_id, SupportPlan.id, SupportPlan.state, SupportPlan.target_rung,
                SupportPlan.target_year, done, counted,
            )
            .outerjoin(PlanMeasure, PlanMeasure.plan_id == SupportPlan.id)
            .where(SupportPlan.firm_id.in_(wanted[start : start + _CHUNK]))
            .group_by(SupportPlan.id)
            .order_by(SupportPlan.target_year, SupportPlan.id)
        )  # fmt: skip
        for firm_id, plan_id, state, rung, year, done_count, total in db.session.execute(statement):
            counts = int(done_count or 0), int(total or 0)
            found[firm_id] = PlanState(plan_id, state, rung, year, *counts)
    return found


def plans_of_firm(firm_id: int) -> list[tuple[SupportPlan, PlanState]]:
    """Plans of one firm, the latest target first; the caller has checked the territory."""
    plans = list(
        db.session.scalars(
            sa.select(SupportPlan)
            .options(joinedload(SupportPlan.owner), selectinload(SupportPlan.measures))
            .where(SupportPlan.firm_id == firm_id)
            .order_by(SupportPlan.target_year.desc(), SupportPlan.id.desc())
        )
    )
    return [(plan, _state_of(plan)) for plan in plans]


def _state_of(plan: SupportPlan) -> PlanState:
    counted = [measure for measure in plan.measures if measure.state != "cancelled"]
    done = sum(measure.state == "done" for measure in counted)
    return PlanState(plan.id, plan.state, plan.target_rung, plan.target_year, done, len(counted))
