"""People of a firm: masked until somebody asks, and then it is on record who did."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template
from flask_babel import gettext

from crm.domain.access import Permission
from crm.domain.errors import RefusedError
from crm.firms import forms, queries, use_cases
from crm.firms.models import Contact
from crm.firms.views.blueprint import blueprint
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, is_htmx, needs


@blueprint.route("/firms/<int:firm_id>/contacts/new", methods=["GET", "POST"])
@needs(Permission.FIRM_WRITE)
def contact_new(firm_id: int) -> Any:
    """Add a contact."""
    form = forms.ContactForm()
    if form.validate_on_submit():
        try:
            use_cases.add_contact(
                current_actor(),
                firm_id,
                name=form.contact_name.data,
                phone=form.phone.data,
                email=form.email.data,
            )
        except RefusedError as error:
            form[error.field or "contact_name"].errors = [sentence(error)]
        else:
            flash(gettext("已新增联系人。"), "ok")
            return go_to("firms.show", firm_id=firm_id)
    return _page(form, firm_id, None)


@blueprint.route("/contacts/<int:contact_id>", methods=["GET", "POST"])
@needs(Permission.FIRM_WRITE)
def contact_edit(contact_id: int) -> Any:
    """Change a contact; phone and mail stay as they are unless typed anew."""
    contact = queries.contact_for(current_actor(), contact_id)
    form = forms.ContactForm()
    if form.validate_on_submit():
        try:
            use_cases.edit_contact(
                current_actor(),
                contact_id,
                name=form.contact_name.data,
                phone=form.phone.data,
                email=form.email.data,
                is_primary=form.is_primary.data,
                clear_phone=form.clear_phone.data,
                clear_email=form.clear_email.data,
            )
        except RefusedError as error:
            form[error.field or "contact_name"].errors = [sentence(error)]
        else:
            flash(gettext("已保存联系人。"), "ok")
            return go_to("firms.show", firm_id=contact.firm_id)
    elif not form.is_submitted():
        form.contact_name.data = contact.name
        form.is_primary.data = contact.is_primary
    return _page(form, contact.firm_id, contact)


@blueprint.post("/contacts/<int:contact_id>/remove")
@needs(Permission.FIRM_WRITE)
def contact_remove(contact_id: int) -> Any:
    """Remove a contact."""
    firm_id = use_cases.remove_contact(current_actor(), contact_id)
    flash(gettext("已删除联系人。"), "ok")
    return go_to("firms.show", firm_id=firm_id)


@blueprint.post("/contacts/<int:contact_id>/reveal")
@needs(Permission.CONTACT_REVEAL)
def contact_reveal(contact_id: int) -> Any:
    """Phone and mail in full: in place, or on a page of its own without script."""
    contact = use_cases.reveal_contact(current_actor(), contact_id)
    if is_htmx():
        return render_template("firms/_contact.html", contact=contact, revealed=True)
    header = queries.firm_header(current_actor(), contact.firm_id)
    return render_template("firms/contact.html", header=header, tab="overview", contact=contact)


def _page(form: forms.ContactForm, firm_id: int, contact: Contact | None) -> Any:
    header = queries.firm_header(current_actor(), firm_id)
    page = render_template(
        "firms/contact_form.html", form=form, header=header, tab="overview", contact=contact
    )
    return page, 422 if form.errors else 200
