"""The list, the search box, the overview of a firm."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from crm.certifications import queries as certifications
from crm.clock import today
from crm.domain.access import Permission
from crm.firms import forms, listing, queries, searching
from crm.firms.filters import DUE_CHOICES, Filters
from crm.firms.list_words import chips, owner_choices, places, views
from crm.firms.overview import overview
from crm.firms.views.blueprint import blueprint
from crm.territories.queries import tree
from crm.web.signed_in import current_actor, needs


@blueprint.get("/firms")
@needs(Permission.FIRM_READ)
def index() -> Any:
    """The list; everything shown stands in the address."""
    actor, filters = current_actor(), Filters.read(request.args)
    page = listing.firm_page(
        actor, filters, today(), after=request.args.get("after"), before=request.args.get("before")
    )
    return render_template(
        "firms/index.html",
        filters=filters,
        page=page,
        chips=chips(actor, filters, page.counts),
        views=views(filters, page.views),
        owners=owner_choices(actor),
        places=places(actor),
        due_choices=DUE_CHOICES,
        tree=tree(),
        page_size=listing.PAGE,
    )


@blueprint.get("/firms/find")
@needs(Permission.FIRM_READ)
def search() -> Any:
    """Lines under the search box while one types."""
    text = request.args.get("q", "")[:80]
    result = searching.find(current_actor(), text, counted=False)
    return render_template("firms/_found.html", result=result, text=text, tree=tree())


@blueprint.get("/firms/<int:firm_id>")
@needs(Permission.FIRM_READ)
def show(firm_id: int) -> Any:
    """Overview of a firm."""
    actor = current_actor()
    header = queries.firm_header(actor, firm_id)
    return render_template(
        "firms/show.html",
        header=header,
        tab="overview",
        firm=queries.firm_for(actor, firm_id),
        overview=overview(firm_id),
        contacts=queries.contacts_of(firm_id),
        former_names=queries.former_names_of(firm_id),
        timeline=certifications.timeline(actor, firm_id, today()),
        reason_form=forms.ReasonForm(),
    )
