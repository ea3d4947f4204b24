"""Write a plan's text: a new plan, a changed draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from crm.accounts.queries import possible_owners
from crm.audit import use_cases as audit
from crm.clock import today, utc_now
from crm.database import constraint_name, db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.domain.support_plan import MEASURE_KINDS, is_frozen
from crm.firms.queries import firm_for
from crm.support_plans.models import PlanGoal, PlanMeasure, SupportPlan
from crm.support_plans.plan_text import (
    GoalText,
    MeasureText,
    PlanText,
    audit_values,
    compare,
    to_document,
)
from crm.support_plans.queries import text_of
from crm.support_plans.use_cases.loading import plan_to_change

_UNIQUE = "uq_support_plans_firm_id_target_rung_target_year"


def create_plan(actor: Actor, firm_id: int, text: PlanText, *, owner_id: int | None = None) -> SupportPlan:
    """A draft for a firm of the actor's territory; the owner is the actor unless said otherwise.

    Raises RefusedError: plan_rung, plan_year, plan_branch, plan_firm_archived, plan_exists, or on a row.
    """
    require(actor, Permission.PLAN_WRITE)
    check_target(text.target_rung, text.target_year, today())
    try:
        with transaction():
            firm = firm_for(actor, firm_id)
            if firm.is_archived:
                raise RefusedError(None, "plan_firm_archived")
            if firm.is_branch:
                raise RefusedError(None, "plan_branch")
            plan = SupportPlan(
                firm_id=firm_id,
                target_rung=text.target_rung,
                target_year=text.target_year,
                owner_id=owner_id if owner_id is not None else actor.user_id,
                created_at=utc_now(),
                state="draft",
                version_no=1,
            )
            db.session.add(plan)
            db.session.flush()
            _write_text(actor, plan, text)
            document = to_document(text)
            audit.record(
                actor,
                "support_plan.create",
                subject_type="support_plan",
                subject_id=plan.id,
                firm_id=firm_id,
                after={
                    key: document[key]
                    for key in ("target_rung", "target_year", "summary", "goals", "measures")
                },
            )
    except IntegrityError as error:
        if constraint_name(error) == _UNIQUE:
            raise RefusedError("target_year", "plan_exists", year=text.target_year) from error
        raise
    return plan


def check_target(rung: int, year: int, on: date) -> None:
    """Raise RefusedError for a rung that is none, or a year nobody plans for."""
    if rung not in (1, 2, 3):
        raise RefusedError("target_rung", "plan_rung")
    first, last = on.year - 1, on.year + 10
    if not first <= year <= last:
        raise RefusedError("target_year", "plan_year", first=first, last=last)


def edit_plan(
    actor: Actor, plan_id: int, text: PlanText, *, version: int | None, owner_id: int | None = None
) -> SupportPlan:
    """Save the text of a draft or a returned plan; target rung and year stay as they are.

    Raises ChangedMeanwhileError where somebody saved before, RefusedError(reason="plan_frozen") outside the
    draft, or a refusal of a row. Nothing changed writes nothing.
    """
    require(actor, Permission.PLAN_WRITE)
    with plan_to_change(actor, plan_id, version) as plan:
        if is_frozen(plan.state):
            raise RefusedError("state", "plan_frozen")
        before = text_of(plan)
        old_owner = plan.owner_id
        _write_text(actor, plan, text)
        if owner_id is not None and owner_id != plan.owner_id:
            _check_people(actor, [owner_id], {plan.owner_id})
            plan.owner_id = owner_id
            db.session.flush()
        was, now = audit_values(compare(before, text_of(plan)))
        if plan.owner_id != old_owner:
            was["owner_id"], now["owner_id"] = old_owner, plan.owner_id
        if now:
            audit.record(
                actor,
                "support_plan.update",
                subject_type="support_plan",
                subject_id=plan.id,
                firm_id=plan.firm_id,
                before=was,
                after=now,
            )
    return plan


def _write_text(actor: Actor, plan: SupportPlan, text: PlanText) -> None:
    """Put goals and measures as the text says: known ids are changed, new ones added, absent ones removed."""
    _check_rows(text)
    _check_people(
        actor,
        [measure.responsible_id for measure in text.measures],
        {measure.responsible_id for measure in plan.measures} | {plan.owner_id},
    )
    plan.summary = text.summary or None
    goals: dict[int | None, PlanGoal] = {goal.id: goal for goal in plan.goals}
    plan.goals = [
        _filled(goals.get(row.id) or PlanGoal(), row, position) for position, row in enumerate(text.goals, 1)
    ]
    measures: dict[int | None, PlanMeasure] = {measure.id: measure for measure in plan.measures}
    kept = {row.id for row in text.measures}
    for measure in plan.measures:
        if measure.id not in kept and measure.state == "done":
            raise RefusedError("measures", "measure_done_kept", title=measure.title)
    plan.measures = [
        _filled(measures.get(row.id) or PlanMeasure(state="planned"), row, position)
        for position, row in enumerate(text.measures, 1)
    ]
    db.session.flush()
    for measure in plan.measures:
        # Set by id above: let the name be read anew for the audit entry.
        db.session.expire(measure, ["responsible"])


def _filled(target: Any, row: GoalText | MeasureText, position: int) -> Any:
    target.position = position
    for name, value in vars(row).items():
        if name not in ("id", "responsible"):
            setattr(target, name, value if value != "" else None)
    return target


def _check_rows(text: PlanText) -> None:
    for goal in text.goals:
        if not goal.indicator or not goal.value_to:
            raise RefusedError("goals", "goal_incomplete")
    for measure in text.measures:
        if not measure.title or not measure.kind:
            raise RefusedError("measures", "measure_incomplete")
        if measure.kind not in MEASURE_KINDS:
            raise RefusedError("measures", "measure_kind_unknown")


def _check_people(actor: Actor, wanted: Sequence[int | None], named: set[int | None]) -> None:
    """Only people of the actor's territory may be named; who is named already may stay."""
    new = {user_id for user_id in wanted if user_id is not None} - named
    if new and not new <= {user.id for user in possible_owners(actor)}:
        raise RefusedError("measures", "person_unknown")
