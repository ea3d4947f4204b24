"""Pages that show plans: the list, a firm's plans, one plan, its versions side by side."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from crm.activities.queries import recent
from crm.clock import today
from crm.domain import support_plan
from crm.domain.access import Permission, may
from crm.domain.errors import NotFoundError
from crm.firms.queries import firm_header
from crm.support_plans import queries, use_cases
from crm.support_plans.forms import MoveForm
from crm.support_plans.models import SupportPlan
from crm.support_plans.plan_list import VIEWS, PlanFilter, page_of_plans
from crm.support_plans.plan_text import compare as compare_texts
from crm.support_plans.views.blueprint import blueprint
from crm.web.signed_in import current_actor, needs


@blueprint.get("/plans")
@needs(Permission.PLAN_READ)
def index() -> Any:
    """Plans of the actor's territory."""
    view = request.args.get("view", "")
    wanted = PlanFilter(view, request.args.get("after", type=int), request.args.get("before", type=int))
    page = page_of_plans(current_actor(), wanted, today())
    shown = [key for key in (*VIEWS, *support_plan.PLAN_STATES) if key in page.counts]
    return render_template("support_plans/index.html", page=page, view=view, shown=shown)


@blueprint.get("/firms/<int:firm_id>/plans")
@needs(Permission.PLAN_READ)
def of_firm(firm_id: int) -> Any:
    """Plans of one firm."""
    header = firm_header(current_actor(), firm_id)
    plans = queries.plans_of_firm(firm_id)
    return render_template("support_plans/of_firm.html", header=header, tab="plans", items=plans)


@blueprint.get("/plans/<int:plan_id>")
@needs(Permission.PLAN_READ)
def show(plan_id: int) -> Any:
    """One plan as the document it becomes."""
    return plan_page(queries.plan_for(current_actor(), plan_id), MoveForm(formdata=None))


def plan_page(plan: SupportPlan, form: MoveForm, problem: str = "") -> Any:
    """The plan's page; form and problem: a step that was refused, with what was typed."""
    actor = current_actor()
    versions = queries.versions_of(plan.id)
    is_final = support_plan.is_frozen(plan.state) and plan.state != "submitted"
    frozen = queries.frozen_text(plan.id, plan.version_no).firm if is_final and versions else None
    actions = [action for action in support_plan.next_actions(plan.state) if _may(action)]
    tried = form.action.data or ""
    form.version.data = str(plan.version)
    return render_template(
        "support_plans/show.html",
        header=firm_header(actor, plan.firm_id),
        tab="plans",
        plan=plan,
        text=queries.text_of(plan, frozen or queries.basics_of(plan.firm, today())),
        measures={measure.id: measure for measure in plan.measures},
        moving=_moving(plan),
        versions=versions,
        events=queries.events_of(plan.id),
        services=recent(plan.firm_id, 5) if may(actor, Permission.ACTIVITY_READ) else [],
        actions=actions,
        form=form,
        tried=tried,
        problem=problem,
    ), 422 if problem else 200


def _may(action: str) -> bool:
    needed = Permission.PLAN_APPROVE if action in ("approve", "return") else Permission.PLAN_WRITE
    return may(current_actor(), needed)


def _moving(plan: SupportPlan) -> frozenset[int]:
    """Measures whose progress the actor may update."""
    if not may(current_actor(), Permission.PLAN_WRITE):
        return frozenset()
    return frozenset(m.id for m in plan.measures if use_cases.may_progress(plan, m.id))


@blueprint.get("/plans/<int:plan_id>/versions/<int:version_no>")
@needs(Permission.PLAN_READ)
def version(plan_id: int, version_no: int) -> Any:
    """A version as it was approved."""
    actor = current_actor()
    plan = queries.plan_for(actor, plan_id)
    line = next((line for line in queries.versions_of(plan_id) if line.version_no == version_no), None)
    if line is None:
        raise NotFoundError("plan_version", version_no)
    return render_template(
        "support_plans/version.html",
        header=firm_header(actor, plan.firm_id),
        tab="plans",
        plan=plan,
        line=line,
        text=queries.frozen_text(plan_id, version_no),
    )


@blueprint.get("/plans/<int:plan_id>/compare")
@needs(Permission.PLAN_READ)
def compare(plan_id: int) -> Any:
    """Two versions side by side; to=0 (or none) is the text as it stands now."""
    actor = current_actor()
    plan = queries.plan_for(actor, plan_id)
    versions = [line.version_no for line in queries.versions_of(plan_id)]
    older = request.args.get("from", type=int) or (versions[0] if versions else 0)
    newer = request.args.get("to", type=int) or 0
    if older not in versions or (newer and newer not in versions):
        raise NotFoundError("plan_version", older)
    now = queries.frozen_text(plan_id, newer) if newer else queries.text_of(plan)
    return render_template(
        "support_plans/compare.html",
        header=firm_header(actor, plan.firm_id),
        tab="plans",
        plan=plan,
        versions=versions,
        older=older,
        newer=newer,
        result=compare_texts(queries.frozen_text(plan_id, older), now),
    )
