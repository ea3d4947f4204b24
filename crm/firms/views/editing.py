"""A new firm, a changed one, archiving."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext

from crm.domain.access import Permission
from crm.domain.errors import ChangedMeanwhileError, RefusedError
from crm.firms import forms, queries, use_cases
from crm.firms.views.blueprint import blueprint
from crm.web.error_pages import refused_to_flash
from crm.web.signed_in import current_actor, go_to, needs


@blueprint.route("/firms/new", methods=["GET", "POST"])
@needs(Permission.FIRM_WRITE)
def new() -> Any:
    """A new firm."""
    form = forms.firm_form(current_actor())
    taken = None
    if form.validate_on_submit():
        try:
            firm = use_cases.create_firm(current_actor(), form.columns())
        except RefusedError as error:
            form.refuse(error)
            taken = error.values.get("firm_id")
        else:
            flash(gettext("已新增 %(name)s。", name=firm.name), "ok")
            return go_to("firms.show", firm_id=firm.id)
    page = render_template(
        "firms/form.html", form=form, firm=None, taken=taken, changed=[], fields=forms.HNTE_FIELDS
    )
    return page, 422 if form.errors else 200


@blueprint.route("/firms/<int:firm_id>/edit", methods=["GET", "POST"])
@needs(Permission.FIRM_WRITE)
def edit(firm_id: int) -> Any:
    """Change a firm; who saves second sees field by field what the first one did, and loses nothing."""
    actor = current_actor()
    firm = queries.firm_for(actor, firm_id)
    form = forms.firm_form(actor, firm)
    changed: list[forms.Difference] = []
    taken, status = None, 200
    if form.is_submitted():
        forms.take_theirs(form, firm, request.form.getlist("theirs"))
    if form.validate_on_submit():
        try:
            firm = use_cases.edit_firm(
                actor,
                firm_id,
                version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
                values=form.columns(),
                seen=form.seen_columns(),
                renamed_on=form.renamed_day(),
                is_correction=form.is_correction.data,
            )
        except ChangedMeanwhileError as error:
            firm = queries.firm_for(actor, firm_id)
            changed = forms.comparison(form, firm, error.changed)
            forms.remember(form, firm)
            status = 409
        except RefusedError as error:
            form.refuse(error)
            taken = error.values.get("firm_id")
        else:
            flash(gettext("已保存 %(name)s。", name=firm.name), "ok")
            return go_to("firms.show", firm_id=firm_id)
    page = render_template(
        "firms/form.html", form=form, firm=firm, taken=taken, changed=changed, fields=forms.HNTE_FIELDS
    )
    return page, 422 if form.errors else status


@blueprint.post("/firms/<int:firm_id>/archive")
@needs(Permission.FIRM_WRITE)
def archive(firm_id: int) -> Any:
    """Archive with a reason."""
    try:
        firm = use_cases.archive_firm(current_actor(), firm_id, reason=request.form.get("reason", ""))
    except RefusedError as error:
        return refused_to_flash(error, "firms.show", firm_id=firm_id)
    flash(gettext("已归档 %(name)s，可随时恢复。", name=firm.name), "ok")
    return go_to("firms.show", firm_id=firm_id)


@blueprint.post("/firms/<int:firm_id>/restore")
@needs(Permission.FIRM_WRITE)
def restore(firm_id: int) -> Any:
    """Bring an archived firm back."""
    try:
        firm = use_cases.restore_firm(current_actor(), firm_id, reason=request.form.get("reason", ""))
    except RefusedError as error:
        return refused_to_flash(error, "firms.show", firm_id=firm_id)
    flash(gettext("已恢复 %(name)s。", name=firm.name), "ok")
    return go_to("firms.show", firm_id=firm_id)
