"""Move a plan along: submit, approve or return, start, close, open a new version."""

from __future__ import annotations

from typing import Any

from crm.audit import use_cases as audit
from crm.clock import today, utc_now
from crm.database import db
from crm.deadlines.use_cases import refresh_firms
from crm.domain import support_plan
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.support_plans.models import PlanVersion, SupportPlan
from crm.support_plans.plan_text import to_document
from crm.support_plans.queries import basics_of, other_approvers, text_of
from crm.support_plans.use_cases.loading import plan_to_change

LEAST_WORDS = 4


def submit_plan(actor: Actor, plan_id: int, *, version: int | None = None) -> SupportPlan:
    """Hand a draft or a returned plan to the section chief; the text is frozen from here on.

    Raises RefusedError: plan_no_goal, plan_no_measure, plan_goal_incomplete, plan_measure_incomplete.
    """
    require(actor, Permission.PLAN_WRITE)
    with plan_to_change(actor, plan_id, version) as plan:
        to = support_plan.move(plan.state, "submit")
        _check_complete(plan)
        plan.submitted_by, plan.submitted_at = actor.user_id, utc_now()
        plan.decided_by = plan.decided_at = plan.return_reason = None
        _enter(actor, plan, "submit", to)
    return plan


def _check_complete(plan: SupportPlan) -> None:
    if not plan.goals:
        raise RefusedError("goals", "plan_no_goal")
    if not plan.measures:
        raise RefusedError("measures", "plan_no_measure")
    for goal in plan.goals:
        if goal.due_on is None:
            raise RefusedError("goals", "plan_goal_incomplete", title=goal.indicator)
    for measure in plan.measures:
        if measure.state != "cancelled" and (measure.due_on is None or measure.responsible_id is None):
            raise RefusedError("measures", "plan_measure_incomplete", title=measure.title)


def approve_plan(actor: Actor, plan_id: int, *, version: int | None = None) -> SupportPlan:
    """Approve a submitted plan and freeze its text as a version.

    Raises RefusedError(reason="plan_own_submission") where the actor submitted it himself and another
    section chief covers the firm; where there is none, the entry in the audit trail says so.
    """
    require(actor, Permission.PLAN_APPROVE)
    with plan_to_change(actor, plan_id, version) as plan:
        to = support_plan.move(plan.state, "approve")
        own = actor.user_id is not None and plan.submitted_by == actor.user_id
        if own and other_approvers(actor.user_id, plan.firm):
            raise RefusedError(None, "plan_own_submission")
        now = utc_now()
        plan.decided_by, plan.decided_at, plan.return_reason = actor.user_id, now, None
        text = text_of(plan, basics_of(plan.firm, today()))
        db.session.add(
            PlanVersion(
                plan_id=plan.id,
                version_no=plan.version_no,
                frozen_at=now,
                frozen_by=actor.user_id,
                document=to_document(text),
            )
        )
        after: dict[str, Any] = {"version_no": plan.version_no}
        if own:
            after["own_submission"] = True
        _enter(actor, plan, "approve", to, **after)
    return plan


def return_plan(actor: Actor, plan_id: int, reason: str, *, version: int | None = None) -> SupportPlan:
    """Send a submitted plan back with the reason. Raises RefusedError(reason="plan_reason_missing")."""
    require(actor, Permission.PLAN_APPROVE)
    said = _said(reason, "reason", "plan_reason_missing")
    with plan_to_change(actor, plan_id, version) as plan:
        to = support_plan.move(plan.state, "return")
        plan.decided_by, plan.decided_at, plan.return_reason = actor.user_id, utc_now(), said
        _enter(actor, plan, "return", to, reason=said)
    return plan


def start_plan(actor: Actor, plan_id: int, *, version: int | None = None) -> SupportPlan:
    """Begin to carry out an approved plan: from now on its measures move."""
    require(actor, Permission.PLAN_WRITE)
    with plan_to_change(actor, plan_id, version) as plan:
        _enter(actor, plan, "start", support_plan.move(plan.state, "start"))
    return plan


def close_plan(actor: Actor, plan_id: int, result: str, *, version: int | None = None) -> SupportPlan:
    """End a plan with its result; what was still due is due no more."""
    require(actor, Permission.PLAN_WRITE)
    said = _said(result, "result", "plan_result_missing")
    with plan_to_change(actor, plan_id, version) as plan:
        to = support_plan.move(plan.state, "close")
        plan.result = said
        _enter(actor, plan, "close", to, result=said)
    return plan


def revise_plan(actor: Actor, plan_id: int, *, version: int | None = None) -> SupportPlan:
    """Open the next version as a draft; the version approved last stays in force until the new one is."""
    require(actor, Permission.PLAN_WRITE)
    with plan_to_change(actor, plan_id, version) as plan:
        to = support_plan.move(plan.state, "revise")
        plan.version_no += 1
        plan.submitted_by = plan.submitted_at = plan.decided_by = plan.decided_at = None
        _enter(actor, plan, "revise", to, version_no=plan.version_no)
    return plan


def _enter(actor: Actor, plan: SupportPlan, action: str, to: str, **after: Any) -> None:
    """Set the state, write the entry, bring the deadlines of measures in line."""
    before, plan.state = plan.state, to
    audit.record(
        actor,
        f"support_plan.{action}",
        subject_type="support_plan",
        subject_id=plan.id,
        firm_id=plan.firm_id,
        before={"state": before},
        after={"state": to, **after},
    )
    db.session.flush()
    refresh_firms(actor, [plan.firm_id], today())


def _said(text: str, field: str, reason: str) -> str:
    said = text.strip()
    if len(said) < LEAST_WORDS:
        raise RefusedError(field, reason)
    return said
