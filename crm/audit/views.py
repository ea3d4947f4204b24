"""The audit trail, a firm's history, and what the chain proves."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from crm.audit import labels, queries, use_cases
from crm.domain.access import Permission
from crm.domain.errors import RefusedError
from crm.firms.queries import firm_header
from crm.web.signed_in import current_actor, needs

blueprint = Blueprint("audit", __name__)


def _day(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RefusedError(name, "date_unreadable", text=text) from error


def _keys() -> dict[str, int | None]:
    return {"before": request.args.get("before", type=int), "after": request.args.get("after", type=int)}


@blueprint.get("/audit")
@needs(Permission.AUDIT_READ)
def index() -> Any:
    """Who did what, when and from where."""
    filters = queries.Filters(
        request.args.get("who", ""), request.args.get("action", ""), _day("first"), _day("last")
    )
    return render_template(
        "audit/index.html",
        page=queries.trail(current_actor(), filters, **_keys()),
        filters=filters,
        actions=labels.ACTIONS,
        actors=queries.actors(),
        head=queries.head(),
    )


@blueprint.get("/audit/verify")
@needs(Permission.AUDIT_READ)
def verify() -> Any:
    """Walk the chain and say what it proves."""
    return render_template("audit/verify.html", report=use_cases.verify(), head=queries.head())


@blueprint.get("/firms/<int:firm_id>/history")
@needs(Permission.FIRM_READ)
def of_firm(firm_id: int) -> Any:
    """What was done with a firm, as sentences."""
    header = firm_header(current_actor(), firm_id)
    page = queries.of_firm(firm_id, **_keys())
    return render_template("firms/history.html", header=header, tab="history", page=page)
