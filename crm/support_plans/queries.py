"""Reads of support plans for pages and for other features, always within the actor's territory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.accounts.queries import possible_owners
from crm.audit.models import AuditEntry
from crm.certifications.queries import grants_of
from crm.clock import today
from crm.database import db
from crm.domain.access import Actor, Permission, Role, may
from crm.domain.certification import in_force
from crm.domain.deadlines import MeasureFacts
from crm.domain.errors import NotFoundError, RefusedError
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import PlanMeasure, PlanVersion, SupportPlan
from crm.support_plans.plan_text import (
    CertificateLine,
    FirmBasics,
    GoalText,
    MeasureText,
    PlanText,
    from_document,
)
from crm.territories.queries import tree

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


@dataclass(frozen=True)
class VersionLine:
    """One frozen version: who froze it, when."""

    version_no: int
    frozen_at: datetime
    frozen_by: str | None


def versions_of(plan_id: int) -> list[VersionLine]:
    """Frozen versions, newest first; the caller has checked the territory."""
    statement = (
        sa.select(PlanVersion.version_no, PlanVersion.frozen_at, User.display_name)
        .outerjoin(User, User.id == PlanVersion.frozen_by)
        .where(PlanVersion.plan_id == plan_id)
        .order_by(PlanVersion.version_no.desc())
    )
    return [VersionLine(*row) for row in db.session.execute(statement)]


def frozen_text(plan_id: int, version_no: int) -> PlanText:
    """The text of an approved version. Raises RefusedError(reason="version_unknown")."""
    document = db.session.scalar(
        sa.select(PlanVersion.document).where(
            PlanVersion.plan_id == plan_id, PlanVersion.version_no == version_no
        )
    )
    if document is None:
        raise RefusedError("version", "version_unknown")
    return from_document(document)


@dataclass(frozen=True)
class PlanEvent:
    """One line of a plan's history; note is the reason, the result or the measure concerned."""

    at: datetime
    who: str
    action: str
    note: str


def events_of(plan_id: int) -> list[PlanEvent]:
    """What was done with a plan, newest first; the caller has checked the territory."""
    statement = (
        sa.select(
            AuditEntry.at,
            sa.func.coalesce(User.display_name, AuditEntry.actor_name),
            AuditEntry.action,
            AuditEntry.after,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_type == "support_plan", AuditEntry.subject_id == plan_id)
        .order_by(AuditEntry.id.desc())
        .limit(100)
    )
    return [
        PlanEvent(at, who, action, _note(after)) for at, who, action, after in db.session.execute(statement)
    ]


def _note(after: dict[str, Any] | None) -> str:
    values = after or {}
    return str(values.get("reason") or values.get("result") or values.get("title") or "")


def possible_people(actor: Actor, *also: int | None) -> list[User]:
    """Who may be responsible: officers and liaisons of the actor's territory, and who is named already."""
    people = possible_owners(actor)
    missing = {i for i in also if i is not None} - {user.id for user in people}
    if missing:
        people += db.session.scalars(sa.select(User).where(User.id.in_(missing)).order_by(User.id))
    return people


def other_approvers(actor_id: int | None, firm: Firm) -> bool:
    """True where another active section chief covers the firm: nobody should approve his own submission."""
    chiefs = db.session.scalars(
        sa.select(User).where(User.role == Role.SECTION_CHIEF, User.is_active, User.id != (actor_id or 0))
    )
    places = [i for i in (firm.district_id, firm.township_id) if i is not None]
    return any(tree().is_within(place, chief.territory.path) for chief in chiefs for place in places)


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


@dataclass(frozen=True)
class PlanToDecide:
    """A submitted plan that waits for the actor's decision."""

    id: int
    firm_id: int
    firm_name: str
    firm_rung: int
    target_rung: int
    target_year: int
    version_no: int
    submitted_by: str | None
    submitted_at: datetime | None


def plans_to_decide(actor: Actor, limit: int = 50) -> list[PlanToDecide]:
    """Submitted plans that the actor may approve, the longest waiting first; none for other roles.

    A chief's own submissions are left to a colleague; where there is none, they are listed too.
    """
    if not may(actor, Permission.PLAN_APPROVE):
        return []
    submitter = sa.orm.aliased(User)
    statement = (
        sa.select(
            SupportPlan.id, Firm.id, Firm.name, Firm.rung, SupportPlan.target_rung, SupportPlan.target_year,
            SupportPlan.version_no, submitter.display_name, SupportPlan.submitted_at,
        )
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .outerjoin(submitter, submitter.id == SupportPlan.submitted_by)
        .where(SupportPlan.state == "submitted", in_scope(actor), to_be_decided_by(actor))
        .order_by(SupportPlan.submitted_at, SupportPlan.id)
        .limit(limit)
    )  # fmt: skip
    return [PlanToDecide(*row) for row in db.session.execute(statement)]


def to_be_decided_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition on SupportPlan: not the actor's own submission while another chief covers his territory."""
    chiefs = db.session.scalars(
        sa.select(User).where(
            User.role == Role.SECTION_CHIEF, User.is_active, User.id != (actor.user_id or 0)
        )
    )
    if any(actor.territory_path.startswith(chief.territory.path) for chief in chiefs):
        return sa.or_(SupportPlan.submitted_by.is_(None), SupportPlan.submitted_by != actor.user_id)
    return sa.true()


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


def overdue_on(on: date | None = None) -> sa.ColumnElement[bool]:
    """Condition on SupportPlan: in force, with a measure whose day has passed."""
    late = sa.exists().where(
        PlanMeasure.plan_id == SupportPlan.id,
        PlanMeasure.state.in_(("planned", "running")),
        PlanMeasure.due_on < (on or today()),
    )
    return sa.and_(SupportPlan.state.in_(IN_FORCE), late)
