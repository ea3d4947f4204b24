"""Progress of a running plan's measures; no new version is needed for it."""

from __future__ import annotations

from datetime import date

from crm.audit import use_cases as audit
from crm.clock import today
from crm.database import db
from crm.deadlines.use_cases import refresh_firms
from crm.domain import support_plan
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import NotFoundError, RefusedError
from crm.support_plans.models import PlanMeasure, SupportPlan
from crm.support_plans.queries import UNDER_REVISION, frozen_text
from crm.support_plans.use_cases.loading import plan_to_change


def may_progress(plan: SupportPlan, measure_id: int) -> bool:
    """Whether a measure may move: its plan runs, or ran with it and is being revised meanwhile."""
    if plan.state == "running":
        return True
    if plan.state not in UNDER_REVISION or plan.version_no == 1:
        return False
    promised = frozen_text(plan.id, plan.version_no - 1).measures
    return any(measure.id == measure_id for measure in promised)


def move_measure(
    actor: Actor,
    plan_id: int,
    measure_id: int,
    to: str,
    *,
    done_on: date | None = None,
    evidence: str | None = None,
    version: int | None = None,
) -> PlanMeasure:
    """Set a measure of a running plan to planned, running, done or cancelled.

    done_on and evidence: needed for done; a reason may stand as evidence of a cancelled one.
    Raises RefusedError: plan_not_running, measure_state, measure_done_on_missing, measure_done_in_future,
    measure_evidence_missing.
    """
    require(actor, Permission.PLAN_WRITE)
    with plan_to_change(actor, plan_id, version) as plan:
        measure = next((row for row in plan.measures if row.id == measure_id), None)
        if measure is None:
            raise NotFoundError("plan_measure", measure_id)
        if not may_progress(plan, measure_id):
            raise RefusedError("state", "plan_not_running")
        new_state = support_plan.move_measure(measure.state, to)
        proof = (evidence or "").strip()
        if new_state == "done":
            if done_on is None:
                raise RefusedError("done_on", "measure_done_on_missing")
            if done_on > today():
                raise RefusedError("done_on", "measure_done_in_future")
            if not proof:
                raise RefusedError("evidence", "measure_evidence_missing")
        before = {"state": measure.state, "done_on": measure.done_on, "evidence": measure.evidence}
        measure.state = new_state
        measure.done_on = done_on if new_state == "done" else None
        # What was written down stays when a measure is taken up again.
        measure.evidence = proof or measure.evidence
        audit.record(
            actor,
            "support_plan.measure",
            subject_type="support_plan",
            subject_id=plan.id,
            firm_id=plan.firm_id,
            before={"measure": measure.id, "title": measure.title, **before},
            after={
                "measure": measure.id,
                "title": measure.title,
                "state": new_state,
                "done_on": measure.done_on,
                "evidence": measure.evidence,
            },
        )
        db.session.flush()
        refresh_firms(actor, [plan.firm_id], today())
    return measure
