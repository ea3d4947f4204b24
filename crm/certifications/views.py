"""Pages of certifications: all of one firm with its timeline; record, renew, correct, revoke."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext

from crm.certifications import labels, queries, use_cases
from crm.certifications.forms import CertificationForm, RevokeForm
from crm.certifications.grant_input import GrantOutcome
from crm.certifications.queries import timeline
from crm.clock import today
from crm.domain.access import Permission
from crm.domain.certification import schemes
from crm.domain.errors import ChangedMeanwhileError, CrmError, RefusedError
from crm.firms.queries import FirmHeader, firm_header
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs

blueprint = Blueprint("certifications", __name__)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"certificate_words": labels, "schemes": schemes}


@blueprint.get("/firms/<int:firm_id>/certifications")
@needs(Permission.FIRM_READ)
def of_firm(firm_id: int) -> Any:
    """All certificates of a firm, with the timeline above."""
    actor, on = current_actor(), today()
    return render_template(
        "certifications/of_firm.html",
        header=firm_header(actor, firm_id),
        tab="certifications",
        rows=queries.certificates(actor, firm_id, on),
        timeline=timeline(actor, firm_id, on),
    )


@blueprint.route("/firms/<int:firm_id>/certifications/new", methods=["GET", "POST"])
@needs(Permission.CERTIFICATION_WRITE)
def new(firm_id: int) -> Any:
    """Record a certificate."""
    header = firm_header(current_actor(), firm_id)
    form = CertificationForm()
    form.offer_schemes(is_branch=header.is_branch)
    if request.method == "GET" and request.args.get("scheme") in schemes():
        form.scheme.data = request.args["scheme"]
    if form.validate_on_submit():
        try:
            outcome = use_cases.record_certification(current_actor(), firm_id, form.said())
        except RefusedError as error:
            _say(form, error)
        else:
            return _recorded(header, outcome, gettext("已登记。"))
    return _form_page(form, header)


@blueprint.route("/certifications/<int:certification_id>/renew", methods=["GET", "POST"])
@needs(Permission.CERTIFICATION_WRITE)
def renew(certification_id: int) -> Any:
    """Record the certificate that takes this one's place."""
    former = queries.certificate_for(current_actor(), certification_id)
    header = firm_header(current_actor(), former.firm_id)
    form = CertificationForm()
    form.offer_schemes(is_branch=header.is_branch, only=former.scheme)
    if form.validate_on_submit():
        try:
            outcome = use_cases.renew(current_actor(), certification_id, form.said())
        except RefusedError as error:
            _say(form, error)
        else:
            return _recorded(header, outcome, gettext("已换证。原证书未办的时限已关闭。"))
    return _form_page(form, header, former=queries.certificate_for(current_actor(), certification_id))


@blueprint.route("/certifications/<int:certification_id>/edit", methods=["GET", "POST"])
@needs(Permission.CERTIFICATION_WRITE)
def edit(certification_id: int) -> Any:
    """Correct what was recorded wrongly."""
    row = queries.certificate_for(current_actor(), certification_id)
    header = firm_header(current_actor(), row.firm_id)
    form = CertificationForm(obj=row)
    form.offer_schemes(is_branch=header.is_branch, only=row.scheme)
    if form.validate_on_submit():
        try:
            outcome = use_cases.correct(
                current_actor(), certification_id, form.said(), version=_version(form.version.data)
            )
        except RefusedError as error:
            _say(form, error)
        except ChangedMeanwhileError as error:
            row = queries.certificate_for(current_actor(), certification_id)
            form.version.data = form.version.raw_data = None
            form.version.data = str(row.version)
            form.form_errors.append(sentence(error))
            return _form_page(form, header, stored=row, clash=True)
        else:
            return _recorded(header, outcome, gettext("已更正。"))
    return _form_page(form, header, stored=queries.certificate_for(current_actor(), certification_id))


@blueprint.route("/certifications/<int:certification_id>/revoke", methods=["GET", "POST"])
@needs(Permission.CERTIFICATION_WRITE)
def revoke(certification_id: int) -> Any:
    """End a certificate before its time."""
    row = queries.certificate_for(current_actor(), certification_id)
    header = firm_header(current_actor(), row.firm_id)
    form = RevokeForm(version=str(row.version))
    if form.validate_on_submit() and form.revoked_from.data:
        try:
            use_cases.revoke(
                current_actor(),
                certification_id,
                from_=form.revoked_from.data,
                reason=form.reason.data,
                version=_version(form.version.data),
            )
        except CrmError as error:
            _say(form, error)
        else:
            flash(gettext("已撤销。梯度和时限已随之更新。"), "ok")
            return go_to("certifications.of_firm", firm_id=header.id)
        row = queries.certificate_for(current_actor(), certification_id)
    page = render_template(
        "certifications/revoke.html", header=header, tab="certifications", form=form, row=row
    )
    return page, 422 if form.errors else 200


@blueprint.post("/certifications/<int:certification_id>/restore")
@needs(Permission.CERTIFICATION_WRITE)
def restore(certification_id: int) -> Any:
    """Take a revocation back."""
    row = queries.certificate_for(current_actor(), certification_id)
    firm_id = row.firm_id
    try:
        use_cases.restore(current_actor(), certification_id, version=_version(request.form.get("version")))
        flash(gettext("已恢复。梯度和时限已随之更新。"), "ok")
    except (RefusedError, ChangedMeanwhileError) as error:
        flash(sentence(error), "late")
    return go_to("certifications.of_firm", firm_id=firm_id)


def _version(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _say(form: Any, error: CrmError) -> None:
    """A refusal stands beside its field, or above the form."""
    field = getattr(error, "field", None)
    if field and field in form:
        form[field].errors = [*form[field].errors, sentence(error)]
    else:
        form.form_errors.append(sentence(error))


def _recorded(header: FirmHeader, outcome: GrantOutcome, words: str) -> Any:
    flash(words, "ok")
    for warning in outcome.warnings:
        flash(sentence(warning), "soon")
    return go_to("certifications.of_firm", firm_id=header.id)


def _form_page(
    form: CertificationForm,
    header: FirmHeader,
    *,
    former: Any = None,
    stored: Any = None,
    clash: bool = False,
) -> Any:
    page = render_template(
        "certifications/form.html",
        header=header,
        tab="certifications",
        form=form,
        former=former,
        stored=stored,
        clash=clash,
    )
    return page, 409 if clash else 422 if form.errors else 200
