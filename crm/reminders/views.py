"""Pages of reminders: who will hear, what went out, what waits for a person, the rules, the local outbox."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, render_template, request
from flask_babel import gettext

from crm.clock import today, utc_now
from crm.deadlines.labels import KIND_WORDS, WEEKDAYS
from crm.domain.access import Permission
from crm.domain.errors import CrmError, NotFoundError, RefusedError
from crm.domain.working_days import official_calendar
from crm.mail.transport import MailUrl
from crm.reminders import labels, outbox, queries, use_cases
from crm.reminders.day_view import LINES_A_PAGE, preview_for_day
from crm.reminders.forms import DismissForm, PolicyForm
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs

blueprint = Blueprint("reminders", __name__)

_FURTHEST = timedelta(days=400)
# A mail's HTML is shown as written, in a frame that runs nothing and fetches nothing.
_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "kind_words": KIND_WORDS,
        "words": labels,
        "weekdays": WEEKDAYS,
        "has_outbox": _has_outbox(),
    }


@blueprint.get("/reminders")
@needs(Permission.REMINDER_READ)
def index() -> Any:
    """Who will hear what on a day."""
    actor, on = current_actor(), today()
    day = _day(request.args.get("day"), on)
    page = max(request.args.get("page", 1, type=int), 1)
    view = preview_for_day(actor, day, on, chosen=request.args.get("to"), page=page)
    return render_template(
        "reminders/plan.html",
        tab="plan",
        view=view,
        on=on,
        page=page,
        pages=-(-view.chosen.count // LINES_A_PAGE) if view.chosen else 0,
        earlier=_working_day(day, -1),
        later=_working_day(day, 1),
        next_working_day=_working_day(on, 1),
        waiting=queries.waiting_count(actor),
        channel=queries.mail_channel(),
        now=utc_now(),
    )


@blueprint.get("/reminders/sent")
@needs(Permission.REMINDER_READ)
def sent() -> Any:
    """Mails with state, reason and attempts, newest first."""
    actor = current_actor()
    state = request.args.get("state", "")
    state = state if state in labels.STATE_WORDS else ""
    channel = request.args.get("channel", "")
    channel = channel if channel in labels.CHANNEL_WORDS else ""
    rows = queries.mails(
        actor,
        states=[state] if state else [],
        channel=channel or None,
        before=request.args.get("before", type=int),
    )
    return render_template(
        "reminders/sent.html",
        tab="sent",
        rows=rows[: queries.PAGE],
        more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
        state=state,
        channel=channel,
        waiting=queries.waiting_count(actor),
    )


@blueprint.get("/reminders/waiting")
@needs(Permission.REMINDER_READ)
def waiting() -> Any:
    """What no worker can settle: mails refused or in doubt, firms that nobody can write to."""
    actor = current_actor()
    rows = queries.mails(
        actor, states=queries.WAITING_FOR_A_PERSON, before=request.args.get("before", type=int)
    )
    return render_template(
        "reminders/waiting.html",
        tab="waiting",
        rows=rows[: queries.PAGE],
        more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
        held_back=queries.held_back(actor),
        waiting=queries.waiting_count(actor),
    )


@blueprint.get("/reminders/mails/<int:delivery_id>")
@needs(Permission.REMINDER_READ)
def mail(delivery_id: int) -> Any:
    """One mail as it was sent, what it spoke of, every attempt."""
    page = queries.mail_for(current_actor(), delivery_id)
    return render_template("reminders/mail.html", page=page, form=DismissForm())


@blueprint.get("/reminders/mails/<int:delivery_id>/html")
@needs(Permission.REMINDER_READ)
def mail_html(delivery_id: int) -> Any:
    """The HTML body for the frame of the page above."""
    return _frame(queries.mail_for(current_actor(), delivery_id).body_html)


@blueprint.post("/reminders/mails/<int:delivery_id>/resend")
@needs(Permission.REMINDER_SETTLE)
def resend(delivery_id: int) -> Any:
    """Send again with the same Message-ID."""
    return _settled(
        delivery_id, lambda: use_cases.resend(current_actor(), delivery_id), gettext("已排入重新发送。")
    )


@blueprint.post("/reminders/mails/<int:delivery_id>/hold")
@needs(Permission.REMINDER_SETTLE)
def hold(delivery_id: int) -> Any:
    """Try no more for now."""
    return _settled(
        delivery_id, lambda: use_cases.hold(current_actor(), delivery_id), gettext("已暂缓，不再自动重试。")
    )


@blueprint.post("/reminders/mails/<int:delivery_id>/dismiss")
@needs(Permission.REMINDER_SETTLE)
def dismiss(delivery_id: int) -> Any:
    """Settle without a mail, saying how the people were told."""
    note = str(DismissForm().note.data or "")
    return _settled(
        delivery_id,
        lambda: use_cases.dismiss(current_actor(), delivery_id, note),
        gettext("已记为人工处理。"),
    )


def _settled(delivery_id: int, act: Any, said: str) -> Any:
    try:
        act()
        flash(said, "ok")
    except RefusedError as error:
        flash(sentence(error), "late")
    return go_to("reminders.mail", delivery_id=delivery_id)


@blueprint.get("/reminders/policies")
@needs(Permission.REMINDER_READ)
def policies() -> Any:
    """Which kinds have which leads by which channel."""
    actor = current_actor()
    return render_template(
        "reminders/policies.html",
        tab="policies",
        policies=queries.policies(),
        lead_entries=_lead_entries,
        waiting=queries.waiting_count(actor),
    )


@blueprint.route("/reminders/policies/<int:policy_id>", methods=["GET", "POST"])
@needs(Permission.REMINDER_POLICY)
def policy(policy_id: int) -> Any:
    """Change leads; where a new one would be late for some, the choice is asked for first."""
    row = next((row for row in queries.policies() if row.id == policy_id), None)
    if row is None:
        raise NotFoundError("reminder_policy", policy_id)
    form = PolicyForm()
    late = 0
    if request.method == "GET":
        form.leads.data = ", ".join(str(lead) for lead, _ in _lead_entries(row))
        form.is_active.data, form.version.data = row.is_active, row.version
    elif form.validate_on_submit():
        try:
            use_cases.change_policy(
                current_actor(),
                policy_id,
                version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
                leads=form.lead_days(),
                is_active=form.is_active.data,
                today=today(),
                reach=form.reach.data or None,
            )
        except CrmError as error:
            form.leads.errors = [sentence(error)]
            late = int(getattr(error, "values", {}).get("late", 0))
        else:
            flash(gettext("已保存提醒规则：%(kind)s。", kind=str(KIND_WORDS[row.kind])), "ok")
            return go_to("reminders.policies")
    return render_template(
        "reminders/policy.html", form=form, policy=row, late=late
    ), 422 if form.errors else 200


@blueprint.get("/outbox")
@needs(Permission.REMINDER_READ)
def outbox_index() -> Any:
    """Mails of the installation without a relay, newest first."""
    _require_outbox()
    rows, more = outbox.mails(current_actor(), _outbox_dir(), before=request.args.get("before"))
    return render_template("reminders/outbox.html", rows=rows, more=more)


@blueprint.get("/outbox/<mail_id>")
@needs(Permission.REMINDER_READ)
def outbox_mail(mail_id: str) -> Any:
    """One mail of the outbox: headers, text and HTML."""
    _require_outbox()
    found = outbox.mail(current_actor(), _outbox_dir(), mail_id)
    return render_template("reminders/outbox_mail.html", mail=found, mail_id=mail_id)


@blueprint.get("/outbox/<mail_id>/html")
@needs(Permission.REMINDER_READ)
def outbox_html(mail_id: str) -> Any:
    """The HTML body for the frame of the page above."""
    _require_outbox()
    return _frame(outbox.mail(current_actor(), _outbox_dir(), mail_id).html)


def _frame(html: str) -> Response:
    answer = Response(html or "<!doctype html>", mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _FRAME_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _has_outbox() -> bool:
    return MailUrl.parse(current_app.config["CRM"].mail_url).scheme == "outbox"


def _require_outbox() -> None:
    if not _has_outbox():
        raise NotFoundError("outbox", None)


def _outbox_dir() -> Any:
    return current_app.config["CRM"].outbox_dir


def _lead_entries(policy: Any) -> list[tuple[int, date | None]]:
    """Leads with the day from which one that does not reach back counts."""
    entries = [
        (entry, None) if isinstance(entry, int) else (entry[0], date.fromisoformat(entry[1]))
        for entry in policy.leads
    ]
    return sorted(entries, reverse=True, key=lambda entry: entry[0])


def _day(text: str | None, on: date) -> date:
    """The day asked for; else today, or the next working day."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return on if official_calendar().is_working_day(on) else _working_day(on, 1)
    return min(max(day, on - _FURTHEST), on + _FURTHEST)


def _working_day(day: date, step: int) -> date:
    """The next working day in that direction."""
    calendar = official_calendar()
    day += timedelta(days=step)
    while not calendar.is_working_day(day):
        day += timedelta(days=step)
    return day
