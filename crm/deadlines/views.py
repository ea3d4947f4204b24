"""Pages of deadlines: month and list with the heat above, one deadline, those of a firm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from crm.accounts.queries import possible_owners
from crm.clock import today
from crm.deadlines import calendar, labels, queries, use_cases
from crm.deadlines.filters import DeadlineFilters
from crm.deadlines.forewarning import forewarning
from crm.deadlines.forms import DoneForm, WaiveForm
from crm.deadlines.models import Deadline
from crm.domain.access import Actor, Permission
from crm.domain.errors import ChangedMeanwhileError, CrmError, RefusedError
from crm.firms.queries import firm_header
from crm.reminders.labels import CHANNEL_WORDS
from crm.territories.queries import tree
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, needs, safe_next

blueprint = Blueprint("deadlines", __name__)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "deadline_words": labels,
        "channel_words": CHANNEL_WORDS,
        "tree": tree,
        "here": _here,
        "one_week": timedelta(days=7),
    }


@blueprint.get("/deadlines")
@needs(Permission.DEADLINE_READ)
def index() -> Any:
    """The cliff first, then the month or the list, then one day."""
    actor, on = current_actor(), today()
    filters = DeadlineFilters.read(request.args)
    counts = queries.state_counts(actor, filters, on)
    context: dict[str, Any] = {
        "filters": filters,
        "counts": counts,
        "heat": calendar.heat(actor, filters, on),
        "owners": possible_owners(actor),
        "districts": _districts(actor),
        "go": lambda **changes: url_for("deadlines.index", **filters.address(**changes)),
        "parameters": filters.address,
    }
    if filters.view == "list":
        context["page"] = queries.deadline_page(
            actor,
            filters,
            on,
            total=counts[filters.state],
            after=request.args.get("after"),
            before=request.args.get("before"),
        )
    else:
        context |= _month(actor, filters, on, context["heat"].next_day or on)
    return render_template(f"deadlines/{filters.view}.html", **context)


def _month(actor: Actor, filters: DeadlineFilters, on: date, otherwise: date) -> dict[str, Any]:
    """A month and one of its days; unless one was chosen, that of the next thing due."""
    first = filters.first_of_month(otherwise)
    days = calendar.month(actor, filters, first, on)
    chosen = filters.day or _nearest(days, first, on)
    return {
        "first": first,
        "days": days,
        "chosen": chosen,
        "earlier": (first - timedelta(days=1)).strftime("%Y-%m"),
        "later": (first + timedelta(days=31)).strftime("%Y-%m"),
        "panel": calendar.day_panel(actor, filters, chosen, on),
        "forewarning": forewarning(actor, filters, chosen, on),
    }


def _nearest(days: list[calendar.CalendarDay], first: date, on: date) -> date:
    """The day shown beside the month where none was chosen: the next one with something due."""
    busy = [day.day for day in days if day.in_month and day.events]
    ahead = [day for day in busy if day >= on]
    if ahead or busy:
        return (ahead or busy)[0]
    return on if (on.year, on.month) == (first.year, first.month) else first


@blueprint.get("/deadlines/<int:deadline_id>")
@needs(Permission.DEADLINE_READ)
def show(deadline_id: int) -> Any:
    """One deadline: what it comes from, what became of it."""
    return _page(deadline_id, DoneForm(done_on=today()), WaiveForm())


@blueprint.get("/firms/<int:firm_id>/deadlines")
@needs(Permission.DEADLINE_READ)
def of_firm(firm_id: int) -> Any:
    """All deadlines of a firm."""
    actor = current_actor()
    header = firm_header(actor, firm_id)
    rows = queries.deadlines_of_firm(actor, firm_id)
    return render_template("deadlines/of_firm.html", header=header, tab="deadlines", rows=rows)


@blueprint.post("/deadlines/<int:deadline_id>/done")
@needs(Permission.DEADLINE_SETTLE)
def done(deadline_id: int) -> Any:
    """Mark as done, with date and evidence."""
    form = DoneForm()
    queries.deadline_for(current_actor(), deadline_id)
    if form.validate_on_submit() and form.done_on.data:
        try:
            row = use_cases.settle_done(
                current_actor(),
                deadline_id,
                done_on=form.done_on.data,
                evidence=form.evidence.data,
                version=_version(form.version.data),
            )
            return _settled(row, gettext("已办结：%(kind)s。", kind=labels.KIND_WORDS[row.kind]))
        except (RefusedError, ChangedMeanwhileError) as error:
            _say(form, error)
    return _page(deadline_id, form, WaiveForm(formdata=None)), 422


@blueprint.post("/deadlines/<int:deadline_id>/waive")
@needs(Permission.DEADLINE_SETTLE)
def waive(deadline_id: int) -> Any:
    """Excuse from it, with a reason."""
    form = WaiveForm()
    queries.deadline_for(current_actor(), deadline_id)
    if form.validate_on_submit():
        try:
            row = use_cases.waive(
                current_actor(), deadline_id, reason=form.reason.data, version=_version(form.version.data)
            )
            return _settled(row, gettext("已免办：%(kind)s。", kind=labels.KIND_WORDS[row.kind]))
        except (RefusedError, ChangedMeanwhileError) as error:
            _say(form, error)
    return _page(deadline_id, DoneForm(formdata=None, done_on=today()), form), 422


@blueprint.post("/deadlines/<int:deadline_id>/reopen")
@needs(Permission.DEADLINE_SETTLE)
def reopen(deadline_id: int) -> Any:
    """Take a settlement back."""
    try:
        row = use_cases.reopen(current_actor(), deadline_id, version=_version(request.form.get("version")))
    except (RefusedError, ChangedMeanwhileError) as error:
        flash(sentence(error), "late")
        return redirect(url_for("deadlines.show", deadline_id=deadline_id), code=303)
    return _settled(row, gettext("已重新打开：%(kind)s。", kind=labels.KIND_WORDS[row.kind]))


def _page(deadline_id: int, done_form: DoneForm, waive_form: WaiveForm) -> str:
    actor = current_actor()
    row = queries.deadline_row(actor, deadline_id)
    return render_template(
        "deadlines/show.html",
        row=row,
        header=firm_header(actor, row.firm_id),
        tab="deadlines",
        done_form=done_form,
        waive_form=waive_form,
    )


def _settled(row: Deadline, words: str) -> Any:
    flash(words, "ok")
    back = safe_next(request.form.get("next")) or url_for("deadlines.of_firm", firm_id=row.firm_id)
    return redirect(back, code=303)


def _say(form: Any, error: CrmError) -> None:
    field = getattr(error, "field", None)
    if field and field in form:
        form[field].errors = [*form[field].errors, sentence(error)]
    else:
        form.form_errors.append(sentence(error))


def _districts(actor: Actor) -> list[Any]:
    """Counties to choose from; none where the actor has only one."""
    within = [node for node in tree().counties() if tree().is_within(node.id, actor.territory_path)]
    return within if len(within) > 1 else []


def _here() -> str:
    """This page's own address, to come back to after a settlement."""
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def _version(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
