"""Pages of territories for the administrator: the tree with its leads, units of reporting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template
from flask_babel import gettext

from crm.domain.access import Permission
from crm.domain.errors import RefusedError
from crm.territories import queries, use_cases
from crm.territories.forms import LeadForm, ReportingUnitForm
from crm.territories.models import ReportingUnit
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs

blueprint = Blueprint("territories", __name__)


@blueprint.get("/territories")
@needs(Permission.USER_ADMIN)
def index() -> Any:
    """The tree with codes and leads; units of reporting."""
    actor = current_actor()
    return render_template(
        "territories/index.html",
        lines=queries.outline(actor),
        units=queries.units_within(actor),
        tree=queries.tree(),
        form=LeadForm(),
    )


@blueprint.post("/territories/<int:territory_id>/lead")
@needs(Permission.USER_ADMIN)
def lead(territory_id: int) -> Any:
    """Set who leads a territory."""
    form = LeadForm()
    try:
        use_cases.set_lead(current_actor(), territory_id, form.user_id.data)
    except RefusedError as error:
        flash(sentence(error), "late")
    else:
        flash(gettext("已保存%(name)s的负责人。", name=queries.tree().name(territory_id)), "ok")
    return go_to("territories.index", _anchor=f"territory-{territory_id}")


@blueprint.route("/territories/units/new", methods=["GET", "POST"])
@needs(Permission.USER_ADMIN)
def unit_new() -> Any:
    """A new unit of reporting."""
    return _unit_page(ReportingUnitForm(), None)


@blueprint.route("/territories/units/<int:unit_id>", methods=["GET", "POST"])
@needs(Permission.USER_ADMIN)
def unit(unit_id: int) -> Any:
    """Change a unit of reporting, or take it out of use."""
    row = use_cases.managed_unit(current_actor(), unit_id)
    form = ReportingUnitForm(data=vars(row) | {"parent_codes": row.parent_codes.split()})
    return _unit_page(form, row)


def _unit_page(form: ReportingUnitForm, row: ReportingUnit | None) -> Any:
    actor = current_actor()
    counties = [c for c in queries.tree().counties() if c.path.startswith(actor.territory_path)]
    form.parent_codes.choices = [(county.code, f"{county.name} {county.code}") for county in counties]
    if form.validate_on_submit():
        try:
            saved = use_cases.save_reporting_unit(
                actor,
                row.id if row else None,
                code=form.code.data or "",
                name=form.name.data or "",
                parent_codes=" ".join(form.parent_codes.data or ()),
                is_active=form.is_active.data,
            )
        except RefusedError as error:
            form[error.field or "name"].errors = [sentence(error)]
        else:
            flash(gettext("已保存统计口径 %(name)s。", name=saved.name), "ok")
            return go_to("territories.index", _anchor="units")
    return render_template("territories/unit.html", form=form, unit=row), 422 if form.errors else 200
