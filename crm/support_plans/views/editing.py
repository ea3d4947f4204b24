"""Pages that write a plan's text: new and edit. Row buttons work without script."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext

from crm.clock import today
from crm.domain import support_plan
from crm.domain.access import Permission
from crm.domain.errors import ChangedMeanwhileError, RefusedError
from crm.firms.queries import firm_header
from crm.support_plans import queries, use_cases
from crm.support_plans.forms import PlanForm
from crm.support_plans.models import SupportPlan
from crm.support_plans.plan_text import Comparison, compare
from crm.support_plans.views.blueprint import blueprint
from crm.web.saved_drafts import draft_saved
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, is_htmx, needs


@blueprint.route("/firms/<int:firm_id>/plans/new", methods=["GET", "POST"])
@needs(Permission.PLAN_WRITE)
def new(firm_id: int) -> Any:
    """A new plan for a firm."""
    actor = current_actor()
    header = firm_header(actor, firm_id)
    form = PlanForm()
    if request.method == "GET":
        form.target_rung.data = str(min(header.rung + 1, 3))
        form.target_year.data = str(today().year + 1)
        form.owner_id.data = str(actor.user_id)
        form.append(None, "goals")
        form.append(None, "measures")
        form.version.data = "0"
    form.offer_people(queries.possible_people(actor))
    step = request.form.get("step", "save")
    if request.method == "POST" and step != "save":
        return _rows_changed(form, step, header, None)
    if form.validate_on_submit():
        try:
            plan = use_cases.create_plan(actor, firm_id, form.text(), owner_id=form.chosen_owner)
        except RefusedError as error:
            _say(form, error)
        else:
            draft_saved(draft_key(firm_id, None))
            flash(gettext("已保存方案草稿。核对后点“提交审批”。"), "ok")
            return go_to("support_plans.show", plan_id=plan.id)
    return _form_page(form, header, None)


@blueprint.route("/plans/<int:plan_id>/edit", methods=["GET", "POST"])
@needs(Permission.PLAN_WRITE)
def edit(plan_id: int) -> Any:
    """Change the text of a draft or a returned plan."""
    actor = current_actor()
    plan = queries.plan_for(actor, plan_id)
    header = firm_header(actor, plan.firm_id)
    stored = queries.text_of(plan)
    if support_plan.is_frozen(plan.state):
        flash(sentence(RefusedError("state", "plan_frozen")), "late")
        return go_to("support_plans.show", plan_id=plan_id)
    form = PlanForm()
    if request.method == "GET":
        form.show(stored, plan.version, plan.owner_id)
    named = [measure.responsible_id for measure in plan.measures]
    form.offer_people(queries.possible_people(actor, plan.owner_id, *named))
    step = request.form.get("step", "save")
    if request.method == "POST" and step != "save":
        return _rows_changed(form, step, header, plan)
    if not form.validate_on_submit():
        return _form_page(form, header, plan)
    text = replace(form.text(), target_rung=plan.target_rung, target_year=plan.target_year)
    try:
        version = int(form.version.data) if str(form.version.data).isdecimal() else 0
        use_cases.edit_plan(actor, plan_id, text, version=version, owner_id=form.chosen_owner)
    except RefusedError as error:
        _say(form, error)
        return _form_page(form, header, plan)
    except ChangedMeanwhileError:
        plan = queries.plan_for(actor, plan_id)
        stored = queries.text_of(plan)
        form.adopt(stored, plan.version)
        form.offer_people(queries.possible_people(actor, *[m.responsible_id for m in plan.measures]))
        # Against what saving would now write, so that rows taken in do not look struck out.
        merged = replace(form.text(), target_rung=plan.target_rung, target_year=plan.target_year)
        return _form_page(form, header, plan, compare(stored, merged))
    draft_saved(draft_key(plan.firm_id, plan_id))
    flash(gettext("已保存方案草稿。"), "ok")
    return go_to("support_plans.show", plan_id=plan_id)


def draft_key(firm_id: int, plan_id: int | None) -> str:
    """Under what the browser keeps the draft of this form: by person, so that nobody finds another's."""
    return f"plan:{current_actor().user_id}:{firm_id}:{plan_id or 'new'}"


def _rows_changed(form: PlanForm, step: str, header: Any, plan: SupportPlan | None) -> Any:
    """The form with a row more or less; nothing is saved or checked."""
    form.change_rows(step)
    form.offer_people(queries.possible_people(current_actor(), plan.owner_id if plan else None))
    return _form_page(form, header, plan, added=step.removeprefix("add-") if step.startswith("add-") else "")


def _form_page(
    form: PlanForm, header: Any, plan: SupportPlan | None, clash: Comparison | None = None, added: str = ""
) -> Any:
    problems = form.problems()
    return render_template(
        "support_plans/_form.html" if is_htmx() else "support_plans/edit.html",
        form=form,
        header=header,
        tab="plans",
        plan=plan,
        clash=clash,
        added=added,
        problems=problems,
        draft=draft_key(header.id, plan.id if plan else None),
        typed=request.method == "POST",
    ), 409 if clash else (422 if problems else 200)


def _say(form: PlanForm, error: RefusedError) -> None:
    if error.field in ("target_rung", "target_year"):
        form[error.field].errors = [sentence(error)]
    else:
        form.form_errors.append(sentence(error))
