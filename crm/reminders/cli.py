"""flask reminders …: what would be sent, send it, what became of it, let this machine send."""

from __future__ import annotations

from datetime import date

import click

from crm.domain.access import Permission, require
from crm.reminders import queries, use_cases
from crm.reminders.demand import demand
from crm.reminders.worker_name import host_name
from crm.web.commands import CrmGroup, acting, as_option, emit, finish_in_part, json_option, on_option

reminders = CrmGroup("reminders", help="提醒")
COMMANDS = [reminders]

_STATES = ("planned", "claimed", "sent", "deferred", "refused", "suppressed", "in_doubt")


@reminders.command("plan")
@on_option
@as_option
@json_option
def plan(on: date, as_name: str | None, as_json: bool) -> None:
    """What would be sent that day; nothing is written."""
    actor = acting(as_name)
    require(actor, Permission.REMINDER_READ)
    wanted = demand(on, actor)
    rows = []
    for reminder in wanted.planned:
        facts, recipient = wanted.facts[reminder.deadline_id], wanted.recipient(reminder)
        if recipient.problem is None:
            rows.append(
                {
                    "recipient": recipient.address,
                    "firm": facts.firm_name,
                    "code": facts.firm_code,
                    "kind": facts.kind,
                    "due_on": reminder.due_on,
                    "lead_days": reminder.lead_days,
                }
            )
    lines = [f"{r['recipient']}  {r['due_on']}  {r['kind']}  {r['lead_days']}  {r['firm']}" for r in rows]
    emit(rows, as_json, "\n".join([*lines, f"{len(rows)}"]))


@reminders.command("dispatch")
@on_option
@json_option
def dispatch(on: date, as_json: bool) -> None:
    """Write what is due that day and send it, as the scheduled task does, whatever the hour."""
    counts = use_cases.dispatch(acting(), on)
    document = {
        "planned": counts.planned,
        "sent": counts.sent,
        "failed": counts.failed,
        "suppressed": counts.suppressed,
    }
    emit(document, as_json, "  ".join(f"{key} {value}" for key, value in document.items()))
    if not counts.is_released:
        click.echo(
            f"{host_name()} mails nobody, the database came from another machine: "
            "run flask reminders release if this one should send",
            err=True,
        )
        finish_in_part()
    if counts.failed:
        finish_in_part()


@reminders.command("list")
@click.option("--state", type=click.Choice(_STATES), default=None)
@as_option
@json_option
def list_(state: str | None, as_name: str | None, as_json: bool) -> None:
    """Reminders with their deliveries."""
    actor = acting(as_name)
    require(actor, Permission.REMINDER_READ)
    rows = queries.all_reminders(actor, state)
    document = [
        {**vars(row), "sent_at": row.sent_at.isoformat(timespec="seconds") if row.sent_at else None}
        for row in rows
    ]
    lines = [f"{r.id}  {r.recipient}  {r.state}  {r.attempts}  {r.reason or ''}".rstrip() for r in rows]
    emit(document, as_json, "\n".join(lines))


@reminders.command("release")
@json_option
def release(as_json: bool) -> None:
    """Let this machine send mail, and end a pause of the channel."""
    hosts = use_cases.release(acting())
    emit({"released": hosts}, as_json, " ".join(hosts))
