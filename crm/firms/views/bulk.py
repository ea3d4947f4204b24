"""Bulk work on the list."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from crm.clock import today
from crm.domain.access import Permission
from crm.domain.errors import RefusedError
from crm.firms import use_cases
from crm.firms.filters import Filters
from crm.firms.views.blueprint import blueprint
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, needs, safe_next


@blueprint.post("/firms/assign")
@needs(Permission.FIRM_ASSIGN)
def assign() -> Any:
    """Hand the ticked firms, or all that the list shows, to a person."""
    back = safe_next(request.form.get("next")) or url_for("firms.index")
    owner = request.form.get("owner_to", "")
    everything = request.form.get("everything") == "1"
    ids = [int(text) for text in request.form.getlist("firm") if text.isascii() and text.isdigit()]
    try:
        if owner != "none" and not owner.isdigit():
            raise RefusedError("owner_id", "owner_unknown")
        result = use_cases.assign_owner(
            current_actor(),
            owner_id=None if owner == "none" else int(owner),
            firm_ids=ids,
            filters=Filters.read(request.form) if everything else None,
            today=today(),
        )
    except RefusedError as error:
        flash(sentence(error), "late")
    else:
        _say(result)
    return redirect(back, code=303)


def _say(result: use_cases.AssignResult) -> None:
    """How many changed, how many were so already, what was refused and why."""
    said = [gettext("已改负责人 %(n)s 家", n=result.changed)]
    if result.same:
        said.append(gettext("本来如此 %(n)s 家", n=result.same))
    flash("，".join(said) + "。", "ok")
    for reason, n in result.refused.items():
        words = {
            "firm_archived": gettext("未改 %(n)s 家：已归档。", n=n),
            "owner_elsewhere": gettext("未改 %(n)s 家：不在该负责人的管辖区域内。", n=n),
            "firm_not_found": gettext("未改 %(n)s 家：没有找到，或不在您的管辖区域内。", n=n),
        }
        flash(words[reason] + " " + "、".join(result.refused_firms[:5]), "soon")
