"""Measures of plans in force: what is still to be done, what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.clock import today
from crm.database import db
from crm.domain.access import Actor
from crm.domain.deadlines import MeasureFacts
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import PlanMeasure, PlanVersion, SupportPlan
from crm.support_plans.plan_text import (
    from_document,
)

IN_FORCE = ("approved", "running")
UNDER_REVISION = ("draft", "submitted", "returned")
_CHUNK = 500


@dataclass(frozen=True)
class OpenMeasure:
    """A measure of a plan in force that is neither done nor cancelled; due_on None where not dated."""

    id: int
    plan_id: int
    firm_id: int
    firm_name: str
    title: str
    kind: str
    state: str
    due_on: date | None
    responsible: str | None
    partner: str | None


def measure_facts(firm_ids: Iterable[int]) -> dict[int, list[MeasureFacts]]:
    """Measures of plans in force by firm, for deadlines; a firm without any has an empty list.

    While a new version is being written, the version approved last stays in force: its due dates count,
    not those of the draft. Progress is always today's. The caller's own query has settled the territory.
    """
    wanted = list(firm_ids)
    found: dict[int, list[MeasureFacts]] = {firm_id: [] for firm_id in wanted}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        revised = _documents_in_force(chunk)
        states: dict[int, str] = {}
        statement = (
            sa.select(
                SupportPlan.firm_id, SupportPlan.id, PlanMeasure.id, PlanMeasure.due_on, PlanMeasure.state
            )
            .join(PlanMeasure, PlanMeasure.plan_id == SupportPlan.id)
            .where(
                SupportPlan.firm_id.in_(chunk),
                sa.or_(SupportPlan.state.in_(IN_FORCE), SupportPlan.id.in_(revised)),
            )
            .order_by(PlanMeasure.id)
        )
        for firm_id, plan_id, measure_id, due_on, state in db.session.execute(statement):
            states[measure_id] = state
            if plan_id not in revised:
                found[firm_id].append(MeasureFacts(measure_id, due_on, state))
        for firm_id, document in revised.values():
            for measure in from_document(document).measures:
                if measure.id is not None:
                    # Struck out in the draft only: still promised until the new version is approved.
                    state = states.get(measure.id, "planned")
                    found[firm_id].append(MeasureFacts(measure.id, measure.due_on, state))
    return found


def _documents_in_force(firm_ids: list[int]) -> dict[int, tuple[int, dict[str, Any]]]:
    """plan id -> (firm id, document approved last), of plans whose next version is being written."""
    newest = (
        sa.select(sa.func.max(PlanVersion.version_no))
        .where(PlanVersion.plan_id == SupportPlan.id)
        .correlate(SupportPlan)
        .scalar_subquery()
    )
    statement = (
        sa.select(SupportPlan.id, SupportPlan.firm_id, PlanVersion.document)
        .join(PlanVersion, PlanVersion.plan_id == SupportPlan.id)
        .where(
            SupportPlan.firm_id.in_(firm_ids),
            SupportPlan.state.in_(UNDER_REVISION),
            PlanVersion.version_no == newest,
        )
    )
    return {plan_id: (firm_id, document) for plan_id, firm_id, document in db.session.execute(statement)}


def open_measures(
    actor: Actor, firm_id: int | None = None, *, mine: bool = False, limit: int = 100
) -> list[OpenMeasure]:
    """Measures still to be done of plans in force, the earliest first; of one firm, or the actor's own."""
    statement: Any = (
        sa.select(
            PlanMeasure.id, SupportPlan.id, Firm.id, Firm.name, PlanMeasure.title, PlanMeasure.kind,
            PlanMeasure.state, PlanMeasure.due_on, User.display_name, PlanMeasure.partner,
        )
        .join(SupportPlan, SupportPlan.id == PlanMeasure.plan_id)
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .outerjoin(User, User.id == PlanMeasure.responsible_id)
        .where(open_measure(), in_scope(actor), Firm.is_archived.is_(False))
        .order_by(PlanMeasure.due_on.is_(None), PlanMeasure.due_on, PlanMeasure.id)
        .limit(limit)
    )  # fmt: skip
    if firm_id is not None:
        statement = statement.where(Firm.id == firm_id)
    if mine:
        statement = statement.where(PlanMeasure.responsible_id == actor.user_id)
    return [OpenMeasure(*row) for row in db.session.execute(statement)]


def open_measure() -> sa.ColumnElement[bool]:
    """Condition on PlanMeasure joined with SupportPlan: promised and not yet settled."""
    return sa.and_(SupportPlan.state.in_(IN_FORCE), PlanMeasure.state.in_(("planned", "running")))


def overdue_on(on: date | None = None) -> sa.ColumnElement[bool]:
    """Condition on SupportPlan: in force, with a measure whose day has passed."""
    late = sa.exists().where(
        PlanMeasure.plan_id == SupportPlan.id,
        PlanMeasure.state.in_(("planned", "running")),
        PlanMeasure.due_on < (on or today()),
    )
    return sa.and_(SupportPlan.state.in_(IN_FORCE), late)
