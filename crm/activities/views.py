"""Pages of activities: the visit form, the firm's list, the picker behind 记一次服务."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from crm.activities import labels, queries, use_cases
from crm.activities.forms import ActivityForm
from crm.clock import today
from crm.domain.access import Permission
from crm.domain.errors import ChangedMeanwhileError, RefusedError
from crm.firms.queries import find_firms, firm_header, first_contact
from crm.territories.queries import tree
from crm.web.saved_drafts import draft_saved, take_saved_draft
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs, safe_next

blueprint = Blueprint("activities", __name__)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "activity_words": labels,
        "saved_draft": take_saved_draft,
        "tree": tree,
    }


@blueprint.get("/activities/new")
@needs(Permission.ACTIVITY_WRITE)
def start() -> Any:
    """Which firm was it? One hit of a search leads straight to the form."""
    actor = current_actor()
    wanted = request.args.get("q", "").strip()[:80]
    found = find_firms(actor, wanted, limit=20) if wanted else None
    if found is not None and found.total == 1 and request.args.get("go") == "1":
        return redirect(url_for("activities.new", firm_id=found.firms[0].id))
    visited = [] if wanted else queries.lately_visited(actor)
    return render_template("activities/start.html", wanted=wanted, found=found, visited=visited)


@blueprint.get("/firms/<int:firm_id>/activities")
@needs(Permission.ACTIVITY_READ)
def of_firm(firm_id: int) -> Any:
    """Services rendered to one firm."""
    actor = current_actor()
    header = firm_header(actor, firm_id)
    kind = request.args.get("kind", "")
    kind = kind if kind in labels.KINDS else ""
    page = queries.page_of_activities(actor, firm_id, kind=kind, after=request.args.get("after"))
    return render_template(
        "activities/of_firm.html",
        header=header,
        tab="activities",
        page=page,
        kind=kind,
        is_first=not request.args.get("after"),
        me=actor.user_id,
    )


@blueprint.route("/firms/<int:firm_id>/activities/new", methods=["GET", "POST"])
@needs(Permission.ACTIVITY_WRITE)
def new(firm_id: int) -> Any:
    """Log a service."""
    actor = current_actor()
    header = firm_header(actor, firm_id)
    form = ActivityForm()
    draft = f"activity:{actor.user_id}:{firm_id}:new"
    if request.method == "GET":
        form.happened_on.data, form.form_key.data = today(), secrets.token_hex(16)
    elif form.validate_on_submit():
        try:
            row = use_cases.log_activity(
                actor, firm_id, form.said(today()), form_key=(form.form_key.data or "")[:40] or None
            )
        except RefusedError as error:
            _say(form, error)
        else:
            draft_saved(draft)
            flash(_saved_words(row.happened_on.isoformat(), header.name), "ok")
            return go_to("activities.of_firm", firm_id=firm_id)
    return _form_page(form, header, draft, None)


@blueprint.route("/activities/<int:activity_id>/edit", methods=["GET", "POST"])
@needs(Permission.ACTIVITY_WRITE)
def edit(activity_id: int) -> Any:
    """Correct one's own record."""
    actor = current_actor()
    row = queries.activity_for(actor, activity_id)
    header = firm_header(actor, row.firm_id)
    if row.user_id != actor.user_id:
        flash(sentence(RefusedError(None, "activity_not_own")), "late")
        return go_to("activities.of_firm", firm_id=row.firm_id)
    form = ActivityForm(obj=row)
    draft = f"activity:{actor.user_id}:{row.firm_id}:{activity_id}"
    if request.method == "GET":
        form.version.data = str(row.version)
    elif form.validate_on_submit():
        try:
            version = int(form.version.data) if str(form.version.data).isdecimal() else 0
            use_cases.correct_activity(actor, activity_id, form.said(today()), version=version)
        except RefusedError as error:
            _say(form, error)
        except ChangedMeanwhileError as error:
            stored = queries.activity_for(actor, activity_id)
            form.version.data = str(stored.version)
            form.form_errors.append(sentence(error))
            return _form_page(form, header, draft, stored, clash=True)
        else:
            draft_saved(draft)
            flash(_saved_words(row.happened_on.isoformat(), header.name), "ok")
            return go_to("activities.of_firm", firm_id=row.firm_id)
    return _form_page(form, header, draft, row)


@blueprint.post("/activities/<int:activity_id>/done")
@needs(Permission.ACTIVITY_WRITE)
def done(activity_id: int) -> Any:
    """Tick off a next step."""
    row = use_cases.finish_next_step(current_actor(), activity_id, today())
    flash(gettext("已办结：%(step)s", step=row.next_step), "ok")
    target = safe_next(request.form.get("next"))
    return redirect(target or url_for("activities.of_firm", firm_id=row.firm_id), code=303)


def _form_page(form: ActivityForm, header: Any, draft: str, row: Any, *, clash: bool = False) -> Any:
    has_errors = bool(form.errors)
    return render_template(
        "activities/new.html",
        form=form,
        header=header,
        draft=draft,
        row=row,
        clash=clash,
        contact=first_contact(header.id),
        typed=request.method == "POST",
    ), 409 if clash else (422 if has_errors else 200)


def _say(form: ActivityForm, error: RefusedError) -> None:
    if error.field and error.field in form:
        form[error.field].errors = [sentence(error)]
    else:
        form.form_errors.append(sentence(error))


def _saved_words(day: str, name: str) -> str:
    return gettext("已保存 %(day)s 对 %(name)s 的服务记录。", day=day, name=name)
