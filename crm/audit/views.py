"""The audit trail, a firm's history, and what the chain proves."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext

from crm.audit import labels, queries, use_cases
from crm.celery_app import nudge
from crm.domain.access import Permission
from crm.domain.errors import RefusedError
from crm.firms.queries import firm_header
from crm.web.signed_in import current_actor, go_to, needs

blueprint = Blueprint("audit", __name__)
_LARGEST = 2**63 - 1
# About two seconds; nobody waits longer for a page.
WALKED_AT_ONCE = 30_000


def _day(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RefusedError(name, "date_unreadable", text=text) from error


def _number(name: str) -> int | None:
    """A whole number of the address that a database can hold; anything else counts as not given."""
    text = request.args.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and int(text) <= _LARGEST else None


def _keys() -> dict[str, int | None]:
    return {"before": _number("before"), "after": _number("after")}


@blueprint.get("/audit")
@needs(Permission.AUDIT_READ)
def index() -> Any:
    """Who did what, when and from where."""
    said = request.args
    filters = queries.Filters(
        who=said.get("who", ""),
        action=said.get("action", ""),
        first=_day("first"),
        last=_day("last"),
        firm=said.get("firm", "").strip()[:80],
    )
    actor = current_actor()
    return render_template(
        "audit/index.html",
        page=queries.trail(actor, filters, **_keys()),
        filters=filters,
        empty_filters=queries.Filters(),
        actions=labels.ACTIONS,
        actors=queries.actors(actor),
        head=queries.head(),
    )


@blueprint.get("/audit/verify")
@needs(Permission.AUDIT_READ)
def verify() -> Any:
    """The head of the chain, what it proves, and whether a head printed earlier is still in it."""
    printed = request.args.get("hash", "").strip()
    number = _number("seal")
    found = queries.still_in_chain(number, printed) if printed and number is not None else None
    return _chain_page(printed=printed, number=number, found=found)


@blueprint.post("/audit/verify")
@needs(Permission.AUDIT_READ)
def verify_now() -> Any:
    """Walk the whole chain now; a long one is walked by a worker, whose finding the page shows."""
    head = queries.head()
    if head is not None and head.seal_no > WALKED_AT_ONCE:
        nudge("crm.audit.verify")
        flash(gettext("已交给后台核验。链较长，完成后刷新本页可见结果。"), "run")
        return go_to("audit.verify")
    return _chain_page(report=use_cases.verify())


def _chain_page(**shown: Any) -> Any:
    return render_template(
        "audit/verify.html",
        head=queries.head(),
        run=queries.nightly_run(),
        faults=labels.CHAIN_FAULTS,
        **shown,
    )


@blueprint.get("/firms/<int:firm_id>/history")
@needs(Permission.FIRM_READ)
def of_firm(firm_id: int) -> Any:
    """What was done with a firm, as sentences."""
    header = firm_header(current_actor(), firm_id)
    page = queries.of_firm(firm_id, **_keys())
    return render_template("firms/history.html", header=header, tab="history", page=page)
