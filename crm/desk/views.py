"""The first screen: what to do now."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from crm.clock import today
from crm.deadlines.labels import KIND_WORDS
from crm.desk import queries
from crm.domain.access import Permission
from crm.web.signed_in import current_actor, needs

blueprint = Blueprint("desk", __name__)


@blueprint.get("/")
@needs(Permission.DESK_READ)
def index() -> Any:
    """Today and overdue first, then this week; one's own firms unless asked for all."""
    actor = current_actor()
    owns = queries.owns_firms(actor)
    scope = request.args.get("scope") or ("mine" if owns else "all")
    order = request.args.get("by", "act")
    desk = queries.desk(actor, today(), mine=scope == "mine" and owns)
    return render_template(
        "desk/index.html", desk=desk, scope=scope, owns=owns, by=order, kind_words=KIND_WORDS
    )
