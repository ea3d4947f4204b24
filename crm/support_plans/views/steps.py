"""Steps of a plan and progress of its measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext

from crm.clock import today
from crm.domain import support_plan
from crm.domain.access import Permission
from crm.domain.errors import ChangedMeanwhileError, NotFoundError, RefusedError
from crm.firms.queries import firm_header
from crm.support_plans import labels, queries, use_cases
from crm.support_plans.forms import MeasureForm, MoveForm
from crm.support_plans.models import SupportPlan
from crm.support_plans.views.blueprint import blueprint
from crm.support_plans.views.reading import plan_page
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs

DONE_WORDS = {
    "submit": lambda: gettext("已提交审批。"),
    "approve": lambda: gettext("已批准，文本已固定为正式版本。"),
    "return": lambda: gettext("已退回，理由已记下。"),
    "start": lambda: gettext("方案开始执行。"),
    "close": lambda: gettext("方案已结束。"),
    "revise": lambda: gettext("已开新版本草稿，原版本在新版本批准前继续有效。"),
}


@blueprint.post("/plans/<int:plan_id>/moves")
@needs(Permission.PLAN_WRITE)
def move(plan_id: int) -> Any:
    """Submit, start, close or revise."""
    said = request.form.get("said", "")
    return _step(
        plan_id,
        {
            "submit": lambda actor, version: use_cases.submit_plan(actor, plan_id, version=version),
            "start": lambda actor, version: use_cases.start_plan(actor, plan_id, version=version),
            "revise": lambda actor, version: use_cases.revise_plan(actor, plan_id, version=version),
            "close": lambda actor, version: use_cases.close_plan(actor, plan_id, said, version=version),
        },
    )


@blueprint.post("/plans/<int:plan_id>/decision")
@needs(Permission.PLAN_APPROVE)
def decide(plan_id: int) -> Any:
    """Approve, or return with reasons."""
    said = request.form.get("said", "")
    return _step(
        plan_id,
        {
            "approve": lambda actor, version: use_cases.approve_plan(actor, plan_id, version=version),
            "return": lambda actor, version: use_cases.return_plan(actor, plan_id, said, version=version),
        },
    )


def _step(plan_id: int, steps: dict[str, Callable[..., SupportPlan]]) -> Any:
    actor, form = current_actor(), MoveForm()
    plan = queries.plan_for(actor, plan_id)
    step = steps.get(form.action.data or "")
    version = _number(form.version.data)
    if step is None or not form.validate_on_submit():
        return plan_page(plan, form, gettext("没有执行，请再点一次页面上的按钮。"))
    try:
        step(actor, version)
    except (RefusedError, ChangedMeanwhileError) as error:
        return plan_page(queries.plan_for(actor, plan_id), form, sentence(error))
    flash(DONE_WORDS[form.action.data](), "ok")
    return go_to(
        "support_plans.edit" if form.action.data == "revise" else "support_plans.show", plan_id=plan_id
    )


@blueprint.route("/plans/<int:plan_id>/measures/<int:measure_id>", methods=["GET", "POST"])
@needs(Permission.PLAN_WRITE)
def measure(plan_id: int, measure_id: int) -> Any:
    """Progress of one measure."""
    actor = current_actor()
    plan = queries.plan_for(actor, plan_id)
    row = next((row for row in plan.measures if row.id == measure_id), None)
    if row is None:
        raise NotFoundError("plan_measure", measure_id)
    form = MeasureForm()
    form.state.choices = [
        (state, labels.MEASURE_STATE_WORDS[state]) for state in support_plan.next_measure_states(row.state)
    ]
    if form.validate_on_submit():
        try:
            use_cases.move_measure(
                actor, plan_id, measure_id, form.state.data or "",
                done_on=form.done_on.data, evidence=form.evidence.data, version=_number(form.version.data),
            )  # fmt: skip
        except RefusedError as error:
            target = form[error.field] if error.field in ("state", "done_on", "evidence") else form.state
            target.errors = [sentence(error)]
        except ChangedMeanwhileError as error:
            form.state.errors = [sentence(error)]
            plan = queries.plan_for(actor, plan_id)
        else:
            flash(gettext("已更新“%(title)s”的进度。", title=row.title), "ok")
            return go_to("support_plans.show", plan_id=plan_id, _anchor="measures")
    elif request.method == "GET":
        form.state.data = request.args.get("to") or ("done" if row.state == "running" else None)
        form.done_on.data, form.evidence.data = today(), row.evidence
    form.version.data = str(plan.version)
    return render_template(
        "support_plans/measure.html",
        header=firm_header(actor, plan.firm_id),
        tab="plans",
        plan=plan,
        measure=row,
        form=form,
        may_move=use_cases.may_progress(plan, measure_id),
        back=url_for("support_plans.show", plan_id=plan_id),
    ), 422 if form.errors else 200


def _number(text: str | None) -> int:
    """A version as the form sends it; 0, which no record has, where it is broken."""
    return int(text) if text and text.isdecimal() else 0
